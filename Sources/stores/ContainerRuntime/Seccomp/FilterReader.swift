/// Reads a filter's answers for one architecture out of its instructions.
struct FilterReader {
    /// Why there is no one answer for a range of numbers.
    enum Obstacle: Error {
        /// The numbers below this one have another.
        case differs(from: UInt32)
        /// The filter does what isn't understood here, or takes too long to say.
        case unclear
    }

    let program: [FilterInstruction]
    /// nil stands for every architecture that isn't among `known`.
    let architecture: UInt32?
    let known: [UInt32]
    /// How many questions an answer may have: some filters ask each argument about everything.
    private static let mostQuestions = 512

    /// What the accumulator holds.
    private enum Held {
        case nothing, number, architecture
        case word(FilterWord)
    }

    /// The answers, by the first numbers that they are for, in order.
    func answers() throws(Obstacle) -> [(first: UInt32, answer: FilterAnswer)] {
        var found: [(first: UInt32, answer: FilterAnswer)] = []
        var waiting: [ClosedRange<UInt32>] = [0...UInt32.max]
        while let numbers = waiting.popLast() {
            do throws(Obstacle) {
                let answer = try answer(to: numbers)
                if found.last?.answer != answer { found.append((numbers.lowerBound, answer)) }
            } catch {
                guard case .differs(let first) = error else { throw error }
                waiting.append(first...numbers.upperBound)
                waiting.append(numbers.lowerBound...first - 1)
            }
        }
        return found
    }

    /// The one answer to all of these numbers.
    private func answer(to numbers: ClosedRange<UInt32>) throws(Obstacle) -> FilterAnswer {
        var questions = 0
        return try follow(from: 0, .nothing, numbers, &questions)
    }

    private func follow(
        from start: Int,
        _ given: Held,
        _ numbers: ClosedRange<UInt32>,
        _ questions: inout Int
    ) throws(Obstacle) -> FilterAnswer {
        var (at, held) = (start, given)
        while at < program.count {
            let instruction = program[at]
            at += 1
            switch instruction.code {
            case .load:
                switch instruction.value {
                case FilterInstruction.number: held = .number
                case FilterInstruction.architecture: held = .architecture
                default: held = .word(FilterWord(offset: instruction.value))
                }
            case .mask:
                guard case .word(var word) = held else { throw .unclear }
                word.mask = (word.mask ?? .max) & instruction.value
                held = .word(word)
            case .jump: at += Int(instruction.value)
            case .answer: return .action(instruction.value)
            case .equal, .greater, .greaterOrEqual, .anyBit:
                let (yes, no) = (at + Int(instruction.jumpTrue), at + Int(instruction.jumpFalse))
                switch held {
                case .nothing: throw .unclear
                case .number: at = try holds(instruction, numbers) ? yes : no
                case .architecture: at = try holds(instruction) ? yes : no
                case .word(let word):
                    questions += 1
                    guard questions <= Self.mostQuestions else { throw .unclear }
                    let ifTrue = try follow(from: yes, held, numbers, &questions)
                    let ifFalse = try follow(from: no, held, numbers, &questions)
                    if ifTrue == ifFalse { return ifTrue }
                    let question = FilterQuestion(word: word, code: instruction.code, value: instruction.value)
                    return .question(question, ifTrue: ifTrue, ifFalse: ifFalse)
                }
            }
        }
        throw .unclear
    }

    /// Whether a comparison holds for the architecture.
    private func holds(_ instruction: FilterInstruction) throws(Obstacle) -> Bool {
        guard instruction.code == .equal else { throw .unclear }
        if let architecture { return architecture == instruction.value }
        guard known.contains(instruction.value) else { throw .unclear }
        return false
    }

    /// Whether a comparison holds for all of these numbers.
    private func holds(
        _ instruction: FilterInstruction,
        _ numbers: ClosedRange<UInt32>
    ) throws(Obstacle) -> Bool {
        let value = instruction.value
        switch instruction.code {
        case .equal:
            guard numbers.contains(value) else { return false }
            if numbers.lowerBound < value { throw .differs(from: value) }
            if numbers.upperBound > value { throw .differs(from: value + 1) }
            return true
        case .greaterOrEqual:
            if numbers.lowerBound >= value || numbers.upperBound < value { return numbers.lowerBound >= value }
            throw .differs(from: value)
        case .greater:
            if numbers.lowerBound > value || numbers.upperBound <= value { return numbers.lowerBound > value }
            throw .differs(from: value + 1)
        case .anyBit:
            // One bit parts the numbers into blocks that have it and blocks that don't.
            guard value.nonzeroBitCount == 1 else { throw .unclear }
            let endOfBlock = numbers.lowerBound | (value - 1)
            if numbers.upperBound > endOfBlock { throw .differs(from: endOfBlock + 1) }
            return numbers.lowerBound & value != 0
        case .load, .mask, .jump, .answer: throw .unclear
        }
    }
}

/// A filter in the form that costs least: a search among ranges of call numbers that have one answer.
///
/// When a filter is loaded, the kernel translates all of it, and asks it about every number that there is. Of libseccomp's
/// thousand instructions for Docker's profile that takes a third of a millisecond, a thirtieth of a container's whole start; a
/// few hundred are left here, since neighbours mostly have the same answer.
struct FilterSearch {
    /// The same filter as a search; a filter that can't be read like that stays as it is.
    ///
    /// - Parameter architectures: those that it knows, as `AUDIT_ARCH_*`, the machine's own first.
    static func form(of filter: [UInt8], architectures: [UInt32]) -> [UInt8] {
        guard let program = [FilterInstruction](bytes: filter),
            let search = try? FilterSearch(program, architectures)
        else { return filter }
        let found = search.instructions
        return found.count < program.count ? found.bytes : filter
    }

    private var architectures: [(value: UInt32, body: [FilterInstruction])] = []
    private var others: [FilterInstruction]

    private init(_ program: [FilterInstruction], _ known: [UInt32]) throws(FilterReader.Obstacle) {
        others = try Self.body(FilterReader(program: program, architecture: nil, known: known))
        for value in known {
            architectures.append(
                (value, try Self.body(FilterReader(program: program, architecture: value, known: known)))
            )
        }
    }

    private var instructions: [FilterInstruction] {
        [.init(.load, FilterInstruction.architecture)]
            + architectures.reversed().reduce(others) { rest, architecture in
                Self.branch(.equal, architecture.value, ifTrue: architecture.body, ifFalse: rest)
            }
    }

    private static func body(_ reader: FilterReader) throws(FilterReader.Obstacle) -> [FilterInstruction] {
        let answers = try reader.answers()
        let search = search(answers[...])
        return answers.count == 1 ? search : [.init(.load, FilterInstruction.number)] + search
    }

    /// Halves the numbers until one answer is left.
    private static func search(_ answers: ArraySlice<(first: UInt32, answer: FilterAnswer)>) -> [FilterInstruction] {
        guard answers.count > 1 else { return answers.first.map { Self.answer($0.answer, holding: nil) } ?? [] }
        let middle = answers.startIndex + answers.count / 2
        return branch(
            .greaterOrEqual,
            answers[middle].first,
            ifTrue: search(answers[middle...]),
            ifFalse: search(answers[..<middle])
        )
    }

    /// - Parameter holding: the word that has been loaded.
    private static func answer(_ answer: FilterAnswer, holding: FilterWord?) -> [FilterInstruction] {
        switch answer {
        case .action(let value): return [.init(.answer, value)]
        case .question(let question, let ifTrue, let ifFalse):
            var loads: [FilterInstruction] = []
            if holding != question.word {
                loads.append(.init(.load, question.word.offset))
                if let mask = question.word.mask { loads.append(.init(.mask, mask)) }
            }
            return loads
                + branch(
                    question.code,
                    question.value,
                    ifTrue: self.answer(ifTrue, holding: question.word),
                    ifFalse: self.answer(ifFalse, holding: question.word)
                )
        }
    }

    /// A comparison, with what follows it where it doesn't hold first. Comparisons jump over 255 instructions at most.
    private static func branch(
        _ code: FilterInstruction.Code,
        _ value: UInt32,
        ifTrue: [FilterInstruction],
        ifFalse: [FilterInstruction]
    ) -> [FilterInstruction] {
        let way: [FilterInstruction]
        if let near = UInt8(exactly: ifFalse.count) {
            way = [.init(code, value, jumpTrue: near)]
        } else {
            way = [.init(code, value, jumpFalse: 1), .init(.jump, UInt32(ifFalse.count))]
        }
        return way + ifFalse + ifTrue
    }
}

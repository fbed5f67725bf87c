/// What is built from one FROM: an image to begin with and the instructions on it.
public struct Stage: Hashable, Sendable {
    /// Where it stands among the stages, from 0.
    public var index: Int
    /// The FROM instruction.
    public var from: FromInstruction
    /// FROM as it was written.
    public var instruction: Instruction
    /// What follows FROM.
    public var instructions: [Instruction] = []

    /// Its name in lower case; nil where it has none.
    public var name: String? { from.name }

    /// The name, or `stage-1` for one without.
    public var displayName: String { name ?? "stage-\(index)" }

    /// Whether a text (in lower case) may name a stage.
    public static func isName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, ASCII.isLetter(first), first >= UInt8(ascii: "a") else { return false }
        return bytes.allSatisfy {
            ASCII.isDigit($0) || (ASCII.isLetter($0) && $0 >= UInt8(ascii: "a")) || "-_.".utf8.contains($0)
        }
    }
}

/// How an instruction names a stage or something else to take files from.
public enum StageReference: Hashable, Sendable {
    case stage(index: Int)
    /// Not a stage: an image, a named context or `scratch`.
    case other(String)
    /// A number that no stage has.
    case invalidIndex(Int)
}

extension Dockerfile {
    /// What `COPY --from` and `--mount=from=` mean: a stage's name in any case (the later one of two), its number, or
    /// something that is no stage.
    public func reference(_ text: String) -> StageReference {
        if let index = Int(text) {
            return stages.indices.contains(index) ? .stage(index: index) : .invalidIndex(index)
        }
        if let index = stage(named: text.lowercased()) { return .stage(index: index) }
        return .other(text)
    }

    /// The last stage with exactly this name, among the first `count` stages.
    public func stage(named name: String, before count: Int = .max) -> Int? {
        stages.prefix(count).lastIndex { $0.name == name }
    }
}

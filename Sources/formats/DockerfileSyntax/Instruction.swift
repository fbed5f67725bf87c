public import Reporting

/// One instruction of a Dockerfile.
public struct Instruction: Hashable, Sendable {
    /// What it says.
    public var kind: Kind
    /// The keyword as it was written.
    public var keyword: Word
    /// The whole instruction as one line, without the bodies of its heredocs.
    public var text: String
    /// Where it stands, heredocs included.
    public var range: SourceRange
    /// The comments directly above it.
    public var comments: [Word]

    /// The eighteen instructions.
    public enum Kind: Hashable, Sendable {
        case from(FromInstruction)
        case arg([Assignment])
        case env([Assignment])
        case label([Assignment])
        case run(RunInstruction)
        case copy(CopyInstruction)
        case add(CopyInstruction)
        case cmd(CommandLine)
        case entrypoint(CommandLine)
        case shell([Word])
        case workdir(Word)
        case user(Word)
        case volume([Word])
        case expose([Word])
        case stopsignal(Word)
        case healthcheck(HealthcheckInstruction)
        case onbuild(OnbuildInstruction)
        case maintainer(Word)
    }

    /// The keywords, upper case.
    public static let names = [
        "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
        "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
    ]

    /// The keyword in upper case.
    public var name: String { keyword.text.uppercased() }

    /// What the comments above say of `name`: the rest of a line `# name description`.
    public func comment(on name: String) -> String? {
        guard !name.isEmpty else { return nil }
        for comment in comments where comment.text.hasPrefix(name + " ") {
            return String(comment.text.dropFirst(name.count + 1))
        }
        return nil
    }
}

import Reporting

extension Instruction {
    /// The instructions that change an image's config and nothing else, as `import --change` takes them.
    public static let changeNames: Set<String> = [
        "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "STOPSIGNAL", "USER", "VOLUME",
        "WORKDIR",
    ]

    /// Reads the instructions that change a config, from an option's value: most have one, more are on lines of their own.
    public static func changes(_ text: String) throws(DiagnosticsError) -> [Instruction] {
        let first = text.split(maxSplits: 1) { $0.isWhitespace }.first.map(String.init) ?? ""
        if !first.isEmpty { try requireChange(first) }
        let instructions = try read(text, file: "change")
        for instruction in instructions { try requireChange(instruction.name) }
        return instructions
    }

    private static func requireChange(_ name: String) throws(DiagnosticsError) {
        if changeNames.contains(name.uppercased()) { return }
        throw DiagnosticsError([Diagnostic(.error, "\(name) is not a valid change command", file: "change")])
    }

    /// Reads the text of an ONBUILD trigger; FROM and MAINTAINER are refused where the trigger was written, and here.
    public init(trigger text: String) throws(DiagnosticsError) {
        let instruction = try Self.single(text, file: "ONBUILD")
        switch instruction.kind {
        case .onbuild:
            throw DiagnosticsError([
                Diagnostic(.error, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", file: "ONBUILD")
            ])
        case .from, .maintainer:
            throw DiagnosticsError([
                Diagnostic(.error, "\(instruction.name) isn't allowed as an ONBUILD trigger", file: "ONBUILD")
            ])
        default: self = instruction
        }
    }

    /// The one instruction of a text.
    private static func single(_ text: String, file: String) throws(DiagnosticsError) -> Instruction {
        let instructions = try read(text, file: file)
        if instructions.count == 1 { return instructions[0] }
        throw DiagnosticsError([Diagnostic(.error, "\(text.goQuoted): expected exactly one instruction", file: file)])
    }

    private static func read(_ text: String, file: String) throws(DiagnosticsError) -> [Instruction] {
        var reader = DockerfileAssembler(SourceLines(Array(text.utf8)), file: file, isSingle: true)
        reader.run()
        guard reader.errors.isEmpty else { throw DiagnosticsError(reader.errors) }
        return reader.instructions
    }
}

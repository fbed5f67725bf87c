import Reporting

extension Instruction {
    /// The instructions that change an image's config and nothing else, as `import --change` takes them.
    public static let changeNames: Set<String> = [
        "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "STOPSIGNAL", "USER", "VOLUME",
        "WORKDIR",
    ]

    /// Reads one instruction that changes a config, from an option's value.
    public init(change text: String) throws(DiagnosticsError) {
        let name = text.split(maxSplits: 1) { $0.isWhitespace }.first.map(String.init) ?? ""
        guard name.isEmpty || Self.changeNames.contains(name.uppercased()) else {
            throw DiagnosticsError([Diagnostic(.error, "\(name) is not a valid change command", file: "change")])
        }
        self = try Self.single(text, file: "change")
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
        var reader = DockerfileAssembler(SourceLines(Array(text.utf8)), file: file, isSingle: true)
        reader.run()
        guard reader.errors.isEmpty else { throw DiagnosticsError(reader.errors) }
        guard reader.instructions.count == 1 else {
            throw DiagnosticsError([
                Diagnostic(.error, "\(text.goQuoted): expected exactly one instruction", file: file)
            ])
        }
        return reader.instructions[0]
    }
}

import OCISpec

/// `socle version`.
struct VersionCommand: Command {
    static let usage = Usage("", 0...0, "Show the version information")
    static var flags: [Flag<Self>] {
        Flag.value("format", short: "f", \.format, "Format the output using the given Go template, or 'json'")
    }
    static var entersUserSpace: Bool { false }
    var operands: [String] = []
    var format: String?

    /// Client and server are one program; templates written for Docker find both.
    static var document: JSONValue {
        let part: JSONValue = [
            "Platform": ["Name": "socle"], "Version": .string(SocleVersion.text), "Os": .string(Platform.host.os),
            "Arch": .string(Platform.host.architecture), "KernelVersion": .string(Host.kernelVersion),
        ]
        return ["Client": part, "Server": part]
    }

    func run(in session: Session) throws -> ExitCode {
        if let format, !format.isEmpty {
            let template = try Template(format == "json" ? "{{json .}}" : format)
            session.output.print(try template.render(TemplateValue(Self.document)))
        } else {
            session.output.write(
                """
                socle:
                 Version:        \(SocleVersion.text)
                 OS/Arch:        \(Platform.host)
                 Kernel Version: \(Host.kernelVersion)

                """
            )
        }
        return .success
    }
}

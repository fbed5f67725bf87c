import ByteStreams
import LinuxSystem
import SocleEngine
import SystemPackage

/// `socle save`.
struct SaveCommand: Command {
    static let usage = Usage(
        "IMAGE [IMAGE...]",
        1...Usage.many,
        "Save one or more images to a tar archive (streamed to STDOUT by default)"
    )
    static var flags: [Flag<Self>] {
        Flag.value("format", \.format, "Format of what is saved: \"docker-archive\", which is an OCI layout too, or \"oci-dir\" for a folder (default \"docker-archive\")")
        Flag.value("output", short: "o", \.output, "Write to a file, instead of STDOUT")
    }
    var operands: [String] = []
    var format: String?
    var output: String?

    func run(in session: Session) throws -> ExitCode {
        switch format {
        case "oci-dir":
            guard let output else { throw ArgumentError("--format oci-dir needs --output FOLDER") }
            try session.engine().save(operands, toLayout: FilePath(output))
            return .success
        case nil, "docker-archive": break
        case let other?:
            throw ArgumentError("unsupported format \(GoText.quoted(other))", hint: "docker-archive or oci-dir")
        }
        if let output {
            try OutputFile(FilePath(output), mode: 0o600).write { try session.engine().save(operands, to: $0) }
        } else if Terminal.isTerminal(1) {
            throw ArgumentError("cowardly refusing to save to a terminal. Use the -o flag or redirect")
        } else {
            let descriptor = try OwnedDescriptor.standard(1)
            try session.engine().save(operands, to: FileSink(descriptor, subject: "standard output"))
        }
        return .success
    }
}

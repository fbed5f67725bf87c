import ByteStreams
import LinuxSystem
import OCISpec
import SocleEngine
import SystemPackage

/// `socle image export`.
struct ExportImageCommand: Command {
    static let usage = Usage("IMAGE", 1...1, "Write the file system of an image as a tar archive")
    static var flags: [Flag<Self>] {
        Flag.value("output", short: "o", \.output, "Write to a file, instead of STDOUT")
        Flag.value("platform", \.platform, "Take the image for a platform")
    }
    var operands: [String] = []
    var output: String?
    var platform: PlatformArgument?

    func run(in session: Session) throws -> ExitCode {
        let epoch = try Epoch.fromEnvironment()?.seconds
        func export(to sink: any ByteSink) throws {
            let engine = try session.engine()
            try engine.exportImage(operands[0], platform: platform?.platform, epoch: epoch, to: sink)
        }
        if let output {
            try OutputFile(FilePath(output), mode: 0o600).write(export)
        } else if Terminal.isTerminal(1) {
            throw ArgumentError("cowardly refusing to save to a terminal. Use the -o flag or redirect")
        } else {
            try export(to: FileSink(try OwnedDescriptor.standard(1), subject: "standard output"))
        }
        return .success
    }
}

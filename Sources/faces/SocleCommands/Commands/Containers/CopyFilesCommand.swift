import ByteStreams
import ContainerManagement
import LinuxSystem
import Reporting
import SocleEngine
import SystemPackage

/// `socle cp`.
struct CopyFilesCommand: Command {
    static let usage = Usage(
        "CONTAINER:SRC_PATH DEST_PATH|- | SRC_PATH|- CONTAINER:DEST_PATH",
        2...2,
        "Copy files/folders between a container and the local filesystem"
    )
    static var flags: [Flag<Self>] {
        Flag.toggle("archive", short: "a", \.keepsOwners, "Archive mode (copy all uid/gid information)")
        Flag.toggle("follow-link", short: "L", \.followsLink, "Always follow symbol link in SRC_PATH")
        Flag.toggle("quiet", short: "q", \.quiet, "Suppress the report at the end, which only a terminal gets")
    }
    var operands: [String] = []
    var keepsOwners = false
    var followsLink = false
    var quiet = false

    func run(in session: Session) throws -> ExitCode {
        do { return try copy(session) } catch let refusal as CopyRefusal { throw ArgumentError(refusal.description) }
    }

    private func copy(_ session: Session) throws -> ExitCode {
        let (source, target) = (CopyOperand(operands[0]), CopyOperand(operands[1]))
        if source.container != nil, target.container != nil {
            throw ArgumentError("copying between containers is not supported")
        }
        var options = CopyOptions()
        options.followsLink = followsLink
        options.keepsOwners = keepsOwners
        let bytes: Int64
        if let container = source.container {
            bytes = try copy(out: container, source.path, to: target.path, options, session)
        } else if let container = target.container {
            let containers = try session.engine().containers
            if source.path == "-" {
                let input = try OwnedDescriptor.duplicate(of: 0)
                input.widenPipe()
                let archive = FileSource(input, subject: "standard input")
                bytes = try containers.copyIn(from: archive, container, target.path)
            } else {
                bytes = try containers.copyIn(CopyOperand.absolute(source.path), container, target.path, options)
            }
        } else {
            throw ArgumentError("must specify at least one container source")
        }
        if !quiet, target.path != "-", Terminal.isTerminal(2) {
            session.output.complain("Successfully copied \(HumanSize.decimal(bytes)) to \(operands[1])")
        }
        return .success
    }

    private func copy(
        out container: String,
        _ path: String,
        to target: String,
        _ options: CopyOptions,
        _ session: Session
    ) throws -> Int64 {
        let containers = try session.engine().containers
        guard target == "-" else {
            return try containers.copyOut(container, path, options, to: CopyOperand.absolute(target))
        }
        if Terminal.isTerminal(1) {
            throw ArgumentError("cowardly refusing to copy an archive to a terminal. Redirect it")
        }
        let output = try OwnedDescriptor.standard(1)
        output.widenPipe()
        return try containers.copyOut(container, path, options, to: FileSink(output, subject: "standard output"))
    }
}

/// `CONTAINER:PATH`, or a path of the host's.
struct CopyOperand: Hashable {
    var container: String?
    var path: String

    init(_ text: String) {
        path = text
        // An absolute path, and one that begins with a dot, may have colons.
        guard !text.hasPrefix("/"), !text.hasPrefix("."), let colon = text.firstIndex(of: ":"),
            colon != text.startIndex
        else { return }
        container = String(text[..<colon])
        path = String(text[text.index(after: colon)...])
    }

    /// A path of the host's, absolute.
    static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : (Terminal.workingDirectory()?.string ?? "") + "/" + path
    }
}

import ByteStreams
import ContainerManagement
import ContainerRuntime
import LinuxSystem
import Reporting
import SocleEngine
import SystemPackage

/// `socle exec`.
struct ExecCommand: Command {
    static let usage: Usage = {
        var usage = Usage(
            "CONTAINER COMMAND [ARG...]",
            2...Usage.many,
            "Execute a command in a running container"
        )
        usage.stopsAtOperand = true
        return usage
    }()
    static var flags: [Flag<Self>] {
        Flag.toggle("detach", short: "d", \.isDetached, "Detached mode: run command in the background")
        Flag.value("detach-keys", \.detachKeys, "Override the key sequence for detaching a container")
        Flag.list("env", short: "e", \.environment, "Set environment variables")
        Flag.list("env-file", \.environmentFiles, "Read in a file of environment variables")
        Flag.toggle("interactive", short: "i", \.interactive, "Keep STDIN open even if not attached")
        Flag.toggle("privileged", \.privileged, "Give extended privileges to the command")
        Flag.toggle("tty", short: "t", \.terminal, "Allocate a pseudo-TTY")
        Flag.value("user", short: "u", \.user, "Username or UID (format: \"<name|uid>[:<group|gid>]\")")
        Flag.value("workdir", short: "w", \.workingDirectory, "Working directory inside the container")
    }
    var operands: [String] = []
    var isDetached = false
    var detachKeys: String?
    var environment: [VariableArgument] = []
    var environmentFiles: [String] = []
    var interactive = false
    var privileged = false
    var terminal = false
    var user: String?
    var workingDirectory: String?

    func run(in session: Session) throws -> ExitCode {
        var order = ExecOrder(Array(operands.dropFirst()))
        var variables: [VariableArgument] = []
        for file in environmentFiles { variables += try EnvironmentFile(InputFile.read(file), name: file).variables }
        order.environment = (variables + environment).map { $0.resolved(Terminal.environment) ?? $0.name }
        order.user = user
        order.workingDirectory = workingDirectory
        order.privileged = privileged
        order.interactive = interactive && !isDetached
        order.terminal = terminal
        order.isDetached = isDetached
        order.detachKeys = try session.detachKeys(detachKeys)
        if order.terminal, order.interactive, !Terminal.isTerminal(0) {
            session.output.complain("the input device is not a TTY")
            return .failure
        }
        do {
            if let code = try session.engine().containers.exec(operands[0], order) { return ExitCode(value: code) }
            session.output.complain("read escape sequence")
            return .failure
        } catch let error as RuntimeError {
            session.output.complain("exec failed: \(error.description)")
            // As with Docker, where nobody waits for the program.
            if isDetached { return .failure }
            return ExitCode(value: error.isRefusedProgram ? error.exitCode : 126)
        }
    }
}

/// `socle top`.
struct TopCommand: Command {
    static let usage: Usage = {
        var usage = Usage("CONTAINER [ps OPTIONS]", 1...Usage.many, "Display the running processes of a container")
        usage.stopsAtOperand = true
        return usage
    }()
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        let lines = try session.engine().containers.top(operands[0], arguments: Array(operands.dropFirst()))
        session.output.print(Self.table(lines))
        return .success
    }

    /// What `ps` says in columns of Docker's width; the last one has all the rest of a line.
    private static func table(_ lines: [String]) -> String {
        let columns = lines.first?.split(separator: " ").count ?? 0
        let rows = lines.map { line in
            let words = line.split(separator: " ").map(String.init)
            let rest = words.dropFirst(columns - 1).joined(separator: " ")
            return (words.prefix(columns - 1) + [rest]).joined(separator: "\t")
        }
        return TabWriter(minimumWidth: 20).aligned(rows.joined(separator: "\n"))
    }
}

/// `socle export`.
struct ExportContainerCommand: Command {
    static let usage = Usage("CONTAINER", 1...1, "Export a container's filesystem as a tar archive")
    static var flags: [Flag<Self>] {
        Flag.value("output", short: "o", \.output, "Write to a file, instead of STDOUT")
    }
    var operands: [String] = []
    var output: String?

    func run(in session: Session) throws -> ExitCode {
        func export(to sink: any ByteSink) throws {
            try session.engine().exportContainer(operands[0], to: sink)
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

/// `socle diff`.
struct DiffContainerCommand: Command {
    static let usage = Usage(
        "CONTAINER",
        1...1,
        "Inspect changes to files or directories on a container's filesystem"
    )
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        for change in try session.engine().containers.changes(operands[0]) {
            session.output.print(GoText.visibleLine("\(change.kind.rawValue) \(change.path)"))
        }
        return .success
    }
}

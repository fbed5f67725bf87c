import ContainerManagement
import ContainerMonitor
import ContainerRuntime
import LinuxSystem
import Reporting
import SocleEngine
import SystemPackage

/// `socle run`.
struct RunCommand: Command {
    static let usage: Usage = {
        var usage = Usage("IMAGE [COMMAND] [ARG...]", 1...Usage.many, "Run a command in a new container")
        usage.stopsAtOperand = true
        return usage
    }()
    static var flags: [Flag<Self>] {
        (RunOptions.flags + RunOptions.refused).map { $0.within(\.options) }
        Flag.list("attach", short: "a", \.attaches, "Attach to STDIN, STDOUT or STDERR")
        Flag.toggle("detach", short: "d", \.isDetached, "Run container in background and print container ID")
        Flag.value("detach-keys", \.detachKeys, "Override the key sequence for detaching a container")
        Flag.toggle("sig-proxy", \.passesSignals, "Proxy received signals to the process (default true)")
        Flag.toggle("quiet", short: "q", \.quiet, "Suppress the pull output")
    }
    static var errorStyle: ErrorStyle { .run }
    var operands: [String] = []
    var options = RunOptions()
    var attaches: [StreamArgument] = []
    var isDetached = false
    var detachKeys: String?
    var passesSignals = true
    var quiet = false

    func run(in session: Session) throws -> ExitCode {
        var request = try options.request(operands)
        if isDetached {
            if !attaches.isEmpty { throw ArgumentError("conflicting options: cannot specify both --attach and --detach") }
            request.isDetached = true
        } else if !attaches.isEmpty {
            request.attaches = attaches.reduce(into: []) { $0.formUnion($1.stream) }
        }
        if request.terminal, request.attachedStreams.contains(.input), !Terminal.isTerminal(0) {
            session.output.complain("the input device is not a TTY")
            return .failure
        }
        let engine = try session.engine()
        try request.warn(engine, session)
        let keys = try session.detachKeys(detachKeys)
        try IDFile.check(options.idFile)
        // Nothing of the container's is to be seen, so its ID is.
        let isSilent = isDetached || request.attachedStreams.isDisjoint(with: .outputs)
        let outcome = try engine.run(
            request,
            policy: options.pull,
            detachKeys: keys,
            passesSignals: passesSignals,
            pull: { order in
                try Transfer(session, quiet: quiet)
                    .pullForRun(order, of: request.image, policy: options.pull, on: engine)
            },
            created: { id in
                options.warnOfDiscardedPorts(session)
                try IDFile.write(id, to: options.idFile)
                // As with Docker, also of one that can't be started.
                if isSilent { session.output.print(id) }
            }
        )
        switch outcome {
        case .ended(let code): return ExitCode(value: code)
        case .detached: return .success
        }
    }
}

extension RunRequest {
    /// Says which limits this machine can't set, as Docker does, and takes those away.
    fileprivate mutating func warn(_ engine: Engine, _ session: Session) throws {
        for warning in try engine.containers.discardUnsupported(&limits) + engine.containers.discardedGroups(self) {
            session.output.complain("WARNING: \(warning)")
        }
    }
}

extension RunOptions {
    /// Says, as Docker does, that the ports of a container that has the host's network are the host's.
    fileprivate func warnOfDiscardedPorts(_ session: Session) {
        guard !published.isEmpty, networks.first?.mode == .host else { return }
        session.output.complain("WARNING: Published ports are discarded when using host network mode")
    }
}

/// `--attach stdout`.
struct StreamArgument: ArgumentValue {
    var stream: AttachedStreams

    init(argument: String) throws(ArgumentError) {
        switch argument.lowercased() {
        case "stdin": stream = .input
        case "stdout": stream = .output
        case "stderr": stream = .error
        default: throw ArgumentError("valid streams are STDIN, STDOUT and STDERR")
        }
    }
}

/// `--cidfile`.
enum IDFile {
    /// A file that is there already is another container's.
    static func check(_ path: String?) throws {
        guard let path else { return }
        if path.isEmpty || (try? HostPath.status(FilePath(path))) == nil { return }
        throw PlainFailure(
            .conflict,
            "container ID file found, make sure the other container isn't running or delete \(path)"
        )
    }

    static func write(_ id: String, to path: String?) throws {
        guard let path, !path.isEmpty else { return }
        do {
            let file = try FileDescriptor.open(
                FilePath(path),
                .writeOnly,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: FilePermissions(rawValue: 0o644)
            )
            defer { try? file.close() }
            try file.writeAll(id.utf8)
        } catch let code as Errno {
            throw RuntimeError(
                .internal,
                "failed to create the container ID file: open \(path): \(SystemError.reason(code.rawValue))",
                exitCode: code == .noSuchFileOrDirectory ? 127 : code == .permissionDenied || code == .notDirectory ? 126 : 125
            )
        }
    }
}

/// `socle create`.
struct CreateCommand: Command {
    static let usage: Usage = {
        var usage = Usage("IMAGE [COMMAND] [ARG...]", 1...Usage.many, "Create a new container")
        usage.stopsAtOperand = true
        return usage
    }()
    static var flags: [Flag<Self>] {
        (RunOptions.flags + RunOptions.refused).map { $0.within(\.options) }
        Flag.list("attach", short: "a", \.attaches, "Attach to STDIN, STDOUT or STDERR")
        Flag.toggle("quiet", short: "q", \.quiet, "Suppress the pull output")
    }
    static var errorStyle: ErrorStyle { .create }
    var operands: [String] = []
    var options = RunOptions()
    var attaches: [StreamArgument] = []
    var quiet = false

    func run(in session: Session) throws -> ExitCode {
        var request = try options.request(operands)
        if !attaches.isEmpty { request.attaches = attaches.reduce(into: []) { $0.formUnion($1.stream) } }
        let engine = try session.engine()
        try request.warn(engine, session)
        try IDFile.check(options.idFile)
        let id = try engine.create(request, policy: options.pull) { order in
            try Transfer(session, quiet: quiet).pullForRun(order, of: request.image, policy: options.pull, on: engine)
        }
        options.warnOfDiscardedPorts(session)
        try IDFile.write(id, to: options.idFile)
        session.output.print(id)
        return .success
    }
}

/// `socle debug plan`: what a run would do, without doing it.
struct PlanCommand: Command {
    static let usage: Usage = {
        var usage = Usage(
            "IMAGE [COMMAND] [ARG...]",
            1...Usage.many,
            "Print the launch plan of a run, and don't run it"
        )
        usage.stopsAtOperand = true
        return usage
    }()
    static var flags: [Flag<Self>] { (RunOptions.flags + RunOptions.refused).map { $0.within(\.options) } }
    static var errorStyle: ErrorStyle { .run }
    var operands: [String] = []
    var options = RunOptions()

    func run(in session: Session) throws -> ExitCode {
        session.output.write(try session.engine().plan(try options.request(operands)))
        return .success
    }
}

import BundleRuntime
import ContainerManagement
import ContainerRuntime
import Reporting
import SystemPackage

/// What `create` and `run` take alike.
struct BundleArguments: Sendable {
    var bundle = "."
    var consoleSocket: String?
    var pidFile: String?
    var keepsKeyring = false
    var preserved = 0

    @FlagListing<BundleArguments> static var flags: [Flag<BundleArguments>] {
        Flag.value("bundle", short: "b", \.bundle, as: "path", "Folder of the bundle (default \".\")")
        Flag.value("console-socket", \.consoleSocket, as: "path", "Socket to which the master of the container's terminal is sent")
        Flag.value("pid-file", \.pidFile, as: "path", "File to write the number of the first process to")
        Flag.toggle("no-new-keyring", \.keepsKeyring, "Leave the container the caller's session keyring")
        Flag.value("preserve-fds", \.preserved, as: "int", "Give so many descriptors from 3 on to the program")
        Flag.refused("no-pivot", takesValue: false, "a container whose root isn't entered for good could leave it")
    }

    /// To be asked before anything is opened.
    func options(isDetached: Bool) throws(RuntimeError) -> BundleOptions {
        var options = BundleOptions()
        options.bundle = FilePath(bundle)
        options.consoleSocket = consoleSocket.map { FilePath($0) }
        options.pidFile = pidFile.map { FilePath($0) }
        options.keepsKeyring = keepsKeyring
        options.isDetached = isDetached
        let sockets = Self.socketsOfAService
        options.preserved = try CallerDescriptors.first(sockets + preserved)
        if sockets > 0 { options.environment = ["LISTEN_FDS=\(sockets)", "LISTEN_PID=1"] }
        return options
    }

    /// How many sockets a service manager has opened for this very process; they come first.
    private static var socketsOfAService: Int {
        guard Terminal.environment("LISTEN_PID").flatMap(Int32.init) == Terminal.processNumber,
            let count = Terminal.environment("LISTEN_FDS").flatMap(Int.init)
        else { return 0 }
        return max(0, count)
    }
}

/// `socle oci create`.
struct CreateBundleCommand: OCICommand {
    static let usage = Usage("CONTAINER", 1...1, "Create a container: everything but the start of its program")
    static let prefix = "socle create failed: "
    static var flags: [Flag<Self>] { BundleArguments.flags.map { $0.within(\.arguments) } }
    var operands: [String] = []
    var arguments = BundleArguments()

    func run(in session: Session) throws -> ExitCode {
        let options = try arguments.options(isDetached: true)
        try session.oci.containers.create(operands[0], options)
        return .success
    }
}

/// `socle oci run`.
struct RunBundleCommand: OCICommand {
    static let usage = Usage("CONTAINER", 1...1, "Create and start a container, and wait for its end")
    static let prefix = "socle run failed: "
    static var flags: [Flag<Self>] {
        BundleArguments.flags.map { $0.within(\.arguments) } + own
    }
    @FlagListing<Self> private static var own: [Flag<Self>] {
        Flag.toggle("detach", short: "d", \.isDetached, "Don't wait for the end")
        Flag.toggle("keep", \.keeps, "Keep the container's state when it has ended")
        Flag.toggle("no-subreaper", \.hasNoSubreaper, nil)
    }
    var operands: [String] = []
    var arguments = BundleArguments()
    var isDetached = false
    var keeps = false
    /// runc's; there is never one here.
    var hasNoSubreaper = false

    func run(in session: Session) throws -> ExitCode {
        let options = try arguments.options(isDetached: isDetached)
        let code = try session.oci.containers.run(operands[0], options, keeps: keeps) { session.oci.note($0, session) }
        return ExitCode(value: code)
    }
}

/// `socle oci start`.
struct StartBundleCommand: OCICommand {
    static let usage = Usage("CONTAINER", 1...1, "Start the program of a created container")
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        try session.oci.containers.start(operands[0])
        return .success
    }
}

/// `socle oci kill`.
struct KillBundleCommand: OCICommand {
    static let usage = Usage("CONTAINER [SIGNAL]", 1...2, "Send a signal (default \"SIGTERM\") to a container")
    static var flags: [Flag<Self>] {
        Flag.toggle("all", short: "a", \.all, "Send it to all processes of the container")
    }
    var operands: [String] = []
    var all = false

    func run(in session: Session) throws -> ExitCode {
        let name = operands.count > 1 ? operands[1] : "SIGTERM"
        guard let number = name == "0" ? 0 : SignalName.number(name) else {
            throw ArgumentError("unknown signal \(GoText.quoted(name))")
        }
        try session.oci.containers.kill(operands[0], signal: number, all: all)
        return .success
    }
}

/// `socle oci delete`.
struct DeleteBundleCommand: OCICommand {
    static let usage = Usage("CONTAINER", 1...1, "Delete what is kept of a container that has stopped")
    static var flags: [Flag<Self>] {
        Flag.toggle("force", short: "f", \.force, "End a container that runs (SIGKILL)")
    }
    var operands: [String] = []
    var force = false

    func run(in session: Session) throws -> ExitCode {
        do throws(RuntimeError) {
            if let message = try session.oci.containers.delete(operands[0], force: force) {
                session.oci.note(message, session)
            }
        } catch {
            // With force, one that isn't there is gone, as was wanted.
            guard error.kind == .notFound, force else { throw error }
        }
        return .success
    }
}

/// `socle oci pause`.
struct PauseBundleCommand: OCICommand {
    static let usage = Usage("CONTAINER", 1...1, "Suspend all processes of a container")
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        try session.oci.containers.pause(operands[0])
        return .success
    }
}

/// `socle oci resume`.
struct ResumeBundleCommand: OCICommand {
    static let usage = Usage("CONTAINER", 1...1, "Let the processes of a paused container go on")
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        try session.oci.containers.resume(operands[0])
        return .success
    }
}

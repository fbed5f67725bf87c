import BundleRuntime
import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

/// `socle oci`, with runc's command line: an OCI runtime for docker, podman and containerd.
///
/// What is wrong is told as these programs expect it: in a log file that they name, in a line on standard error otherwise.
package enum OCIProgram {
    /// Whether the program is an OCI runtime under this name, whatever the first word is.
    package static func answers(to name: String) -> Bool {
        switch name {
        case "socle-oci", "runc", "crun", "oci-runtime": true
        default: false
        }
    }

    /// The word that leads here.
    static let word = "oci"
    static let summary = "Run OCI bundles, with the command line of runc"

    static var commands: [(name: String, type: any OCICommand.Type)] {
        [
            ("create", CreateBundleCommand.self), ("delete", DeleteBundleCommand.self), ("events", BundleEventsCommand.self),
            ("exec", ExecBundleCommand.self), ("features", FeaturesCommand.self), ("kill", KillBundleCommand.self),
            ("list", ListBundlesCommand.self), ("pause", PauseBundleCommand.self), ("ps", BundleProcessesCommand.self),
            ("resume", ResumeBundleCommand.self), ("run", RunBundleCommand.self), ("spec", SpecificationCommand.self),
            ("start", StartBundleCommand.self), ("state", BundleStateCommand.self), ("update", UpdateBundleCommand.self),
        ]
    }
    /// What runc has beside these.
    private static let absent: Set<String> = ["checkpoint", "restore", "init"]

    /// Runs the program under one of its own names.
    package static func run(_ arguments: ArraySlice<String>) -> Int32 {
        // Nothing here fetches anything.
        var session = Session(transport: { fatalError("an OCI runtime has no transport") })
        return run(arguments, &session, path: "socle-oci").value
    }

    static func run(_ arguments: ArraySlice<String>, _ session: inout Session, path: String) -> ExitCode {
        var settings = OCISettings()
        let outcome: FlagParser<OCISettings>.Outcome
        do {
            outcome = try FlagParser(OCISettings.flags, stopsAtOperand: true).parse(arguments, into: &settings)
            try settings.check()
        } catch {
            settings.report(error.description, session)
            return .failure
        }
        session.oci = settings
        if settings.asksForVersion {
            session.output.write(versionText)
            return .success
        }
        guard let name = outcome.operands.first, !outcome.asksForHelp, name != "help", name != "h" else {
            session.output.write(help(path))
            return .success
        }
        guard let command = commands.first(where: { $0.name == name }) else {
            let why = absent.contains(name) ? "'\(name)' is not supported" : "No help topic for '\(name)'"
            settings.report(why, session)
            return ExitCode(value: 3)
        }
        return invoke(command.type, "\(path) \(name)", outcome.operands.dropFirst(), session)
    }

    private static func invoke<C: OCICommand>(
        _ type: C.Type,
        _ path: String,
        _ words: ArraySlice<String>,
        _ session: Session
    ) -> ExitCode {
        var command = C()
        let settings = session.oci
        do throws(ArgumentError) {
            let parser = FlagParser(C.flags, stopsAtOperand: C.usage.stopsAtOperand)
            let outcome = try parser.parse(words, into: &command)
            if outcome.asksForHelp {
                session.output.write(HelpText.command(path, C.usage, flags: C.flags))
                return .success
            }
            command.operands = outcome.operands
        } catch {
            settings.report(error.description, session)
            return .failure
        }
        if let complaint = C.usage.complaint(path, about: command.operands.count) {
            settings.report(complaint, session)
            return .failure
        }
        settings.debug("\(path) \(command.operands.joined(separator: " "))", session)
        do { return try command.run(in: session) } catch {
            settings.report(C.prefix + ((error as? any Failure)?.description ?? "\(error)"), session)
            return C.failureCode
        }
    }

    /// What engines read to learn whom they deal with.
    private static var versionText: String {
        """
        socle-oci version \(SocleVersion.text)
        commit: \(SocleVersion.text)
        spec: \(RuntimeSpec.version)

        """
    }

    static func help(_ path: String) -> String {
        """

        Usage:  \(path) [OPTIONS] COMMAND

        \(summary)

        Options:
        \(HelpText.options(OCISettings.flags.filter { $0.help != nil }))
        Commands:
        \(HelpText.list(commands.map { ($0.name, $0.type.usage.summary) }))
        Run '\(path) COMMAND --help' for more information on a command.

        """
    }
}

/// A command of an OCI runtime.
protocol OCICommand: Command {
    /// What stands before its errors.
    static var prefix: String { get }
    static var failureCode: ExitCode { get }
}

extension OCICommand {
    static var prefix: String { "" }
    static var failureCode: ExitCode { .failure }
}

/// The flags before the command.
struct OCISettings: Sendable {
    var root: String?
    var log: String?
    var logFormat = "text"
    var isDebug = false
    var usesSystemd = false
    var rootless = "auto"
    var groupManager = "cgroupfs"
    var ignored: String?
    var asksForVersion = false

    @FlagListing<OCISettings> static var flags: [Flag<OCISettings>] {
        Flag.value("root", \.root, as: "path", "Folder of the containers' state (default \"/run/socle/oci\", a user's in $XDG_RUNTIME_DIR)")
        Flag.value("log", \.log, as: "path", "File to which errors are written too")
        Flag.value("log-format", \.logFormat, as: "text|json", "Format of the log (default \"text\")")
        Flag.toggle("debug", \.isDebug, "Log more")
        Flag.toggle("systemd-cgroup", \.usesSystemd, "Have systemd make the control groups")
        Flag.value("rootless", \.rootless, as: "auto|false", "Whether missing rights over control groups are overlooked: never")
        Flag.value("cgroup-manager", \.groupManager, as: "cgroupfs|systemd", "How control groups are made (default \"cgroupfs\")")
        Flag.value("criu", \.ignored, as: "path", nil)
        Flag.toggle("version", short: "v", \.asksForVersion, "Print version information and quit")
    }

    func check() throws(ArgumentError) {
        guard ["text", "json", ""].contains(logFormat) else {
            throw ArgumentError("invalid log-format: \(logFormat)")
        }
        guard ["cgroupfs", "systemd"].contains(groupManager) else {
            throw ArgumentError("cgroup manager \"\(groupManager)\" is not supported")
        }
        guard ["auto", "false", "0", "f", "no", ""].contains(rootless) else {
            throw ArgumentError("--rootless=\(rootless) is not supported")
        }
    }

    /// The containers of the state folder.
    var containers: BundleContainers {
        BundleContainers(
            root: root.map { FilePath($0) } ?? BundleContainers.standardRoot,
            usesSystemd: usesSystemd || groupManager == "systemd"
        )
    }

    // MARK: - The log

    /// Tells an error: as a line of the log on standard error or, where there is a log, in it and plainly on standard error.
    func report(_ message: String, _ session: Session) {
        if let log, !log.isEmpty { session.output.complain(message) }
        write("error", message, session)
    }

    /// Tells an error that doesn't stop anything.
    func note(_ message: String, _ session: Session) { write("error", message, session) }

    func debug(_ message: String, _ session: Session) { if isDebug { write("debug", message, session) } }

    private func write(_ level: String, _ message: String, _ session: Session) {
        let line = line(level, message)
        guard let log, !log.isEmpty else { return session.output.complain(line) }
        // Who can't be told there has been told on standard error.
        try? BundleDocuments.log(line, to: FilePath(log))
    }

    private func line(_ level: String, _ message: String) -> String {
        let time = Timestamp(epochSeconds: Timestamp.now.seconds).text
        if logFormat == "json" {
            let value: JSONValue = ["level": .string(level), "msg": .string(message), "time": .string(time)]
            return value.serialized()
        }
        return "time=\(GoText.quoted(time)) level=\(level) msg=\(GoText.quoted(message))"
    }
}

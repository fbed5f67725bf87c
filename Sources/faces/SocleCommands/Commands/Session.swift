import ContainerMonitor
import LinuxSystem
import RegistryAccess
import Reporting
import SocleEngine
import SystemPackage

/// What all commands share: where the store is, and where words go.
///
/// Nothing is opened before a command asks for it.
struct Session: Sendable {
    /// `--root`.
    var root: FilePath?
    /// `--config`: the folder of the user's `config.json`.
    var configFolder: String?
    var isDebug = false
    /// `--insecure-registry`: hosts, with their ports.
    var insecureRegistries: [String] = []
    var output = Output()
    /// What stood before a command of `socle oci`.
    var oci = OCISettings()
    /// Enters the user namespace of an ordinary user; before any thread is started.
    var enterUserSpace: @Sendable () throws -> Void = {}
    /// Makes what fetches URLs; it is asked only when an engine is opened.
    var transport: @Sendable () -> any HTTPTransport

    /// The store's place.
    var storeRoot: FilePath {
        root ?? StoreRoot.standard(isRoot: Terminal.isRoot, environment: Terminal.environment)
    }

    /// Opens the store.
    func engine() throws -> Engine {
        try Engine(root: storeRoot, transport: transport()) { [self] in try registries($0) }
    }

    /// The user's credentials for registries.
    func credentials() -> CredentialStore {
        guard let configFolder, !configFolder.isEmpty else { return .standard(environment: Terminal.environment) }
        return CredentialStore(path: FilePath(configFolder).appending("config.json"))
    }

    /// The keys that let go of a container: those that a flag says, the user's own, or Docker's.
    func detachKeys(_ flag: String?) throws(PlainFailure) -> DetachKeys {
        if let flag, !flag.isEmpty { return try DetachKeys(flag) }
        guard let own = credentials().setting("detachKeys"), !own.isEmpty else { return .standard }
        return try DetachKeys(own)
    }

    /// The format of a list: what `--format` says, or the user's own (`psFormat` and its like), which lists of IDs don't ask for.
    func format(_ flag: String?, own setting: String, isQuiet: Bool = false) -> String? {
        if let flag, !flag.isEmpty { return flag }
        guard !isQuiet, let own = credentials().setting(setting), !own.isEmpty else { return nil }
        return own
    }

    /// The way to registries, as this machine and this user want it.
    func registries(_ transport: (any HTTPTransport)? = nil) throws -> Registries {
        Registries(
            transport: transport ?? self.transport(),
            settings: try registrySettings(),
            credentials: credentials()
        )
    }

    /// What is said of registries, on this machine and by this command.
    func registrySettings() throws -> RegistrySettings {
        var settings = try RegistrySettings.standard(environment: Terminal.environment)
        for name in insecureRegistries { settings.allowInsecure(try RegistryServer.host(name)) }
        return settings
    }

    /// Runs `body` with a sink for its progress, drawn on standard error; everything is drawn when it returns.
    func withProgress<Result>(
        _ mode: ProgressMode,
        verb: String,
        _ body: (ProgressFeed) throws -> Result
    ) rethrows -> Result {
        let feed = feed(mode, verb: verb)
        defer { feed.finish() }
        return try body(feed)
    }

    /// What draws progress on standard error in a mode.
    func feed(_ mode: ProgressMode, verb: String) -> ProgressFeed {
        let isTerminal = Terminal.isTerminal(2)
        let rate = Terminal.environment("TTY_DISPLAY_RATE").flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil }
        return ProgressFeed(
            renderer(mode, verb: verb),
            tick: .milliseconds(rate ?? 100),
            size: { isTerminal ? Terminal.size(of: 2) : nil },
            write: { [output] in output.writeError($0) }
        )
    }

    private func renderer(_ mode: ProgressMode, verb: String) -> any ProgressRenderer {
        switch mode {
        case .quiet, .none: return SilentProgress()
        case .rawjson: return StatusProgress()
        case .auto where Terminal.isTerminal(2), .tty:
            let size = Terminal.size(of: 2) ?? (rows: 24, columns: 80)
            let lines = Terminal.environment("BUILDKIT_TTY_LOG_LINES").flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil }
            let style = TerminalProgress.Style(
                verb: verb,
                description: "socle",
                colors: ProgressColors.fromEnvironment(Terminal.environment),
                logLines: lines ?? 6
            )
            return TerminalProgress(style, columns: size.columns, rows: size.rows)
        case .auto, .plain:
            let opening = "\(verb.lowercased()) with socle \(SocleVersion.text) in \(storeRoot)"
            return PlainProgress(opening: opening)
        }
    }
}

/// Standard output and standard error.
struct Output: Sendable {
    var out: @Sendable (String) -> Void = { Output.write($0, to: 1) }
    var err: @Sendable (String) -> Void = { Output.write($0, to: 2) }

    /// Text for standard output, as it is.
    func write(_ text: String) { out(text) }

    /// A line for standard output.
    func print(_ line: String) { out(line + "\n") }

    /// Text for standard error, as it is.
    func writeError(_ text: String) { err(text) }

    /// A line for standard error.
    func complain(_ line: String) { err(GoText.visible(line) + "\n") }

    private static func write(_ text: String, to descriptor: CInt) {
        let bytes = Array(text.utf8)
        // Whoever closed the other end doesn't want to read why.
        try? DescriptorIO.write(descriptor, bytes.span)
    }
}

import ELFFormat
import LinuxSystem
package import OCISpec

// What a root file system lacks for the command that it is to run.
//
// Everything is read, nothing is run: the kernel's and the loaders' rules are followed in thought. What comes out is a list
// of values; who asked decides what to say of it.

/// One check of one root file system.
package struct ImageCheck {
    /// How much is looked at.
    package enum Depth: Sendable, Hashable {
        /// Headers of the command and its libraries: what `build` can afford.
        case headers
        /// The commands, with their languages and their data.
        case commands
        /// The same, and every program, library and script of the root.
        case everything
    }

    private let root: ImageRoot
    private let config: ContainerConfig
    private let platform: Platform
    private let depth: Depth
    private let commandName: String?
    private let libraries: LibraryCheck
    private var findings: [Finding] = []
    private var objects = 0
    private var scripts = 0

    /// A check of `root` with the configuration that its commands run with. With `checksSymbols` every symbol that a program
    /// wants is looked for; `commandName` is what the command is called in messages, where it isn't the image's own.
    package init(
        _ root: ImageRoot,
        config: ContainerConfig,
        platform: Platform,
        depth: Depth = .commands,
        checksSymbols: Bool = false,
        commandName: String? = nil
    ) {
        self.commandName = commandName
        self.root = root
        self.config = config
        self.platform = platform
        self.depth = depth
        let settings = CommandSettings(config, platform: platform, user: RuntimeSpec.User(uid: 0, gid: 0))
        libraries = LibraryCheck(root, environment: settings.libraryPath, checksSymbols: checksSymbols)
    }

    /// Looks, and says what it found.
    package mutating func report() throws -> ImageVerdict {
        let user: RuntimeSpec.User
        switch try CommandSettings.user(config.user, in: root) {
        case .success(let found): user = found
        case .failure(let unknown):
            findings.append(unknown.finding)
            user = RuntimeSpec.User(uid: 0, gid: 0)
        }
        let settings = CommandSettings(config, platform: platform, user: user)
        try checkCommands(settings)
        if depth == .everything { try checkEverything(settings) }
        return ImageVerdict(findings, objects: objects, scripts: scripts)
    }

    // MARK: - Commands

    private mutating func checkCommands(_ settings: CommandSettings) throws {
        let arguments = (config.entrypoint ?? []) + (config.cmd ?? [])
        if arguments.isEmpty {
            if depth != .headers {
                findings.append(
                    Finding(
                        .command,
                        "the image",
                        "has no command: `run` must be told what to start",
                        cure: ["CMD [\"/program\"]"]
                    )
                )
            }
        } else {
            let own = config.entrypoint?.isEmpty == false ? "ENTRYPOINT" : "CMD"
            try check(arguments, as: commandName ?? own, settings)
        }
        if depth == .headers { return }
        if let test = config.healthcheck?.test, let first = test.first, first != "NONE", test.count > 1 {
            let words = Array(test.dropFirst())
            try check(first == "CMD-SHELL" ? settings.shell + words : words, as: "HEALTHCHECK", settings)
        }
        if let finding = port(settings) { findings.append(finding) }
    }

    private mutating func check(_ arguments: [String], as words: String, _ settings: CommandSettings) throws {
        let command = CommandCheck(root: root, settings: settings, libraries: libraries)
        switch try command.start(arguments, as: words) {
        case .fails(let found): findings += found
        case .runs(let started):
            try look(at: started, settings)
            guard depth != .headers, arguments.count > 2, arguments.starts(with: settings.shell),
                let inner = ShellCommand.program(of: arguments[settings.shell.count])
            else { return }
            try check(inner, through: command, as: words, shell: started.program, settings)
        }
    }

    /// The program that a shell form starts. A name may be the shell's own; busybox's shell has hundreds of them.
    private mutating func check(
        _ arguments: [String],
        through command: CommandCheck,
        as words: String,
        shell: ImageRoot.Entry,
        _ settings: CommandSettings
    ) throws {
        let name = arguments[0]
        if ShellCommand.builtIn.contains(name) { return }
        let hasMore = shell.path.components.last?.description.hasPrefix("busybox") == true
        if hasMore, !name.contains("/"), case .fails = try command.lookUp(name) { return }
        switch try command.start(arguments, as: words) {
        case .fails(let found): findings += found
        case .runs(let started): try look(at: started, settings)
        }
    }

    private mutating func look(at started: Execution.Started, _ settings: CommandSettings) throws {
        objects += started.links?.objects.count ?? 1
        scripts += started.scripts.count
        findings += try libraries.findings(started)
        let facts = ProgramFacts(started, in: root, readsAll: depth != .headers)
        let data = DataCheck(root: root, settings: settings, facts: facts)
        if depth == .headers {
            if let finding = try data.certificates() { findings.append(finding) }
            return
        }
        let found = try RuntimeCheck(root: root, settings: settings).findings(started)
        findings += found
        // A runtime that doesn't start needs nothing.
        if !found.contains(where: { $0.severity == .error }) { findings += try data.findings() }
    }

    /// I-PORT
    private func port(_ settings: CommandSettings) -> Finding? {
        guard settings.user.uid != 0 else { return nil }
        let low = config.exposedPorts.filter { (Int($0.prefix { $0.isNumber }) ?? 1024) < 1024 }.sorted()
        guard let first = low.first else { return nil }
        return Finding(
            .port,
            "EXPOSE \(first)",
            "is a port that user \(settings.user.uid) may not listen on, unless net.ipv4.ip_unprivileged_port_start allows it",
            cure: ["EXPOSE 8080", "# or run with --sysctl net.ipv4.ip_unprivileged_port_start=0"]
        )
    }

    // MARK: - Everything

    private mutating func checkEverything(_ settings: CommandSettings) throws {
        var programs: [(ImageRoot.Entry, ELFFile)] = []
        var lines: [(ImageRoot.Entry, [UInt8])] = []
        try root.forEachProgram { entry, content in
            switch content {
            case .program(let file): programs.append((entry, file))
            case .script(let head): lines.append((entry, head))
            }
        }
        objects = max(objects, programs.count)
        scripts = max(scripts, lines.count)
        let places = Dictionary(grouping: programs) { $0.0.path.components.last?.description ?? "" }
            .mapValues { $0.map(\.0.path.description).sorted() }
        for (entry, file) in programs {
            findings += try libraries.check(entry, file, settings) { places[$0] ?? [] }
        }
        let check = CommandCheck(root: root, settings: settings, libraries: libraries)
        for (entry, _) in lines {
            let step = CommandCheck.Step(
                entry: entry,
                name: entry.path.description,
                arguments: [entry.path.description]
            )
            guard case .fails(let found) = try check.run(step) else { continue }
            // What nobody finds by name is an example, or a part of something.
            let isOnPath = settings.searchPath.contains { PathBytes($0) == entry.path.parent }
            findings += found.map { isOnPath ? $0 : $0.with(.otherScript) }
        }
    }
}

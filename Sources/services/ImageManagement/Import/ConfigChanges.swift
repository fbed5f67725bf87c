import DockerfileSyntax
import OCISpec
import Reporting

/// The instructions of `--change`, applied to a config one after another as Docker's `import` does: variables that one
/// sets are known to the next.
struct ConfigChanges {
    private var config: ContainerConfig
    private var isCommandSet = false

    /// The config with the changes made.
    static func applied(_ changes: [String], to config: ContainerConfig) throws -> ContainerConfig {
        var state = ConfigChanges(config: config)
        for change in changes { for instruction in try Instruction.changes(change) { try state.apply(instruction) } }
        return state.config
    }

    private init(config: ContainerConfig) { self.config = config }

    private mutating func apply(_ instruction: Instruction) throws {
        switch instruction.kind {
        case .cmd(let line):
            config.cmd = line.arguments(shell: shell)
            isCommandSet = true
        case .entrypoint(let line):
            config.entrypoint = line.isEmpty ? nil : line.arguments(shell: shell)
            // What the command was meant for is replaced.
            if !isCommandSet { config.cmd = nil }
        case .env(let assignments): try setEnvironment(assignments)
        case .label(let assignments):
            for label in assignments { config.labels[try text(label.name)] = try text(label.value) }
        case .expose(let words):
            for word in try self.words(words) { config.exposedPorts.formUnion(try PortSpecification(word).ports) }
        case .volume(let words): try addVolumes(words)
        case .workdir(let word):
            config.workingDir = CleanPath.join(config.workingDir.isEmpty ? "/" : config.workingDir, try text(word))
        case .user(let word): config.user = try text(word)
        case .stopsignal(let word): config.stopSignal = try Self.signal(try text(word))
        case .healthcheck(let instruction): config.healthcheck = Self.healthcheck(instruction)
        case .onbuild(let instruction): config.onBuild.append(instruction.trigger)
        default: throw PlainFailure(.invalidArgument, "\(instruction.name) is not a valid change command")
        }
    }

    private var shell: [String] { config.shell ?? ["/bin/sh", "-c"] }

    private mutating func setEnvironment(_ assignments: [Assignment]) throws {
        // All of one instruction see the variables as they were before it.
        let settings = try assignments.map { (try text($0.name), try text($0.value)) }
        for (name, value) in settings {
            let setting = "\(name)=\(value)"
            if let index = config.env.firstIndex(where: { $0.hasPrefix("\(name)=") }) {
                config.env[index] = setting
            } else {
                config.env.append(setting)
            }
        }
    }

    private mutating func addVolumes(_ words: [Word]) throws {
        for word in words {
            let path = try text(word).trimmed
            guard !path.isEmpty else {
                throw PlainFailure(.invalidArgument, "VOLUME specified can not be an empty string")
            }
            config.volumes.insert(path)
        }
    }

    // MARK: - Variables

    private func variable(_ name: String) -> String? {
        config.env.last { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    private func text(_ word: Word?) throws -> String {
        try word.map { try WordExpander().expand($0.text, lookup: variable).text } ?? ""
    }

    private func words(_ words: [Word]) throws -> [String] {
        try words.flatMap { try WordExpander().expand($0.text, lookup: variable).words }
    }

    // MARK: - Values

    private static func healthcheck(_ instruction: HealthcheckInstruction) -> Healthcheck {
        var result = Healthcheck(test: instruction.test)
        guard let check = instruction.check else { return result }
        result.interval = check.interval
        result.timeout = check.timeout
        result.startPeriod = check.startPeriod
        result.startInterval = check.startInterval
        result.retries = check.retries
        return result
    }

    /// A signal's number or name; the text stays as it was written.
    private static func signal(_ text: String) throws -> String {
        let upper = text.uppercased()
        let name = upper.hasPrefix("SIG") ? String(upper.dropFirst(3)) : upper
        let isKnown = Int(text).map { (1...64).contains($0) } ?? (signals.contains(name) || isRealTime(name))
        guard isKnown else { throw PlainFailure(.invalidArgument, "Invalid signal: \(text)") }
        return text
    }

    private static let signals: Set<String> = [
        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
        "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
        "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
    ]

    /// `RTMIN+1` to `RTMIN+15`, `RTMAX-14` to `RTMAX-1`.
    private static func isRealTime(_ name: String) -> Bool {
        if name.hasPrefix("RTMIN+"), let number = Int(name.dropFirst(6)) { return (1...15).contains(number) }
        if name.hasPrefix("RTMAX-"), let number = Int(name.dropFirst(6)) { return (1...14).contains(number) }
        return false
    }
}

extension String {
    /// Without white space at both ends.
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}

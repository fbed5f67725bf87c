import BuildDefinition
import DockerfileSyntax
import OCISpec
import Reporting

/// A stage while it is planned: its file system, what it says about itself, and the variables so far.
struct StageState {
    let stage: Stage
    var platform: Platform
    /// The config without history and layers.
    var image: ImageConfig
    var config: ContainerConfig
    var history: [HistoryTemplate] = []
    /// The file system so far; nil is the empty one.
    var edge: Edge?
    /// The declared arguments in order, with their values; a name may come twice.
    var arguments: [(name: String, value: String?)] = []
    private var argumentValues: [String: String] = [:]
    private var environment: [String: String] = [:]
    /// Whether CMD was set in this stage, so that ENTRYPOINT leaves it alone.
    var setsCommand = false
    /// Whether WORKDIR was said in the file.
    var hasWorkdir = false
    /// Whether nobody knows what the base image says of itself: only then nothing is said of variables.
    var hasUnknownBase = false
    /// Whether the instruction that is being planned comes from the base's ONBUILD.
    var isTrigger = false
    /// The numbers of the step titles.
    var step = 0
    var stepCount = 0
    /// Whether titles say for which platform a step is.
    var namesPlatform = false

    static let defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    static let defaultShell = ["/bin/sh", "-c"]

    /// A stage on nothing.
    init(scratch stage: Stage, platform: Platform) {
        self.stage = stage
        self.platform = platform
        image = ImageConfig(platform: platform)
        config = ContainerConfig()
        config.workingDir = "/"
        config.env = [Self.defaultPath]
        readEnvironment()
    }

    /// A stage on an image.
    init(_ stage: Stage, on base: ImageConfig, edge: Edge, platform: Platform) {
        self.stage = stage
        self.platform = platform
        self.edge = edge
        image = ImageConfig(platform: platform)
        image.author = base.author
        image.osVersion = base.osVersion
        image.osFeatures = base.osFeatures
        config = base.config ?? ContainerConfig()
        config.onBuild = []
        if !config.env.contains(where: { $0.hasPrefix("PATH=") }) { config.env.append(Self.defaultPath) }
        history = base.history.map { HistoryTemplate(inherited: $0) }
        readEnvironment()
    }

    /// A stage on another stage.
    init(_ stage: Stage, on base: StageState, platform: Platform) {
        self = StageState(base, stage, platform)
    }

    private init(_ base: StageState, _ stage: Stage, _ platform: Platform) {
        self.stage = stage
        self.platform = platform
        image = base.image
        config = base.config
        config.onBuild = []
        history = base.history
        edge = base.edge
        arguments = base.arguments
        argumentValues = base.argumentValues
        environment = base.environment
        hasWorkdir = base.hasWorkdir
        hasUnknownBase = base.hasUnknownBase
    }

    // MARK: - Variables

    private mutating func readEnvironment() {
        environment = [:]
        for entry in config.env {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            environment[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
    }

    /// The value that an instruction sees: ENV wins over ARG.
    func value(of name: String) -> String? {
        environment[name] ?? argumentValues[name]
    }

    /// All names that have values or were declared.
    var knownNames: [String] { (Set(environment.keys).union(arguments.map(\.name))).sorted() }

    mutating func setEnvironment(_ name: String, _ value: String) {
        let entry = "\(name)=\(value)"
        if let index = config.env.firstIndex(where: { $0 == name || $0.hasPrefix("\(name)=") }) {
            config.env[index] = entry
        } else {
            config.env.append(entry)
        }
        environment[name] = value
    }

    mutating func declare(_ name: String, _ value: String?) {
        arguments.append((name, value))
        if let value, !GlobalScope.settingNames.contains(name) { argumentValues[name] = value }
    }

    /// What a program of RUN is given: the config's environment, then the arguments that it doesn't hide.
    var runEnvironment: [String] {
        var seen: Set<String> = []
        let extra = arguments.compactMap { name, _ -> String? in
            guard environment[name] == nil, let value = argumentValues[name], seen.insert(name).inserted else {
                return nil
            }
            return "\(name)=\(value)"
        }
        return config.env + extra
    }

    /// The arguments as a RUN entry of the history has them: `|2 a=1 b=2`.
    var argumentPrefix: [String] {
        var seen: [String: Int] = [:]
        var words: [String] = []
        for (name, written) in arguments {
            let word = "\(name)=\(value(of: name) ?? written ?? "")"
            if let index = seen[name] {
                words[index] = word
            } else {
                seen[name] = words.count
                words.append(word)
            }
        }
        return words.isEmpty ? [] : ["|\(words.count)"] + words
    }

    // MARK: - Steps

    var shell: [String] { config.shell ?? Self.defaultShell }

    /// Puts the step's number in front of a title.
    mutating func title(_ text: String, isOnlyStage: Bool) -> String {
        guard stepCount > 0 else { return text }
        step += 1
        let total = String(stepCount)
        let number = String(step)
        let padding = String(repeating: " ", count: max(0, total.count - number.count))
        return "[\(platformTitle)\(isOnlyStage ? "" : stage.displayName + " ")\(padding)\(number)/\(total)] "
            + (isTrigger ? "ONBUILD " : "") + text
    }

    /// `linux/amd64 `; with `->arm64` where the stage asks for what it is to make and that is something else.
    private var platformTitle: String {
        guard namesPlatform else { return "" }
        let name = platform.description
        guard let wanted = argumentValues["TARGETPLATFORM"], wanted != name else {
            guard let target = argumentValues["TARGETARCH"], target != platform.architecture else { return name + " " }
            return "\(name)->\(target) "
        }
        let os = platform.os + "/"
        return "\(name)->\(wanted.hasPrefix(os) ? String(wanted.dropFirst(os.count)) : wanted) "
    }

    mutating func record(_ createdBy: String, vertex: VertexID? = nil) {
        history.append(HistoryTemplate(createdBy: createdBy, vertex: vertex))
    }
}

/// How a container of an image is run unless the user says otherwise: Docker's `Config`.
///
/// The Swift names are the JSON names with a small first letter.
public struct ContainerConfig: Hashable, Sendable {
    /// The host name.
    public var hostname = ""
    /// The domain name.
    public var domainname = ""
    /// Who the process runs as, `user:group`.
    public var user = ""
    /// Whether input is attached.
    public var attachStdin = false
    /// Whether output is attached.
    public var attachStdout = false
    /// Whether error output is attached.
    public var attachStderr = false
    /// `80/tcp`
    public var exposedPorts: Set<String> = []
    /// Whether there is a terminal.
    public var tty = false
    /// Whether input stays open without anybody attached.
    public var openStdin = false
    /// Whether input closes when the first who attached goes.
    public var stdinOnce = false
    /// `NAME=value`, in the order in which they were set.
    public var env: [String] = []
    /// Nil is "not set"; an empty list is "set to nothing".
    public var cmd: [String]?
    /// How to find out whether a container is well.
    public var healthcheck: Healthcheck?
    /// Whether the command is escaped already, for Windows.
    public var argsEscaped = false
    /// The image, as the user named it.
    public var image = ""
    /// Where volumes are mounted.
    public var volumes: Set<String> = []
    /// Where the process starts.
    public var workingDir = ""
    /// What comes before the command; nil and empty differ as in `cmd`.
    public var entrypoint: [String]?
    /// Whether there is no network.
    public var networkDisabled = false
    /// The network card's address.
    public var macAddress = ""
    /// Instructions for builds that start from the image.
    public var onBuild: [String] = []
    /// Notes by key.
    public var labels: [String: String] = [:]
    /// The signal that ends it; empty is SIGTERM.
    public var stopSignal = ""
    /// How long it has to end, in seconds.
    public var stopTimeout: Int?
    /// What runs commands in shell form.
    public var shell: [String]?

    /// Makes an empty one.
    public init() {}
}

extension ContainerConfig: Codable {
    private enum CodingKeys: String, CodingKey {
        case hostname = "Hostname"
        case domainname = "Domainname"
        case user = "User"
        case attachStdin = "AttachStdin"
        case attachStdout = "AttachStdout"
        case attachStderr = "AttachStderr"
        case exposedPorts = "ExposedPorts"
        case tty = "Tty"
        case openStdin = "OpenStdin"
        case stdinOnce = "StdinOnce"
        case env = "Env"
        case cmd = "Cmd"
        case healthcheck = "Healthcheck"
        case argsEscaped = "ArgsEscaped"
        case image = "Image"
        case volumes = "Volumes"
        case workingDir = "WorkingDir"
        case entrypoint = "Entrypoint"
        case networkDisabled = "NetworkDisabled"
        case macAddress = "MacAddress"
        case onBuild = "OnBuild"
        case labels = "Labels"
        case stopSignal = "StopSignal"
        case stopTimeout = "StopTimeout"
        case shell = "Shell"
    }

    /// Reads it from JSON.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.object(keyedBy: CodingKeys.self)
        hostname = try container.text(forKey: .hostname)
        domainname = try container.text(forKey: .domainname)
        user = try container.text(forKey: .user)
        attachStdin = try container.flag(forKey: .attachStdin)
        attachStdout = try container.flag(forKey: .attachStdout)
        attachStderr = try container.flag(forKey: .attachStderr)
        exposedPorts = try container.names(forKey: .exposedPorts)
        tty = try container.flag(forKey: .tty)
        openStdin = try container.flag(forKey: .openStdin)
        stdinOnce = try container.flag(forKey: .stdinOnce)
        env = try container.list(forKey: .env)
        cmd = try container.words(forKey: .cmd)
        healthcheck = try container.decodeIfPresent(Healthcheck.self, forKey: .healthcheck)
        argsEscaped = try container.flag(forKey: .argsEscaped)
        image = try container.text(forKey: .image)
        volumes = try container.names(forKey: .volumes)
        workingDir = try container.text(forKey: .workingDir)
        entrypoint = try container.words(forKey: .entrypoint)
        networkDisabled = try container.flag(forKey: .networkDisabled)
        macAddress = try container.text(forKey: .macAddress)
        onBuild = try container.list(forKey: .onBuild)
        labels = try container.decodeIfPresent([String: String].self, forKey: .labels) ?? [:]
        stopSignal = try container.text(forKey: .stopSignal)
        stopTimeout = try container.decodeIfPresent(Int.self, forKey: .stopTimeout)
        shell = try container.words(forKey: .shell)
    }

    /// What is empty is left out, except a command that was set to nothing.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.object(keyedBy: CodingKeys.self)
        try container.encodeUnlessEmpty(hostname, forKey: .hostname)
        try container.encodeUnlessEmpty(domainname, forKey: .domainname)
        try container.encodeUnlessEmpty(user, forKey: .user)
        try container.encodeIfTrue(attachStdin, forKey: .attachStdin)
        try container.encodeIfTrue(attachStdout, forKey: .attachStdout)
        try container.encodeIfTrue(attachStderr, forKey: .attachStderr)
        try container.encodeNames(exposedPorts, forKey: .exposedPorts)
        try container.encodeIfTrue(tty, forKey: .tty)
        try container.encodeIfTrue(openStdin, forKey: .openStdin)
        try container.encodeIfTrue(stdinOnce, forKey: .stdinOnce)
        try container.encodeUnlessEmpty(env, forKey: .env)
        try container.encodeIfPresent(cmd, forKey: .cmd)
        try container.encodeIfPresent(healthcheck, forKey: .healthcheck)
        try container.encodeIfTrue(argsEscaped, forKey: .argsEscaped)
        try container.encodeUnlessEmpty(image, forKey: .image)
        try container.encodeNames(volumes, forKey: .volumes)
        try container.encodeUnlessEmpty(workingDir, forKey: .workingDir)
        try container.encodeIfPresent(entrypoint, forKey: .entrypoint)
        try container.encodeIfTrue(networkDisabled, forKey: .networkDisabled)
        try container.encodeUnlessEmpty(macAddress, forKey: .macAddress)
        try container.encodeUnlessEmpty(onBuild, forKey: .onBuild)
        if !labels.isEmpty { try container.encode(labels, forKey: .labels) }
        try container.encodeUnlessEmpty(stopSignal, forKey: .stopSignal)
        try container.encodeIfPresent(stopTimeout, forKey: .stopTimeout)
        try container.encodeIfPresent(shell, forKey: .shell)
    }
}

/// How to find out whether a container is well.
public struct Healthcheck: Hashable, Sendable {
    /// `["NONE"]`, `["CMD", program, argument…]`, `["CMD-SHELL", command]`; empty inherits.
    public var test: [String] = []
    /// In nanoseconds, as all of these; 0 inherits.
    public var interval: Int64 = 0
    /// How long a test may take.
    public var timeout: Int64 = 0
    /// How long failures don't count at first.
    public var startPeriod: Int64 = 0
    /// Between two tests in the start period.
    public var startInterval: Int64 = 0
    /// How many failures in a row make it unwell; 0 inherits.
    public var retries = 0

    /// Makes one from its parts.
    public init(test: [String] = []) { self.test = test }
}

extension Healthcheck: Codable {
    private enum CodingKeys: String, CodingKey {
        case test = "Test"
        case interval = "Interval"
        case timeout = "Timeout"
        case startPeriod = "StartPeriod"
        case startInterval = "StartInterval"
        case retries = "Retries"
    }

    /// Reads it from JSON.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.object(keyedBy: CodingKeys.self)
        test = try container.list(forKey: .test)
        interval = try container.decodeIfPresent(Int64.self, forKey: .interval) ?? 0
        timeout = try container.decodeIfPresent(Int64.self, forKey: .timeout) ?? 0
        startPeriod = try container.decodeIfPresent(Int64.self, forKey: .startPeriod) ?? 0
        startInterval = try container.decodeIfPresent(Int64.self, forKey: .startInterval) ?? 0
        retries = try container.decodeIfPresent(Int.self, forKey: .retries) ?? 0
    }

    /// Writes it as it is in JSON.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.object(keyedBy: CodingKeys.self)
        try container.encodeUnlessEmpty(test, forKey: .test)
        try container.encodeUnlessZero(interval, forKey: .interval)
        try container.encodeUnlessZero(timeout, forKey: .timeout)
        try container.encodeUnlessZero(startPeriod, forKey: .startPeriod)
        try container.encodeUnlessZero(startInterval, forKey: .startInterval)
        try container.encodeUnlessZero(Int64(retries), forKey: .retries)
    }
}

/// A program that runs in the file system below; what it changes is a layer.
public struct RunOperation: Hashable, Sendable {
    /// The program and its arguments, the shell included.
    public var arguments: [String]
    /// `name=value`, in order.
    public var environment: [String]
    /// Proxy settings that nobody declared: given to the program, and left out of every cache key.
    public var proxyEnvironment: [String]
    /// As USER says it; empty is root.
    public var user: String
    public var workingDirectory: String
    public var network: Network
    public var security: Security
    public var mounts: [RunMount]
    public var hostname: String
    /// Devices by their CDI names.
    public var devices: [String]

    /// What the program can reach.
    public enum Network: String, Hashable, Sendable, CaseIterable { case `default`, none, host }

    /// What the program may do.
    public enum Security: String, Hashable, Sendable, CaseIterable { case sandbox, insecure }

    public init(
        arguments: [String],
        environment: [String] = [],
        proxyEnvironment: [String] = [],
        user: String = "",
        workingDirectory: String = "/",
        network: Network = .default,
        security: Security = .sandbox,
        mounts: [RunMount] = [],
        hostname: String = "buildkitsandbox",
        devices: [String] = []
    ) {
        self.arguments = arguments
        self.environment = environment
        self.proxyEnvironment = proxyEnvironment
        self.user = user
        self.workingDirectory = workingDirectory
        self.network = network
        self.security = security
        self.mounts = mounts
        self.hostname = hostname
        self.devices = devices
    }
}

/// Something that is there while a program runs and isn't part of the layer.
public struct RunMount: Hashable, Sendable {
    /// What is mounted.
    public enum Source: Hashable, Sendable {
        /// A path in one of the vertex's inputs; writes are thrown away.
        case bind(input: Int, path: String)
        /// A directory that lives on between builds; starts as a path of an input, or empty.
        case cache(id: String, sharing: Sharing, start: Start?)
        /// Memory, up to a number of bytes.
        case tmpfs(size: Int64?)
        /// A secret of the caller's as a file, as a variable, or both.
        case secret(id: String, variable: String?, required: Bool)
        /// The caller's SSH agent as a socket.
        case ssh(id: String, required: Bool)
        /// A file that is written in the Dockerfile.
        case inline(bytes: [UInt8])
    }

    /// Where a cache starts from.
    public struct Start: Hashable, Sendable {
        public var input: Int
        public var path: String

        public init(input: Int, path: String) {
            self.input = input
            self.path = path
        }
    }

    /// What happens when two programs want one cache.
    public enum Sharing: String, Hashable, Sendable, CaseIterable { case shared, `private`, locked }

    public var source: Source
    /// Absolute; nil for a secret that is only a variable, and for an agent at its usual place.
    public var target: String?
    public var isReadOnly: Bool
    public var mode: UInt32?
    public var uid: UInt32?
    public var gid: UInt32?

    public init(
        _ source: Source,
        target: String?,
        isReadOnly: Bool,
        mode: UInt32? = nil,
        uid: UInt32? = nil,
        gid: UInt32? = nil
    ) {
        self.source = source
        self.target = target
        self.isReadOnly = isReadOnly
        self.mode = mode
        self.uid = uid
        self.gid = gid
    }
}

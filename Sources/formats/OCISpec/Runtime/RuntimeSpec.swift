/// A container as the OCI runtime specification describes it: the `config.json` of a bundle.
///
/// Property names are the specification's own, so that the coded form is exactly `config.json`; what is nil is absent.
/// The value is pure: nothing here looks at the machine. Both executors (the native one, runc and crun) start from it.
public struct RuntimeSpec: Codable, Hashable, Sendable {
    /// The version of the specification that the document follows.
    public var ociVersion: String = RuntimeSpec.version
    public var process: Process?
    public var root: Root?
    public var hostname: String?
    public var domainname: String?
    /// In the order in which they are made.
    public var mounts: [Mount]?
    public var hooks: Hooks?
    public var annotations: [String: String]?
    public var linux: Linux?

    /// What socle writes: understood by runc 1.0 and crun 1.0 on.
    public static let version = "1.0.2"

    public init() {}

    /// The file system that becomes `/`.
    public struct Root: Codable, Hashable, Sendable {
        /// Absolute, or relative to the bundle.
        public var path: String
        public var readonly: Bool?

        public init(path: String, readonly: Bool? = nil) {
            self.path = path
            self.readonly = readonly
        }
    }

    /// One thing to mount, below the container's root.
    public struct Mount: Codable, Hashable, Sendable {
        public var destination: String
        public var type: String?
        public var source: String?
        public var options: [String]?
        public var uidMappings: [IDMapping]?
        public var gidMappings: [IDMapping]?

        public init(_ destination: String, type: String? = nil, source: String? = nil, options: [String]? = nil) {
            self.destination = destination
            self.type = type
            self.source = source
            self.options = options
        }
    }

    /// A range of ids inside that stands for a range outside.
    public struct IDMapping: Codable, Hashable, Sendable {
        public var containerID: UInt32
        public var hostID: UInt32
        public var size: UInt32

        public init(containerID: UInt32, hostID: UInt32, size: UInt32) {
            self.containerID = containerID
            self.hostID = hostID
            self.size = size
        }
    }

    /// Programs to run at points of a container's life.
    public struct Hooks: Codable, Hashable, Sendable {
        public var prestart: [Hook]?
        public var createRuntime: [Hook]?
        public var createContainer: [Hook]?
        public var startContainer: [Hook]?
        public var poststart: [Hook]?
        public var poststop: [Hook]?

        public init() {}
    }

    public struct Hook: Codable, Hashable, Sendable {
        public var path: String
        public var args: [String]?
        public var env: [String]?
        /// In seconds.
        public var timeout: Int?

        public init(path: String, args: [String]? = nil, env: [String]? = nil, timeout: Int? = nil) {
            self.path = path
            self.args = args
            self.env = env
            self.timeout = timeout
        }
    }
}

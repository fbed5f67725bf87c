extension RuntimeSpec {
    /// What only Linux has: namespaces, devices, control groups, seccomp, and the paths that are hidden.
    public struct Linux: Codable, Hashable, Sendable {
        public var uidMappings: [IDMapping]?
        public var gidMappings: [IDMapping]?
        public var sysctl: [String: String]?
        public var resources: Resources?
        /// Absolute: below the hierarchy's root; relative: up to the runtime.
        public var cgroupsPath: String?
        public var namespaces: [Namespace]?
        public var devices: [Device]?
        public var seccomp: Seccomp?
        public var rootfsPropagation: String?
        public var maskedPaths: [String]?
        public var readonlyPaths: [String]?
        public var mountLabel: String?
        public var personality: Personality?
        /// Offsets of the clocks of a new time namespace, by clock name.
        public var timeOffsets: [String: TimeOffset]?

        public init() {}
    }

    /// A namespace of its own, or one to join where there is a path.
    public struct Namespace: Codable, Hashable, Sendable {
        public var type: Kind
        public var path: String?

        public init(_ type: Kind, path: String? = nil) {
            self.type = type
            self.path = path
        }

        public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
            case mount, network, uts, pid, ipc, user, cgroup, time
        }
    }

    /// A device node to make in the container's `/dev`.
    public struct Device: Codable, Hashable, Sendable {
        public var path: String
        /// `c`, `b`, `u` or `p`.
        public var type: String
        public var major: Int64?
        public var minor: Int64?
        public var fileMode: UInt32?
        public var uid: UInt32?
        public var gid: UInt32?

        public init(
            _ path: String,
            type: String,
            major: Int64? = nil,
            minor: Int64? = nil,
            fileMode: UInt32? = nil,
            uid: UInt32? = nil,
            gid: UInt32? = nil
        ) {
            self.path = path
            self.type = type
            self.major = major
            self.minor = minor
            self.fileMode = fileMode
            self.uid = uid
            self.gid = gid
        }
    }

    public struct Personality: Codable, Hashable, Sendable {
        public var domain: String
        public var flags: [String]?

        public init(domain: String, flags: [String]? = nil) {
            self.domain = domain
            self.flags = flags
        }
    }

    public struct TimeOffset: Codable, Hashable, Sendable {
        public var secs: Int64
        public var nanosecs: UInt32

        public init(secs: Int64, nanosecs: UInt32) {
            self.secs = secs
            self.nanosecs = nanosecs
        }

        /// What isn't said is 0.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            secs = try container.decodeIfPresent(Int64.self, forKey: .secs) ?? 0
            nanosecs = try container.decodeIfPresent(UInt32.self, forKey: .nanosecs) ?? 0
        }
    }
}

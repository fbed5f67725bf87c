extension RuntimeSpec {
    /// The program that the container is made for.
    public struct Process: Codable, Hashable, Sendable {
        public var terminal: Bool?
        public var consoleSize: ConsoleSize?
        public var user: User
        public var args: [String]?
        /// `NAME=value`, in order.
        public var env: [String]?
        public var cwd: String
        public var capabilities: Capabilities?
        public var rlimits: [ResourceLimit]?
        public var noNewPrivileges: Bool?
        public var apparmorProfile: String?
        public var oomScoreAdj: Int?
        public var selinuxLabel: String?
        public var ioPriority: IOPriority?
        public var scheduler: Scheduler?

        public init(args: [String], env: [String] = [], cwd: String = "/", user: User = User()) {
            self.args = args
            self.env = env
            self.cwd = cwd
            self.user = user
        }
    }

    /// The size of a terminal, in characters.
    public struct ConsoleSize: Codable, Hashable, Sendable {
        public var height: UInt16
        public var width: UInt16

        public init(height: UInt16, width: UInt16) {
            self.height = height
            self.width = width
        }
    }

    /// Who the program runs as: numbers as the container sees them.
    public struct User: Codable, Hashable, Sendable {
        public var uid: UInt32
        public var gid: UInt32
        public var umask: UInt32?
        public var additionalGids: [UInt32]?

        /// Whoever isn't named is root, as runc has it.
        public init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            uid = try members.decodeIfPresent(UInt32.self, forKey: .uid) ?? 0
            gid = try members.decodeIfPresent(UInt32.self, forKey: .gid) ?? 0
            umask = try members.decodeIfPresent(UInt32.self, forKey: .umask)
            additionalGids = try members.decodeIfPresent([UInt32].self, forKey: .additionalGids)
        }

        public init(uid: UInt32 = 0, gid: UInt32 = 0, additionalGids: [UInt32]? = nil, umask: UInt32? = nil) {
            self.uid = uid
            self.gid = gid
            self.additionalGids = additionalGids
            self.umask = umask
        }
    }

    /// Five sets of `CAP_…` names; a set that is nil is empty.
    public struct Capabilities: Codable, Hashable, Sendable {
        public var bounding: [String]?
        public var effective: [String]?
        public var inheritable: [String]?
        public var permitted: [String]?
        public var ambient: [String]?

        public init() {}

        /// Docker's way: what is bounding is permitted and effective for root, nothing is inherited. Whoever isn't root has
        /// nothing before the program is executed either, or it could be one that its user may not execute.
        public init(holding names: [String], uid: UInt32 = 0) {
            bounding = names
            guard uid == 0 else { return }
            effective = names
            permitted = names
        }
    }

    /// How urgent the program's reading and writing is.
    public struct IOPriority: Codable, Hashable, Sendable {
        /// `IOPRIO_CLASS_RT`, `IOPRIO_CLASS_BE` or `IOPRIO_CLASS_IDLE`.
        public var `class`: String
        /// 0 (most urgent) to 7.
        public var priority: Int?
    }

    /// How the kernel shares out processors to the program.
    public struct Scheduler: Codable, Hashable, Sendable {
        /// `SCHED_OTHER` and so on.
        public var policy: String
        public var nice: Int32?
        public var priority: Int32?
        public var flags: [String]?
        public var runtime: UInt64?
        public var deadline: UInt64?
        public var period: UInt64?
    }

    public struct ResourceLimit: Codable, Hashable, Sendable {
        /// `RLIMIT_NOFILE` and so on.
        public var type: String
        public var hard: UInt64
        public var soft: UInt64

        public init(_ type: String, soft: UInt64, hard: UInt64) {
            self.type = type
            self.soft = soft
            self.hard = hard
        }
    }
}

extension KeyedDecodingContainer {
    /// A process may lack its user altogether.
    func decode(_ type: RuntimeSpec.User.Type, forKey key: Key) throws -> RuntimeSpec.User {
        try decodeIfPresent(type, forKey: key) ?? RuntimeSpec.User()
    }
}

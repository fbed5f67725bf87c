extension RuntimeSpec {
    /// Which system calls the container may make, as the specification writes it: libseccomp's constants by name.
    public struct Seccomp: Codable, Hashable, Sendable {
        /// `SCMP_ACT_…` for what no rule names.
        public var defaultAction: String
        /// What `SCMP_ACT_ERRNO` answers by default; nil is `EPERM`.
        public var defaultErrnoRet: UInt32?
        /// `SCMP_ARCH_…`
        public var architectures: [String]?
        public var flags: [String]?
        public var listenerPath: String?
        public var listenerMetadata: String?
        public var syscalls: [SyscallRule]?

        public init(
            defaultAction: String,
            defaultErrnoRet: UInt32? = nil,
            architectures: [String]? = nil,
            syscalls: [SyscallRule]? = nil
        ) {
            self.defaultAction = defaultAction
            self.defaultErrnoRet = defaultErrnoRet
            self.architectures = architectures
            self.syscalls = syscalls
        }
    }

    /// One action for several calls, where all of `args` hold.
    public struct SyscallRule: Codable, Hashable, Sendable {
        public var names: [String]
        public var action: String
        public var errnoRet: UInt32?
        public var args: [SyscallArgument]?

        public init(_ names: [String], action: String, errnoRet: UInt32? = nil, args: [SyscallArgument]? = nil) {
            self.names = names
            self.action = action
            self.errnoRet = errnoRet
            self.args = args
        }
    }

    /// A comparison of one argument of a call.
    public struct SyscallArgument: Codable, Hashable, Sendable {
        public var index: UInt32
        public var value: UInt64
        /// The mask's right side for `SCMP_CMP_MASKED_EQ`.
        public var valueTwo: UInt64?
        /// `SCMP_CMP_…`
        public var op: String

        public init(_ index: UInt32, _ op: String, _ value: UInt64, valueTwo: UInt64? = nil) {
            self.index = index
            self.op = op
            self.value = value
            self.valueTwo = valueTwo
        }
    }
}

package import OCISpec

/// A list of allowed system calls with conditions: what a container gets depends on its capabilities and the machine.
package struct SeccompProfile: Sendable {
    /// A machine that profiles speak of.
    package enum Machine: String, Sendable, Hashable {
        case x86_64, aarch64

        /// The one that this program is built for.
        package static var host: Machine {
            #if arch(x86_64)
                .x86_64
            #else
                .aarch64
            #endif
        }

        /// Its own calls, and those of its 32-bit programs.
        var architectures: [String] {
            switch self {
            case .x86_64: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
            case .aarch64: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]
            }
        }
    }

    struct Rule: Sendable {
        /// Names with spaces between them.
        var names: String
        var action = "SCMP_ACT_ALLOW"
        var errno: UInt32?
        var arguments: [RuntimeSpec.SyscallArgument] = []
        /// A capability that the container must have, or must not have.
        var with: String?
        var without: String?
        var machines: [Machine]?

        init(
            _ names: String,
            on machines: [Machine]? = nil,
            with: String? = nil,
            without: String? = nil,
            action: String = "SCMP_ACT_ALLOW",
            errno: UInt32? = nil,
            arguments: [RuntimeSpec.SyscallArgument] = []
        ) {
            self.names = names
            self.machines = machines
            self.with = with
            self.without = without
            self.action = action
            self.errno = errno
            self.arguments = arguments
        }
    }

    let rules: [Rule]

    /// The profile as the runtime specification has it, for a container with these capabilities in its bounding set.
    package func specification(capabilities: [String], machine: Machine = .host) -> RuntimeSpec.Seccomp {
        let held = Set(capabilities)
        let fitting = rules.filter { rule in
            rule.with.map { held.contains($0) } != false && rule.without.map { !held.contains($0) } != false
                && rule.machines.map { $0.contains(machine) } != false
        }
        return RuntimeSpec.Seccomp(
            defaultAction: "SCMP_ACT_ERRNO",
            defaultErrnoRet: 1,
            architectures: machine.architectures,
            syscalls: fitting.map { rule in
                RuntimeSpec.SyscallRule(
                    rule.names.utf8.split(separator: UInt8(ascii: " ")).map { String(Substring($0)) },
                    action: rule.action,
                    errnoRet: rule.errno,
                    args: rule.arguments.isEmpty ? nil : rule.arguments
                )
            }
        )
    }
}

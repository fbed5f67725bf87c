package import LinuxSystem

/// What starting a container does, decided and checked before anything is done: a pure value, printable, and the same
/// for the same specification and facts.
///
/// `resources` are opened on the host and become the first slots; `namespaces` are made by the clone; `operations` are
/// carried out inside, in order, by the launch shim, and the last one executes the program.
package struct LaunchPlan: Sendable, Hashable, CustomStringConvertible {
    package internal(set) var namespaces: [NamespaceKind]
    package internal(set) var resources: [PlanResource]
    package internal(set) var operations: [PlanOperation]
    /// The `NAME=value` pairs lack a `HOME`: it comes from the root's `/etc/passwd`, see `provideHome`.
    package internal(set) var lacksHome: Bool
    /// Who the program runs as.
    package internal(set) var uid: UInt32

    /// Whether its filter asks somebody, who has to be told before the program runs.
    var asksSomebody: Bool {
        operations.contains {
            guard case .seccomp(let flags, _) = $0 else { return false }
            return flags & SeccompFlag.newListener != 0
        }
    }

    /// Adds `HOME` to the program's environment, as the root's own user database has it.
    package mutating func provideHome(_ home: String) {
        guard lacksHome, case .execute(let candidates, let arguments, let environment) = operations.last else { return }
        operations[operations.count - 1] = .execute(
            candidates: candidates,
            arguments: arguments,
            environment: environment + ["HOME=\(home)"]
        )
        lacksHome = false
    }

    /// The plan as the launch shim reads it.
    package func encoded() -> [UInt8] {
        var encoder = PlanEncoder(resources: resources.count)
        for operation in operations { operation.encode(into: &encoder) }
        return encoder.finish()
    }

    package var description: String {
        var lines = ["namespaces " + namespaces.map { "\($0)" }.joined(separator: " ")]
        lines += resources.map { "resource \($0)" }
        lines += operations.map(\.description)
        return lines.joined(separator: "\n") + "\n"
    }
}

/// What a plan has to know of the machine and the root; gathered before, so that planning itself looks at nothing.
package struct LaunchFacts: Sendable {
    /// The last capability that the kernel knows.
    package var lastCapability: Int
    /// Whether bind sources are directories, by path; a source that isn't here doesn't exist.
    package var sources: [String: Bool]
    /// The version 1 hierarchies, in the order of the machine's mounts.
    package var hierarchies: [ControlGroupHierarchy]
    /// Whether `/proc/kcore` exists.
    package var hasKernelCore: Bool
    /// The compiled filter; nil where the specification has none.
    package var seccompProgram: [UInt8]?
    /// Where a process says below proc which AppArmor profile its next program gets; nil where the kernel has none.
    package var confinementFile: String?
    /// The lowest adjustment of its own out-of-memory score that this process may choose.
    package var leastScore = -1_000
    /// What this process may do; all of it where root is the machine's own and nothing was taken from it.
    package var rights = OwnRights()
    /// Where the host has the devices of the specification, by their paths in the container, because devices can't be made; nil
    /// where they can.
    package var hostDevices: [String: String]?
    /// The users and groups that there are; nil on the machine's own account, where nothing is missing.
    package var userSpace: UserSpaceFacts?

    package init(
        lastCapability: Int = 40,
        sources: [String: Bool] = [:],
        hierarchies: [ControlGroupHierarchy] = [],
        hasKernelCore: Bool = false,
        seccompProgram: [UInt8]? = nil,
        userSpace: UserSpaceFacts? = nil
    ) {
        self.lastCapability = lastCapability
        self.sources = sources
        self.hierarchies = hierarchies
        self.hasKernelCore = hasKernelCore
        self.seccompProgram = seccompProgram
        self.userSpace = userSpace
    }
}

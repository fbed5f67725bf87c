package import ContainerManagement
package import SystemPackage

/// What a build's caller gives its RUN steps: secrets, agents, permissions, and the surroundings of their programs.
package struct RunSettings: Sendable {
    package var secrets: [SecretSource] = []
    package var agents: [AgentSource] = []
    /// What instructions may ask for beyond the usual.
    package var entitlements: Set<Entitlement> = []
    /// `name:address`; as the address, `hostGateway` is the host as a step sees it.
    package var extraHosts: [String] = []
    /// The size of `/dev/shm` in bytes; nil is Docker's 64 MiB.
    package var sharedMemorySize: Int64?
    package var ulimits: [UlimitRequest] = []
    package var limits = ResourceLimits()
    /// `no-new-privileges`, `seccomp=unconfined`, …
    package var securityOptions: [String] = []

    /// Whether the file system of a step that failed is kept, so that its user can look into it (`FailedStep.openShell`).
    package var keepsFailedStep = false

    /// Docker's word for the host.
    package static let hostGateway = "host-gateway"

    package init() {}
}

/// Something that an instruction may do only if the caller allows it, by BuildKit's name.
package enum Entitlement: String, Sendable, CaseIterable {
    case hostNetwork = "network.host"
    case insecure = "security.insecure"
}

/// A secret of the caller's: what `--secret` names.
package struct SecretSource: Sendable, Hashable {
    package enum Place: Sendable, Hashable {
        case file(FilePath)
        /// A value that the caller took from its environment.
        case value(String)
    }

    package var id: String
    package var place: Place

    package init(id: String, place: Place) {
        self.id = id
        self.place = place
    }
}

/// An SSH agent of the caller's: what `--ssh` names.
package struct AgentSource: Sendable, Hashable {
    /// What answers for it.
    package enum Place: Sendable, Hashable {
        /// Where an agent of the caller's listens.
        case socket(FilePath)
        /// Files with private keys, for an agent of the step's own.
        case keys([FilePath])
    }

    package var id: String
    package var place: Place

    package init(id: String, _ place: Place) {
        self.id = id
        self.place = place
    }
}

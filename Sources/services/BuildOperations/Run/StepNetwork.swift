import BuildDefinition
import ContainerManagement
import ContainerNetworking
import LinuxSystem
import Reporting
import SnapshotStorage
import Synchronization
import SystemPackage

/// The network of a build's steps that say nothing about it: one for the whole build, made when the first step needs it.
///
/// Where it can't be made (no libnftables, a firewall that drops what is forwarded, no pasta for an ordinary user) steps have
/// the host's network, and the user is told why.
final class StepNetwork: Sendable {
    /// A network that steps join; it lives as long as somebody has this.
    struct Joined: Sendable {
        /// Where the namespace is found, for this process.
        var namespace: String
        /// The host as steps reach it.
        var host: String
        var holder: any Sendable
    }

    private enum State {
        case unasked
        case own(Joined)
        case host
    }

    private let state = Mutex(State.unasked)

    /// The network that a step joins; nil for the host's.
    func joined(_ snapshots: SnapshotStore, _ progress: ProgressSink) -> Joined? {
        state.withLock { state in
            if case .unasked = state { state = Self.make(snapshots, progress) }
            if case .own(let network) = state { return network }
            return nil
        }
    }

    private static func make(_ snapshots: SnapshotStore, _ progress: ProgressSink) -> State {
        do {
            if !OwnUserNamespace.isInitial {
                let network = try UserModeStepNetwork(in: snapshots.temporary)
                return .own(Joined(namespace: network.network.namespace, host: "127.0.0.1", holder: network))
            }
            let network = try PrivateNetwork()
            return .own(Joined(namespace: network.namespace, host: network.link.hostAddress.description, holder: network))
        } catch {
            progress(.note("steps have the host's network: \(error)"))
            return .host
        }
    }
}

/// An ordinary user's, and the folder that it needs.
private final class UserModeStepNetwork: Sendable {
    let network: PrivateUserModeNetwork
    private let folder: TemporaryFolder

    init(in temporary: FilePath) throws {
        folder = try TemporaryFolder(in: temporary, kind: .network)
        network = try PrivateUserModeNetwork(in: folder.path, forwardsNames: false)
    }
}

extension RunStep {
    /// Puts a step into the network that it, or else the build, asks for.
    func connect(_ step: inout StepRequest, for operation: RunOperation) {
        let asked = operation.network == .default ? network : BuildRequest.Network(operation.network)
        let joined = asked == .default ? ownNetwork.joined(snapshots, progress) : nil
        step.run.network = asked == .none || joined != nil ? .none : .host
        step.networkNamespace = joined?.namespace
        // Without a network there is no way to the host; Docker says the address all the same.
        let host = joined?.host ?? "127.0.0.1"
        step.run.extraHosts = settings.extraHosts.map { entry in
            entry.hasSuffix(":" + RunSettings.hostGateway)
                ? entry.dropLast(RunSettings.hostGateway.count) + host : entry
        }
    }
}

extension BuildRequest.Network {
    fileprivate init(_ network: RunOperation.Network) {
        self =
            switch network {
            case .default: .default
            case .none: .none
            case .host: .host
            }
    }
}

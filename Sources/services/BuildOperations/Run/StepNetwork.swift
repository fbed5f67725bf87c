import BuildDefinition
import ContainerManagement
import ContainerNetworking
import Reporting
import Synchronization

/// The network of a build's steps that say nothing about it: one for the whole build, made when the first step needs it.
///
/// Where it can't be made (no root, no libnftables, a firewall that drops what is forwarded) steps have the host's network,
/// and the user is told why.
final class StepNetwork: Sendable {
    private enum State {
        case unasked
        case own(PrivateNetwork)
        case host
    }

    private let state = Mutex(State.unasked)

    /// The network that a step joins, which lives as long as this value; nil for the host's.
    func joined(_ progress: ProgressSink) -> PrivateNetwork? {
        state.withLock { state in
            if case .unasked = state { state = Self.make(progress) }
            if case .own(let network) = state { return network }
            return nil
        }
    }

    private static func make(_ progress: ProgressSink) -> State {
        do throws(NetworkError) { return .own(try PrivateNetwork()) } catch {
            progress(.note("steps have the host's network: \(error)"))
            return .host
        }
    }
}

extension RunStep {
    /// Puts a step into the network that it, or else the build, asks for.
    func connect(_ step: inout StepRequest, for operation: RunOperation) {
        let asked = operation.network == .default ? network : BuildRequest.Network(operation.network)
        let joined = asked == .default ? ownNetwork.joined(progress) : nil
        step.run.network = asked == .none || joined != nil ? .none : .host
        step.networkNamespace = joined?.namespace
        // Without a network there is no way to the host; Docker says the address all the same.
        let host = joined?.link.hostAddress.description ?? "127.0.0.1"
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

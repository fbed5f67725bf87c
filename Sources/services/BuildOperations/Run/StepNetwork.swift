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

    /// The namespace that a step joins, which lives as long as this value; nil for the host's network.
    func namespace(_ progress: ProgressSink) -> String? {
        state.withLock { state in
            if case .unasked = state { state = Self.make(progress) }
            if case .own(let network) = state { return network.namespace }
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

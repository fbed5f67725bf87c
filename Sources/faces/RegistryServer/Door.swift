import ByteStreams
import RegistryService

/// Decides about requests: whether whoever sends them may come in, and what the registry makes of them. On threads of its
/// own, since all of it blocks.
struct Door: Sendable {
    let pool = BlockingPool(threads: 8)
    let log: (@Sendable (String) -> Void)?
    /// Whether bodies must pass through memory to be encrypted.
    let encrypts: Bool
    private let registry: Registry
    private let authorization: BasicAuthorization?

    /// Longer addresses are refused.
    private static let longestTarget = 8_192

    init(_ registry: Registry, _ settings: RegistryHTTPSettings) {
        self.registry = registry
        authorization = settings.authorization
        encrypts = settings.certificates != nil
        log = settings.log
    }

    func react(to request: RegistryRequest, target: String) async -> RegistryReaction {
        await pool.run {
            if target.utf8.count > Self.longestTarget {
                return .answer(RegistryRefusal(414, .unsupported, "the address is too long").answer)
            }
            if let refusal = authorization?.refusal(of: request) { return .answer(refusal.answer) }
            return registry.react(to: request)
        }
    }
}

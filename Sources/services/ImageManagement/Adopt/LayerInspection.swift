import ByteStreams
import ContentStorage
import LinuxSystem
package import OCISpec

/// What blobs are, taken for layers: found out on threads of its own as soon as they have come, while others are on their way.
package final class LayerInspection: Sendable {
    private enum Outcome {
        case known(LayerFacts?)
        /// The blob couldn't be read: whoever wants to know looks himself.
        case failed
    }

    private struct State {
        var working: Set<Digest> = []
        var outcomes: [Digest: Outcome] = [:]
    }

    private let catalog: ImageCatalog
    private let state = Guarded(State())
    private let permits = Permits(2)

    /// How many blobs may wait; what comes then is looked at when it is wanted.
    private static let queue = 8
    /// How many outcomes are remembered.
    private static let memory = 10_000

    package init(_ catalog: ImageCatalog) { self.catalog = catalog }

    /// Begins with a blob that somebody holds.
    package func begin(_ digest: Digest) {
        let isNew = state.update { state in
            state.outcomes[digest] == nil && state.working.count < Self.queue && state.working.insert(digest).inserted
        }
        guard isNew else { return }
        let isStarted = DetachedThread.start { [self] in
            let outcome = permits.holding { inspect(digest) }
            finish(digest, outcome)
        }
        if !isStarted { finish(digest, .failed) }
    }

    private func inspect(_ digest: Digest) -> Outcome {
        do {
            guard let size = try catalog.content.size(digest) else { return .failed }
            let blob = Descriptor(mediaType: MediaType(rawValue: ""), digest: digest, size: size)
            return .known(try LayerIntake(catalog.content).facts(of: blob))
        } catch { return .failed }
    }

    private func finish(_ digest: Digest, _ outcome: Outcome) {
        state.update { state in
            state.working.remove(digest)
            if state.outcomes.count >= Self.memory { state.outcomes.removeAll() }
            if case .known = outcome { state.outcomes[digest] = outcome }
        }
    }

    /// What a blob of the store is; waits for who is at it.
    func facts(of blob: Descriptor) throws -> LayerFacts? {
        let outcome = state.wait { state -> Outcome? in
            if let outcome = state.outcomes[blob.digest] { return outcome }
            return state.working.contains(blob.digest) ? nil : .failed
        }
        if case .known(let facts) = outcome { return facts }
        return try LayerIntake(catalog.content).facts(of: blob)
    }
}

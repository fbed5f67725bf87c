import BuildDefinition
import LinuxSystem
import OCISpec

/// A step that has its layer: what it was made from, and who knew it.
struct CacheUse: Sendable {
    enum Origin: Sendable, Hashable {
        /// It was made now.
        case built
        /// An earlier build on this store made it.
        case store
        /// It came from a cache that was given by `--cache-from`, called so.
        case imported(String)
    }

    var step: CacheStep
    var key: Digest
    var layer: BuiltLayer
    var origin: Origin
}

/// What the steps of one build asked the cache for and what came of it.
final class CacheTrace: Sendable {
    private let uses = Guarded<[VertexID: CacheUse]>([:])
    private let explainer: CacheExplainer?

    /// - Parameter explainer: says why something wasn't known, where somebody wants to hear it.
    init(explainer: CacheExplainer? = nil) { self.explainer = explainer }

    func add(_ use: CacheUse) {
        uses.update { $0[use.step.vertex] = use }
        explainer?.add(use)
    }

    func miss(_ step: CacheStep, _ key: BuildCache.Key, in cache: BuildCache) {
        explainer?.miss(step, key, in: cache)
    }

    /// The steps that have their layers, in the order of the graph.
    var all: [CacheUse] { uses.wait { $0.values.sorted { $0.step.vertex < $1.step.vertex } } }
}

import BuildDefinition
import BuildSolver
import ByteStreams
import ContentStorage
import ImageManagement
import LayerTransfer
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting
import SystemPackage
import TarFormat

/// What a vertex gives: a file system, or a tree that others copy from.
enum BuildOutput: Sendable {
    case fileSystem(BuiltFileSystem)
    case tree(any SourceTree)

    var fileSystem: BuiltFileSystem? {
        if case .fileSystem(let system) = self { system } else { nil }
    }
}

/// What was found out while looking into the cache.
enum PendingWork: Sendable {
    /// Nothing is to be done, and it wasn't the cache that knew.
    case nothing(BuildOutput)
    case run(BuildCache.Key)
    case copy(PlannedCopy)
    /// The web or a git repository has to be asked.
    case fetch
}

/// Carries out the operations of a build graph on one store.
struct BuildExecutor: OperationExecutor {
    var cache: BuildCache
    var images: ImageCatalog
    var content: ContentStore
    var metadata: MetadataStore
    var bases: [ImageOperation: Image]
    var contexts: [String: any SourceTree]
    var sources: RemoteSources
    var run: RunStep
    var epoch: Int64?
    var definition: Definition
    let indexes = LayerIndexes()

    func recall(_ vertex: Vertex, inputs: [BuildOutput?]) throws -> Recollection<BuildOutput, PendingWork> {
        try explaining(vertex) { try at(vertex).find(vertex, inputs) }
    }

    func execute(
        _ vertex: Vertex,
        inputs: [BuildOutput?],
        pending: PendingWork,
        turn: Turn
    ) throws -> Execution<BuildOutput> {
        try explaining(vertex) { try at(vertex).carryOut(vertex, inputs, pending, turn) }
    }

    /// The same for one step, so that the cache knows who asks.
    private func at(_ vertex: Vertex) -> BuildExecutor {
        var copy = self
        copy.cache = cache.at(vertex)
        return copy
    }

    /// Says where in the Dockerfile the step stands that failed.
    private func explaining<Result>(_ vertex: Vertex, _ body: () throws -> Result) throws -> Result {
        try definition.locating(vertex.range, body)
    }

    private func find(_ vertex: Vertex, _ inputs: [BuildOutput?]) throws -> Recollection<BuildOutput, PendingWork> {
        switch vertex.operation {
        case .image(let image):
            guard let base = bases[image] else {
                throw PlainFailure(.notFound, "No such image: \(image.reference.familiar)")
            }
            return .hit(.fileSystem(try base.fileSystem))
        case .local(let local):
            guard let tree = contexts[local.name] else {
                throw PlainFailure(.notFound, "build context \"\(local.name)\" is not given")
            }
            return .miss(.nothing(.tree(tree)))
        case .http(let http):
            if !vertex.ignoresCache, let tree = try sources.recall(http) { return .hit(.tree(tree)) }
            return .miss(.fetch)
        case .git(let git):
            if !vertex.ignoresCache, let tree = try sources.recall(git) { return .hit(.tree(tree)) }
            return .miss(.fetch)
        case .file(let operation):
            return try recall(operation, inputs, ignoresCache: vertex.ignoresCache)
        case .run(let operation):
            let key = try run.key(of: operation, below: Self.below(inputs), inputs: runInputs(operation, inputs))
            if !vertex.ignoresCache, let layer = try cache.layer(for: key) {
                return .hit(.fileSystem(Self.below(inputs).adding(layer)))
            }
            return .miss(.run(key))
        }
    }

    private func carryOut(
        _ vertex: Vertex,
        _ inputs: [BuildOutput?],
        _ pending: PendingWork,
        _ turn: Turn
    ) throws -> Execution<BuildOutput> {
        let below = Self.below(inputs)
        switch (vertex.operation, pending) {
        case (_, .nothing(let output)): return Execution(output)
        case (.http(let http), .fetch):
            let (tree, wasKnown) = try turn.waiting { try sources.fetch(http, Self.order(vertex, turn)) }
            return Execution(.tree(tree), wasKnown: wasKnown)
        case (.git(let git), .fetch):
            let (tree, wasKnown) = try turn.waiting { try sources.fetch(git, Self.order(vertex, turn)) }
            return Execution(.tree(tree), wasKnown: wasKnown)
        case (.run(let operation), .run(let key)):
            let claim = try StepClaim.take(key.digest, in: images.root, turn)
            defer { claim.end() }
            if claim.hasWaited, !vertex.ignoresCache, let layer = try cache.layer(for: key) {
                return Execution(.fileSystem(below.adding(layer)), wasKnown: true)
            }
            let lowers = try lowers(of: below)
            let inputs = try runInputs(operation, inputs)
            let layer = try offering(operation, below) {
                try run.layer(for: operation, lowers: lowers, inputs: inputs, turn: turn)
            }
            try cache.remember(layer, for: key)
            return Execution(.fileSystem(below.adding(layer)))
        case (.file, .copy(let copy)):
            let (layer, wasKnown) = try compose(copy, ignoresCache: vertex.ignoresCache)
            return Execution(.fileSystem(below.adding(layer)), wasKnown: wasKnown)
        default:
            throw PlainFailure(.internal, "step \(vertex.id) was planned as another operation")
        }
    }

    private static func order(_ vertex: Vertex, _ turn: Turn) -> FetchOrder {
        FetchOrder(task: turn.task, ignoresCache: vertex.ignoresCache, cancellation: turn.cancellation)
    }

    private static func below(_ inputs: [BuildOutput?]) -> BuiltFileSystem {
        inputs.first??.fileSystem ?? BuiltFileSystem()
    }

    private func lowers(of system: BuiltFileSystem) throws -> [FilePath] {
        try images.lowers(for: system.layers.map { ($0.diffID, $0.blob) })
    }

    // MARK: - Runs

    /// Says of every step which the build can't do, or may not, before any is done.
    func requireAllowed(_ graph: BuildGraph) throws {
        for vertex in graph.vertices {
            guard case .run(let operation) = vertex.operation else { continue }
            try explaining(vertex) { try run.requireAllowed(operation) }
        }
    }

    /// Runs a step; of what it leaves when it fails, an image is made that one can look into.
    private func offering(
        _ operation: RunOperation,
        _ below: BuiltFileSystem,
        _ body: () throws -> BuiltLayer
    ) throws -> BuiltLayer {
        do { return try body() } catch let failure as StepFailure {
            if run.settings.keepsFailedStep { throw failure }
            defer { failure.step.discard() }
            guard let id = try failure.step.image(over: below, in: images, project: cache.project) else {
                throw failure.failure
            }
            throw failure.failure.offering(id)
        }
    }

    /// What a step's mounts take files from, by position; nothing where it has no mounts.
    private func runInputs(_ operation: RunOperation, _ inputs: [BuildOutput?]) throws -> [RunInput] {
        if operation.mounts.isEmpty { return [] }
        return try inputs.map { output in
            switch output {
            case nil: .nothing
            case .tree(let tree): .tree(tree)
            case .fileSystem(let system): .layers(try lowers(of: system))
            }
        }
    }

    // MARK: - Copies

    private func recall(
        _ operation: FileOperation,
        _ inputs: [BuildOutput?],
        ignoresCache: Bool
    ) throws -> Recollection<BuildOutput, PendingWork> {
        let below = Self.below(inputs)
        let copy = try PlannedCopy(
            operation,
            below: below,
            view: operation.isIndependent ? nil : try view(of: below),
            // The first input is what is below, of which no file is copied.
            inputs: try [nil] + inputs.dropFirst().map(sourceTree),
            epoch: epoch,
            digests: ContentDigests(metadata)
        )
        if !ignoresCache, let key = copy.key(), let layer = try cache.layer(for: key) {
            return .hit(.fileSystem(below.adding(layer)))
        }
        return .miss(.copy(copy))
    }

    /// What can be known of the file system below; nil where it is empty. Nothing is unpacked for it.
    private func view(of below: BuiltFileSystem) throws -> (any LowerView)? {
        if below.layers.isEmpty { return nil }
        let unpack: @Sendable () throws -> LayeredTree = { try LayeredTree(lowers: self.lowers(of: below)) }
        if try images.areUnpacked(below.layers.map(\.diffID)) { return try unpack() }
        let found = try below.layers.reversed().map { layer in
            try indexes.index(of: layer) { try images.index(of: layer.diffID, in: layer.blob) }
        }
        return found.contains(where: \.isOdd) ? try unpack() : IndexView(IndexedTree(found), unpack: unpack)
    }

    private func sourceTree(_ output: BuildOutput?) throws -> (any SourceTree)? {
        switch output {
        case nil: nil
        case .tree(let tree): tree
        case .fileSystem(let system):
            ImageTree(try LayeredTree(lowers: try lowers(of: system)), name: "the stage's file system")
        }
    }

    /// Makes the layer in one pass. The files' digests are known only now where they weren't before, so the cache is
    /// asked once more: a layer that is known already is thrown away unwritten.
    private func compose(_ copy: PlannedCopy, ignoresCache: Bool) throws -> (BuiltLayer, wasKnown: Bool) {
        let wasComplete = copy.key() != nil
        let writer = try content.writer()
        let behind = WriteBehindSink(writer, chunkSize: 1 << 20, depth: 4)
        let size = try copy.compose(to: behind)
        try behind.finish()
        guard let key = copy.key() else { throw PlainFailure(.internal, "a file's digest is still unknown") }
        if !ignoresCache, !wasComplete, let layer = try cache.layer(for: key) { return (layer, true) }
        let layer = try BuiltLayer(committing: writer, contentSize: size, epoch: epoch)
        try cache.remember(layer, for: key)
        return (layer, false)
    }
}

extension BuiltLayer {
    /// The layer that was written, in the store; it is made durable when an image names it.
    init(committing writer: BlobWriter, contentSize: Int64, epoch: Int64?) throws {
        let blob = try writer.commit(durable: false)
        self.init(
            diffID: blob.digest,
            blob: Descriptor(mediaType: .ociLayer, digest: blob.digest, size: blob.size),
            contentSize: contentSize,
            createdAt: (epoch.map { Timestamp(epochSeconds: $0) } ?? .now).epochNanoseconds
        )
    }
}

extension Image {
    /// The image's layers as a build sees them.
    var fileSystem: BuiltFileSystem {
        get throws {
            let diffIDs = config.value.rootfs.diffIDs
            let blobs = manifest.value.layers
            guard diffIDs.count == blobs.count else {
                throw PlainFailure(.corrupt, "image \(id): \(blobs.count) layers, but \(diffIDs.count) diff IDs")
            }
            return BuiltFileSystem(layers: zip(diffIDs, blobs).map { BuiltLayer(diffID: $0, blob: $1) })
        }
    }
}

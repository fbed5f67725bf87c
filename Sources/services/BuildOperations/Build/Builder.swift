import BuildDefinition
import BuildSolver
import ByteStreams
package import ContainerManagement
import ContainerRuntime
package import ContentStorage
import DockerfileFrontend
import DockerfileSyntax
package import ImageManagement
import LinuxSystem
package import MetadataStorage
import OCISpec
package import Reporting
package import SnapshotStorage
import SystemPackage

/// Builds images on one store: from a request to a named image.
package struct Builder: Sendable {
    let containers: Containers
    let content: ContentStore
    let snapshots: SnapshotStore
    let metadata: MetadataStore
    let images: ImageCatalog

    package init(
        content: ContentStore,
        snapshots: SnapshotStore,
        metadata: MetadataStore,
        images: ImageCatalog,
        containers: Containers
    ) {
        self.containers = containers
        self.content = content
        self.snapshots = snapshots
        self.metadata = metadata
        self.images = images
    }

    /// Builds. What fails leaves nothing behind but what the cache can use.
    package func build(
        _ request: sending BuildRequest,
        progress: @escaping ProgressSink
    ) async throws -> BuildResult {
        for tag in request.tags { try ImageReference.requireNotReserved(tag) }
        switch request.context {
        case .directory(let path):
            return try await build(request, in: ContextReader(request: request).directory(path), progress)
        case .stream(let source):
            switch try ContextTar.detect(source) {
            case .dockerfile(let bytes):
                guard case .standard = request.definition else {
                    throw PlainFailure(
                        .invalidArgument,
                        "ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles"
                    )
                }
                return try await build(request, in: ContextReader.alone(bytes), progress)
            case .archive(let archive):
                let folder = try snapshots.prepareTree()
                try InternalStep.loadContext.run(progress) {
                    try ContextTar.unpack(archive, into: try folder.directory())
                }
                return try await build(request, in: ContextReader(request: request).unpacked(folder.path), progress)
            }
        }
    }

    private func build(
        _ request: BuildRequest,
        in context: PreparedContext,
        _ progress: @escaping ProgressSink
    ) async throws -> BuildResult {
        let definition = context.definition
        let dockerfile = try InternalStep.loadDefinition(definition.name).run(progress) { try definition.parsed() }
        let (lowered, bases) = try plan(dockerfile, definition, request, progress)
        lowered.warnings.forEach { progress(.warning($0)) }
        let lease = try metadata.leases.create()
        defer { try? metadata.leases.delete(lease) }  // one that stays is dead with this process
        let held = content.leasing(lease)
        var cache = BuildCache(metadata: metadata, content: held, project: context.project)
        let explainer = request.cache.explain.map { _ in CacheExplainer(lowered.graph) }
        cache.trace = CacheTrace(explainer: explainer)
        defer { explainer.map { request.cache.explain?($0.explanations) } }
        let exchange = CacheExchangeStep(images: images, content: held, progress: progress)
        cache.sources = exchange.open(request.cache.imports)
        let executor = BuildExecutor(
            cache: cache,
            images: images,
            content: held,
            metadata: metadata,
            bases: bases,
            contexts: try trees(of: context),
            run: RunStep(
                containers: containers,
                content: held,
                snapshots: snapshots,
                executor: NativeExecutor(),
                network: request.network,
                epoch: request.epoch,
                progress: progress
            ),
            epoch: request.epoch,
            definition: definition
        )
        let fileSystem = try await solve(lowered, executor, request.cancellation, progress)
        let config = try HistoryWriter(build: lowered, fileSystem: fileSystem, epoch: request.epoch).config()
        let tags = request.tags
        let inline =
            request.wantsInlineCache ? try CacheDocument.inline(cache.trace.all, result: fileSystem) : nil
        let image = try InternalStep.export.run(progress) {
            try images.register(config: config, layers: fileSystem.layers.map(\.blob), annotations: inline.map { [CacheDocument.annotation: $0] }, tags: tags)
        }
        try exchange.write(request.cache.exports, cache.trace.all, result: fileSystem)
        return BuildResult(
            image: image,
            tags: tags.map(\.withDefaultTag),
            warnings: lowered.warnings,
            source: definition.bytes
        )
    }

    private func solve(
        _ build: LoweredBuild,
        _ executor: BuildExecutor,
        _ cancellation: Cancellation,
        _ progress: @escaping ProgressSink
    ) async throws -> BuiltFileSystem {
        guard let result = build.result else { return BuiltFileSystem() }
        let solver = Solver(
            build.graph,
            executor: executor,
            workers: .forThisHost,
            cancellation: cancellation,
            progress: progress
        )
        return try await solver.solve(result).fileSystem ?? BuiltFileSystem()
    }

    private func trees(of context: PreparedContext) throws -> [String: any SourceTree] {
        let tree: any SourceTree
        if let path = context.directory {
            tree = LocalTree(
                try Directory.open(path),
                name: context.name,
                ignored: context.ignored,
                ignoreFile: context.ignoreFile
            )
        } else {
            tree = EmptyTree(name: context.name)
        }
        return [LocalOperation.mainContext: tree]
    }

    // MARK: - Planning

    private func plan(
        _ dockerfile: Dockerfile,
        _ definition: Definition,
        _ request: BuildRequest,
        _ progress: ProgressSink
    ) throws -> (LoweredBuild, [ImageOperation: Image]) {
        let survey = try definition.explaining { () throws(DiagnosticsError) in
            try Frontend.survey(dockerfile, Self.options(request))
        }
        var bases: [BaseReference: Image] = [:]
        var wanted = survey.baseReferences
        while true {
            for reference in wanted where bases[reference] == nil { bases[reference] = try base(reference, progress) }
            let configs = bases.mapValues(\.config.value)
            let lowering = try definition.explaining { () throws(DiagnosticsError) in
                try Frontend.lower(survey, bases: configs)
            }
            switch lowering {
            case .needs(let more): wanted = more
            case .lowered(let build):
                let images = bases.map { (ImageOperation(reference: $0.reference, platform: $0.platform), $1) }
                return (build, Dictionary(images) { first, _ in first })
            }
        }
    }

    private func base(_ base: BaseReference, _ progress: ProgressSink) throws -> Image {
        try ImageReference.requireNotReserved(base.reference)
        do { return try images.resolve(base.reference.familiar) } catch let failure as any Failure
            where failure.kind == .notFound
        {
            throw PlainFailure(
                .notFound,
                "\(base.reference.familiar): image not found in the store",
                hint: "this socle can't pull from registries yet; `socle load` or `socle import` brings an image in"
            )
        }
    }

    private static func options(_ request: BuildRequest) -> FrontendOptions {
        var options = FrontendOptions(
            targetPlatform: request.platform,
            buildPlatform: .host,
            buildArguments: request.buildArguments,
            target: request.target
        )
        options.labels = request.labels
        options.noCache = request.cache.isIgnored
        options.noCacheFilter = Set(request.cache.ignoredStages)
        return options
    }
}

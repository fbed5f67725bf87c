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
package import RegistryAccess
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
    let transport: any HTTPTransport

    package init(
        content: ContentStore,
        snapshots: SnapshotStore,
        metadata: MetadataStore,
        images: ImageCatalog,
        containers: Containers,
        transport: any HTTPTransport
    ) {
        self.transport = transport
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
        let lease = try metadata.leases.create()
        defer { try? metadata.leases.delete(lease) }  // one that stays is dead with this process
        let held = content.leasing(lease)
        let sources = RemoteSources(
            transport: transport,
            content: held,
            snapshots: snapshots,
            cache: SourceCache(metadata: metadata, lease: lease),
            progress: progress
        )
        let contexts = try ContextCatalog(request.additional)
        let context = try ContextReader(request: request, sources: sources, snapshots: snapshots, progress: progress)
            .prepare()
        let definition = context.definition
        let dockerfile = try InternalStep.loadDefinition(definition.name).run(progress) { try definition.parsed() }
        let planning = Planning(request: request, definition: definition, contexts: contexts, content: held)
        let (lowered, bases) = try plan(dockerfile, planning)
        lowered.warnings.forEach { progress(.warning($0)) }
        let executor = BuildExecutor(
            cache: BuildCache(metadata: metadata, content: held),
            images: images,
            content: held,
            metadata: metadata,
            bases: bases,
            contexts: contexts.trees.merging([LocalOperation.mainContext: try context.tree()]) { _, main in main },
            sources: sources,
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
        let image = try InternalStep.export.run(progress) {
            try images.register(config: config, layers: fileSystem.layers.map(\.blob), tags: tags)
        }
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

    // MARK: - Planning

    /// What planning needs to know.
    private struct Planning {
        var request: BuildRequest
        var definition: Definition
        var contexts: ContextCatalog
        /// Under the build's lease.
        var content: ContentStore
    }

    private func plan(_ dockerfile: Dockerfile, _ planning: Planning) throws -> (LoweredBuild, [ImageOperation: Image])
    {
        let definition = planning.definition
        let survey = try definition.explaining { () throws(DiagnosticsError) in
            try Frontend.survey(dockerfile, Self.options(planning.request, planning.contexts.names))
        }
        var bases: [BaseReference: Image] = [:]
        var wanted = survey.baseReferences
        while true {
            for reference in wanted where bases[reference] == nil { bases[reference] = try base(reference, planning) }
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

    private func base(_ base: BaseReference, _ planning: Planning) throws -> Image {
        if let image = try planning.contexts.image(base, into: planning.content, metadata) { return image }
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

    private static func options(_ request: BuildRequest, _ contexts: NamedContexts) -> FrontendOptions {
        var options = FrontendOptions(
            targetPlatform: request.platform,
            buildPlatform: .host,
            buildArguments: request.buildArguments,
            target: request.target
        )
        options.labels = request.labels
        options.noCache = request.ignoresCache
        options.contexts = contexts
        return options
    }
}

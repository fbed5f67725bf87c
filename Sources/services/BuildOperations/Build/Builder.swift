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
    let registries: @Sendable () throws -> Registries

    /// - Parameter registries: the way to registries; asked when an image isn't in the store.
    package init(
        content: ContentStore,
        snapshots: SnapshotStore,
        metadata: MetadataStore,
        images: ImageCatalog,
        containers: Containers,
        transport: any HTTPTransport,
        registries: @escaping @Sendable () throws -> Registries
    ) {
        self.transport = transport
        self.registries = registries
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
        try Exporter.check(request.output, tags: request.tags)
        let lease = try metadata.leases.create()
        defer { try? metadata.leases.delete(lease) }  // one that stays is dead with this process
        let held = content.leasing(lease)
        let sources = remoteSources(lease, held, request.run.secrets, progress)
        let planning = try prepare(request, sources, held, progress)
        let definition = planning.context.definition
        let build = try telling(progress) {
            let checks = try request.checkSettings
            return try planAll(try load(definition, checks, progress), planning)
        }
        if planning.context.directory != nil { InternalStep.loadIgnoreFile(progress) }
        build.warnings.forEach { progress(.warning($0)) }
        try hold(build.bases.values, by: lease)
        let explainer = request.cache.explain.map { _ in CacheExplainer(build.graph) }
        defer { explainer.map { request.cache.explain?($0.explanations) } }
        let exchange = CacheExchangeStep(
            images: images,
            content: held,
            metadata: metadata,
            registries: registries,
            cancellation: request.cancellation,
            progress: progress
        )
        var cache = BuildCache(metadata: metadata, content: held, project: planning.context.project)
        cache.trace = CacheTrace(explainer: explainer)
        cache.sources = exchange.open(request.cache.imports)
        let executor = try executor(for: build, planning, sources, cache)
        try executor.requireAllowed(build.graph)
        let builds = try await solve(build, executor, request, progress)
        try request.cancellation.check()
        var exporter = Exporter(
            images: images,
            content: held,
            metadata: metadata,
            output: request.output,
            epoch: request.epoch,
            progress: progress,
            registries: registries,
            cancellation: request.cancellation
        )
        if request.wantsInlineCache { exporter.inlineCache = cache.trace.all }
        let outcome = try exporter.export(builds, tags: request.tags)
        let layers = builds.flatMap(\.fileSystem.layers)
        try exchange.write(request.cache.exports, cache.trace.all, result: BuiltFileSystem(layers: layers))
        return try BuildResult(outcome, tags: request.tags, warnings: build.warnings, source: definition.bytes)
    }

    /// Keeps the bases with their layers and trees, should somebody remove or prune images meanwhile.
    private func hold(_ images: some Sequence<Image>, by lease: LeaseRow) throws {
        try metadata.transaction {
            for image in images {
                let documents = [image.manifest.descriptor.digest, image.id, image.listedID]
                let layers = image.manifest.value.layers.map(\.digest) + image.config.value.rootfs.diffIDs
                for digest in documents + layers {
                    try metadata.leases.add(lease, digest)
                }
            }
        }
    }

    /// What fetches contexts and sources from the web and from git repositories, for a build that has a lease.
    func remoteSources(
        _ lease: LeaseRow,
        _ held: ContentStore,
        _ secrets: [SecretSource],
        _ progress: @escaping ProgressSink
    ) -> RemoteSources {
        RemoteSources(
            transport: transport,
            content: held,
            snapshots: snapshots,
            cache: SourceCache(metadata: metadata, lease: lease),
            credentials: SourceCredentials(secrets: secrets),
            progress: progress
        )
    }

    /// Finds the contexts, the Dockerfile and the ignore file.
    func prepare(
        _ request: BuildRequest,
        _ sources: RemoteSources,
        _ held: ContentStore,
        _ progress: @escaping ProgressSink
    ) throws -> Planning {
        let contexts = try ContextCatalog(request.additional)
        let reader = ContextReader(request: request, sources: sources, snapshots: snapshots, progress: progress)
        return Planning(
            request: request,
            context: try reader.prepare(),
            contexts: contexts,
            content: held,
            progress: progress
        )
    }

    private func executor(
        for build: MergedBuild,
        _ planning: Planning,
        _ sources: RemoteSources,
        _ cache: BuildCache
    ) throws -> BuildExecutor {
        let request = planning.request
        let main = [LocalOperation.mainContext: try planning.context.tree()]
        return BuildExecutor(
            cache: cache,
            images: images,
            content: planning.content,
            metadata: metadata,
            bases: build.bases,
            contexts: planning.contexts.trees.merging(main) { _, main in main },
            sources: sources,
            run: RunStep(
                containers: containers,
                content: planning.content,
                snapshots: snapshots,
                metadata: metadata,
                executor: NativeExecutor(),
                network: request.network,
                settings: request.run,
                epoch: request.epoch,
                progress: planning.progress
            ),
            epoch: request.epoch,
            definition: planning.context.definition
        )
    }

    /// Does the steps of all platforms, and writes down what the images say about themselves.
    private func solve(
        _ build: MergedBuild,
        _ executor: BuildExecutor,
        _ request: BuildRequest,
        _ progress: @escaping ProgressSink
    ) async throws -> [PlatformBuild] {
        progress(.planned(Self.stepCount(of: build.graph)))
        let solver = Solver(
            build.graph,
            executor: executor,
            workers: .forThisHost,
            cancellation: request.cancellation,
            progress: progress
        )
        let outputs = try await solver.solve(build.parts.compactMap(\.plan.result))
        var rest = outputs[...]
        return try build.parts.map { part in
            let output = part.plan.result == nil ? nil : rest.popFirst()
            let fileSystem = output?.fileSystem ?? BuiltFileSystem()
            let config = try HistoryWriter(build: part.plan, fileSystem: fileSystem, epoch: request.epoch).config()
            let made = PlatformBuild(platform: part.platform, fileSystem: fileSystem, config: config)
            guard request.output.squashes else { return made }
            return try LayerSquash(
                cache: executor.cache,
                content: executor.content,
                images: images,
                epoch: request.epoch,
                bases: Array(build.bases.values)
            ).squashed(made)
        }
    }

    /// The vertices, and what is done beside them: the Dockerfile, the ignore file and the bases' configs are read, and the
    /// image is written.
    private static func stepCount(of graph: BuildGraph) -> Int {
        let bases = graph.vertices.count { if case .image = $0.operation { true } else { false } }
        return graph.vertices.count + bases + 3
    }

    // MARK: - Planning

    /// What planning needs to know.
    struct Planning {
        var request: BuildRequest
        var context: PreparedContext
        var contexts: ContextCatalog
        /// Under the build's lease.
        var content: ContentStore
        var progress: ProgressSink
    }

    /// The plans for all platforms as one.
    private func planAll(
        _ dockerfile: Dockerfile,
        _ planning: Planning
    ) throws -> MergedBuild {
        var build = MergedBuild()
        for platform in planning.request.output.platforms {
            var one = planning
            one.request.platform = platform
            let (plan, bases) = try plan(dockerfile, one)
            build.add(plan, for: platform, bases: bases)
        }
        return build
    }

    /// Reads the Dockerfile.
    func load(_ definition: Definition, _ checks: CheckSettings?, _ progress: ProgressSink) throws -> Dockerfile {
        try InternalStep.loadDefinition(definition.name).run(progress) {
            let size = Int64(definition.bytes.count)
            progress(
                .part(
                    InternalStep.loadDefinition(definition.name).task,
                    ProgressEvent.Part("transferring dockerfile:", done: size, isFinished: true)
                )
            )
            return try definition.parsed(checks: checks)
        }
    }

    /// Does planning work; what the checks found is told though it fails.
    private func telling<Result>(_ progress: ProgressSink, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let failure as BuildFailure {
            failure.warnings.forEach { progress(.warning($0)) }
            throw failure
        }
    }

    private func plan(_ dockerfile: Dockerfile, _ planning: Planning) throws -> (LoweredBuild, [ImageOperation: Image])
    {
        let definition = planning.context.definition
        let survey = try definition.explaining { () throws(DiagnosticsError) in
            try Frontend.survey(
                dockerfile,
                Self.options(planning.request, planning.context, planning.contexts.names)
            )
        }
        var bases: [BaseReference: Image] = [:]
        var wanted = survey.baseReferences
        while true {
            for reference in wanted where bases[reference] == nil {
                bases[reference] = try definition.locating(survey.places[reference]) {
                    try base(reference, number: bases.count, survey, planning)
                }
                InternalStep.loadMetadata(of: reference.reference.canonical, bases.count, planning.progress)
            }
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

    static func options(
        _ request: BuildRequest,
        _ context: PreparedContext,
        _ contexts: NamedContexts
    ) -> FrontendOptions {
        var options = FrontendOptions(
            targetPlatform: request.platform,
            buildPlatform: .host,
            buildArguments: request.buildArguments,
            target: request.target
        )
        options.labels = request.labels
        options.noCache = request.cache.isIgnored
        options.noCacheFilter = Set(request.cache.ignoredStages)
        options.namesPlatforms = request.output.platforms.count > 1
        options.ignored = context.ignored
        options.contexts = contexts
        return options
    }
}

package import BuildOperations
package import ByteStreams
package import ContainerManagement
package import ContainerMonitor
import ContainerRuntime
import ContentStorage
package import ImageManagement
import LinuxSystem
import MetadataStorage
package import OCISpec
package import RegistryAccess
package import RegistryService
package import Reporting
import SnapshotStorage
package import SystemPackage

/// One store and everything that can be done with it: a method a verb.
///
/// Opening is cheap; what a verb doesn't need isn't touched. Methods block (a build runs its steps on threads of its own);
/// faces choose the thread. Several engines, in one process or in many, may use one store at the same time.
package final class Engine: Sendable {
    package let root: FilePath
    package let images: ImageCatalog
    package let containers: Containers
    private let metadata: MetadataStore
    let content: ContentStore
    let snapshots: SnapshotStore
    let transport: any HTTPTransport
    private let makeRegistries: @Sendable (any HTTPTransport) throws -> Registries
    private let openRegistries = Guarded<Registries?>(nil)

    /// Opens the store at `root`, made if it isn't there.
    ///
    /// - Parameter registries: makes the way to registries; asked when the first of them is wanted.
    package init(
        root: FilePath,
        transport: any HTTPTransport,
        registries: @escaping @Sendable (any HTTPTransport) throws -> Registries = { Registries(transport: $0) }
    ) throws {
        self.root = try root.isAbsolute ? root : FilePath(CurrentDirectory.path()).pushing(root)
        self.transport = transport
        makeRegistries = registries
        try Self.claim(self.root)
        metadata = try MetadataStore(path: self.root.appending("socle.db"))
        content = try ContentStore(root: self.root, metadata: metadata)
        snapshots = SnapshotStore(root: self.root)
        images = ImageCatalog(content: content, snapshots: snapshots, metadata: metadata)
        containers = Containers(root: self.root, metadata: metadata)
    }

    /// Makes the store's folder, and sees to it that root and an ordinary user don't share one: what marks a removed file
    /// and a device is something else in each.
    private static func claim(_ root: FilePath) throws {
        let isInitial = OwnUserNamespace.isInitial
        let folder = try Directory.open(root, create: true, mode: isInitial ? 0o711 : 0o700)
        let mark: PathBytes = "rootless"
        let isRootless = try folder.status(mark) != nil
        if isRootless == !isInitial { return }
        if try isInitial || folder.status("socle.db") != nil {
            let (owner, asked) = isInitial ? ("an ordinary user", "root") : ("root", "an ordinary user")
            throw PlainFailure(
                .forbidden,
                "the store at \(root) is \(owner)'s, and can't be used by \(asked)",
                hint: "--root names another one; images go from one to the other by save and load"
            )
        }
        do throws(SystemError) { _ = try folder.create(mark, mode: 0o600) } catch {
            if error.errno != .fileExists { throw error }
        }
    }

    /// The way to registries.
    func registries() throws -> Registries {
        if let registries = openRegistries.update({ $0 }) { return registries }
        let made = try makeRegistries(transport)
        return openRegistries.update { open in
            let registries = open ?? made
            open = registries
            return registries
        }
    }

    // MARK: - Making images

    /// `build`
    package func build(_ request: sending BuildRequest, progress: @escaping ProgressSink) async throws -> BuildResult {
        try snapshots.sweepTemporary()
        let tags = request.tags
        var result = try await builder.build(request, recordedIn: buildHistory, progress: progress)
        result.findings = glance(at: result.image)
        for tag in tags { tell("tag", result.image.listedID, tag) }
        return result
    }

    /// `builder history`: the builds so far, and what their steps said.
    package var buildHistory: BuildHistory { BuildHistory(root: root) }

    /// `build --call`
    package func inspectBuild(
        _ request: sending BuildRequest,
        _ question: BuildQuestion,
        progress: @escaping ProgressSink
    ) throws -> BuildInspection {
        try builder.inspect(request, question, progress: progress)
    }

    private var builder: Builder {
        Builder(
            content: content,
            snapshots: snapshots,
            metadata: metadata,
            images: images,
            containers: containers,
            transport: transport,
            registries: { [self] in try registries() }
        )
    }

    /// Where `import` and `load` read from.
    package enum Input {
        case file(FilePath)
        case url(String)
        /// Somebody else's descriptor: standard input.
        case descriptor(CInt)
    }

    /// `import`
    package func importImage(
        _ request: ImportRequest,
        from input: Input,
        progress: @escaping ProgressSink
    ) throws -> Image {
        try snapshots.sweepTemporary()
        let image = try images.importRootfs(request, from: source(of: input), progress: progress)
        tell("import", image.listedID)
        return image
    }

    /// `load`
    package func load(from input: Input, progress: @escaping ProgressSink) throws -> [LoadedImage] {
        try snapshots.sweepTemporary()
        let loaded = try images.load(from: source(of: input), progress: progress)
        for image in loaded { tell("load", image.id, image.names.first) }
        return loaded
    }

    /// `save`: one archive with all named images, a Docker archive and an OCI layout at once.
    package func save(_ names: [String], to sink: any ByteSink) throws { try images.save(names, to: sink) }

    private func source(of input: Input) throws -> any ByteSource {
        switch input {
        case .file(let path): return FileSource(try HostPath.openForReading(path), subject: path.string)
        case .url(let url): return try transport.get(url).body
        case .descriptor(let number):
            let descriptor = try OwnedDescriptor.duplicate(of: number)
            descriptor.widenPipe()
            return FileSource(descriptor, subject: "standard input")
        }
    }

    // MARK: - Images

    /// `images`
    package func listImages() throws -> [ImageSummary] { try images.list() }

    /// `tag`
    package func tag(_ source: String, as target: ImageReference) throws {
        try ImageReference.requireNotReserved(target)
        let image = try images.resolve(source)
        try images.tag(image, as: target)
        tell("tag", image.listedID, target)
    }

    /// `inspect` of an image, in Docker's fields
    package func inspectImage(_ name: String) throws -> JSONValue {
        try images.inspect(try images.resolve(name))
    }

    /// `history`
    package func history(_ name: String) throws -> [HistoryRow] { try images.history(try images.resolve(name)) }

    // MARK: - Containers

    /// `run`: what became of it.
    ///
    /// - Parameters:
    ///   - pull: brings the image in where the policy wants it.
    ///   - created: is told the container's id before it is started.
    package func run(
        _ request: RunRequest,
        policy: PullPolicy,
        detachKeys: DetachKeys = .standard,
        passesSignals: Bool = true,
        pull: (PullRequest) throws -> Void,
        created: (String) throws -> Void
    ) throws -> Containers.RunOutcome {
        let image = try image(for: request, policy: policy, pull: pull)
        // What it stands on is held until the container's row holds it, and to the end, which takes nothing more.
        return try images.holding(image) {
            let lowers = try images.lowers(for: image)
            do {
                return try containers.run(
                    request,
                    image: image.config.value,
                    id: image.listedID,
                    lowers: lowers,
                    detachKeys: detachKeys,
                    passesSignals: passesSignals,
                    created: created
                )
            } catch let error as RuntimeError where error.isRefusedProgram {
                throw explained(error, request, image, lowers: lowers)
            }
        }
    }

    /// `create`: the id of a container that isn't started.
    package func create(
        _ request: RunRequest,
        policy: PullPolicy,
        pull: (PullRequest) throws -> Void
    ) throws -> String {
        let image = try image(for: request, policy: policy, pull: pull)
        return try images.holding(image) {
            try containers.create(
                request,
                image: image.config.value,
                id: image.listedID,
                lowers: images.lowers(for: image)
            )
        }
    }

    /// `debug plan`: what a run would do, in words, and nothing of it done.
    package func plan(_ request: RunRequest) throws -> String {
        let image = try image(for: request, policy: .never) { _ in }
        return try images.holding(image) {
            try containers.plan(
                request,
                image: image.config.value,
                id: image.listedID,
                lowers: images.lowers(for: image)
            )
        }
    }

    private func image(
        for request: RunRequest,
        policy: PullPolicy,
        pull: (PullRequest) throws -> Void
    ) throws -> Image {
        let reference = try? ImageReference(request.image)
        if let reference { try ImageReference.requireNotReserved(reference) }
        func fetch() throws {
            guard let reference else { return }
            var order = PullRequest(reference, platform: request.platform)
            order.unpacks = true
            try pull(order)
        }
        if policy == .always { try fetch() }
        do { return try local(request) } catch let failure as any Failure
            where failure.kind == .notFound && policy == .missing && reference != nil
        {
            try fetch()
            return try local(request)
        }
    }

    private func local(_ request: RunRequest) throws -> Image {
        if let platform = request.platform { return try images.resolve(request.image, insistingOn: platform) }
        return try images.resolve(request.image, platform: .host)
    }

    /// `ps`
    package func listContainers() throws -> [ContainerSummary] { try containers.list() }

    /// `ps -s`: with what they take.
    package func measured(_ summaries: [ContainerSummary]) throws -> [ContainerSummary] {
        let sizes = Dictionary(try images.list().map { ($0.id, $0.size) }) { first, _ in first }
        return try summaries.map { summary in
            var summary = summary
            let written = try containers.writtenBytes(of: summary)
            summary.size = ContainerSize(written: written, whole: written + (sizes[summary.image] ?? 0))
            return summary
        }
    }

    /// `inspect` of a container, in Docker's fields
    package func inspectContainer(_ name: String, showsSize: Bool = false) throws -> JSONValue {
        try containers.inspect(name) { summary in
            guard showsSize else { return nil }
            return try measured([summary]).first?.size
        }
    }

    /// `rm` of one name or ID
    package func removeContainer(_ name: String, force: Bool, volumes: Bool) throws {
        try containers.remove(name, force: force, volumes: volumes)
    }

    // MARK: - The store

    /// `registry serve`: the registry that the store is.
    package func registry(isReadOnly: Bool) -> Registry {
        Registry(images: images, content: content, metadata: metadata, isReadOnly: isReadOnly)
    }

    /// `builder du`, `builder prune`
    package var buildCache: BuildCacheStore {
        BuildCacheStore(content: content, snapshots: snapshots, metadata: metadata, images: images)
    }
}

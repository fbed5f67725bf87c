import ByteStreams
import ContentStorage
import ImageManagement
import LayerTransfer
import LinuxSystem
import MetadataStorage
import OCISpec
import RegistryAccess
import Reporting
import SystemPackage

/// Does what a build's outputs ask for, once its steps are done.
struct Exporter {
    /// What came of it.
    struct Outcome {
        /// The image that stands for the build; the store has it only if an output says so.
        var image: AssembledImage
        /// Whether any output made an image.
        var hasImage: Bool
    }

    var images: ImageCatalog
    /// Under the build's lease.
    var content: ContentStore
    var metadata: MetadataStore
    var output: BuildRequest.Output
    var epoch: Int64?
    var progress: ProgressSink
    /// The way to registries; asked when an image is pushed.
    var registries: @Sendable () throws -> Registries
    var cancellation: Cancellation

    /// The keys of the layers, where the image is to hold them for other builds.
    var inlineCache: [CacheUse]?

    /// Refuses what can't be, before anything is built.
    static func check(_ output: BuildRequest.Output, tags: [ImageReference]) throws {
        if output.exports.contains(where: { $0.pushes && $0.names.isEmpty }), tags.isEmpty {
            throw PlainFailure(.invalidArgument, "tag is needed when pushing to registry", hint: "-t NAME")
        }
        let isSingle = output.platforms.count == 1
        for export in output.exports {
            if !isSingle, export.kind == .docker, !export.isStored {
                throw PlainFailure(
                    .unsupported,
                    "docker exporter does not support exporting manifest lists, use the oci exporter instead"
                )
            }
        }
        let annotations = output.annotations + output.exports.flatMap(\.annotations)
        if isSingle, annotations.contains(where: { $0.place == .index }) {
            throw PlainFailure(.invalidArgument, "index annotations not supported for single platform export")
        }
        if isSingle, annotations.contains(where: { $0.place == .indexDescriptor }) {
            throw PlainFailure(
                .invalidArgument,
                "index descriptor annotations not supported for single platform export"
            )
        }
    }

    func export(_ builds: [PlatformBuild], tags: [ImageReference]) throws -> Outcome {
        let requests = (output.exports.isEmpty ? [ExportRequest(.image)] : output.exports).map { request in
            var request = request
            if request.isImage {
                request.annotations += output.annotations
                if !tags.isEmpty { request.names = tags }
            }
            return request
        }
        var made: AssembledImage?
        for (number, request) in requests.enumerated() {
            let image = try InternalStep.output(number, Self.title(request)).run(progress) {
                () throws -> AssembledImage? in
                try export(builds, request, number)
            }
            made = made ?? image
        }
        let image = try made ?? assembly(ExportRequest(.image)).image(of: builds)
        return Outcome(image: image, hasImage: made != nil)
    }

    private func export(_ builds: [PlatformBuild], _ request: ExportRequest, _ number: Int) throws -> AssembledImage? {
        switch request.kind {
        case .image, .oci, .docker: return try exportImage(builds, request, number)
        case .local: try writeFolder(builds, request)
        case .tar: try writeTar(builds, request)
        case .cacheonly: break
        }
        return nil
    }

    // MARK: - Images

    private func assembly(_ request: ExportRequest) -> ImageAssembly {
        // With an epoch nothing that the build makes is younger: the cache keeps such layers apart.
        if request.rewritesTimestamps, epoch == nil {
            progress(.note("rewrite-timestamp is specified, but no SOURCE_DATE_EPOCH: no time is changed"))
        }
        var assembly = ImageAssembly(forms: LayerForms(content: content, metadata: metadata), request: request)
        assembly.inlineCache = inlineCache
        return assembly
    }

    private func exportImage(
        _ builds: [PlatformBuild],
        _ request: ExportRequest,
        _ number: Int
    ) throws -> AssembledImage {
        let image = try assembly(request).image(of: builds)
        if request.isStored {
            _ = try images.register(image)
            if request.pushes { try push(image.names, request, InternalStep.output(number, "").task) }
            return image
        }
        let writer = ArchiveWriter([image], forDocker: request.kind == .docker, content: content)
        let destination = request.destination ?? "-"
        if request.isArchive {
            try output.writeFile(destination) { try writer.write(to: $0) }
        } else {
            try writer.write(layout: FilePath(destination))
        }
        return image
    }

    /// Sends the image that the store has now to the registries of its names.
    private func push(_ names: [ImageReference], _ request: ExportRequest, _ task: ProgressEvent.TaskID) throws {
        for name in names {
            var order = PushRequest(name)
            if let form = request.form, form != .uncompressed { order.form = form }
            order.forcesForm = request.forcesForm
            order.cancellation = cancellation
            let part = "pushing \(name.familiar)"
            progress(.part(task, .init(part)))
            let repository = try registries().repository(name)
            _ = try images.push(order, to: repository, progress: LayerParts.sink(for: task, progress))
            progress(.part(task, .init(part, isFinished: true)))
        }
    }

    // MARK: - Files

    private func tree(of build: PlatformBuild) throws -> LayeredTree {
        try LayeredTree(lowers: images.lowers(for: build.fileSystem.layers.map { ($0.diffID, $0.blob) }))
    }

    private func isSplit(_ builds: [PlatformBuild], _ request: ExportRequest) -> Bool {
        request.splitsPlatforms ?? (builds.count > 1)
    }

    private func writeTar(_ builds: [PlatformBuild], _ request: ExportRequest) throws {
        let isSplit = isSplit(builds, request)
        let trees = try builds.map(tree)
        if !isSplit { try requireDistinct(builds, trees) }
        try output.writeFile(request.destination ?? "-") { sink in
            var tar = MergedTar(to: sink, clamp: epoch)
            for (build, tree) in zip(builds, trees) { try tar.add(tree, folder: isSplit ? build.folder : nil) }
            _ = try tar.finish()
        }
    }

    private func writeFolder(_ builds: [PlatformBuild], _ request: ExportRequest) throws {
        let isSplit = isSplit(builds, request)
        let trees = try builds.map(tree)
        if !isSplit { try requireDistinct(builds, trees) }
        let path = FilePath(request.destination ?? "")
        let root = try Directory.open(path, create: true, mode: 0o755)
        for (build, tree) in zip(builds, trees) {
            let folder = isSplit ? try Self.folder(build.folder, in: root) : try root.reopened()
            let writer = FolderWriter(into: folder, clamp: epoch, removesOthers: request.removesOthers)
            try writer.write(tree)
        }
    }

    private static func folder(_ name: String, in root: borrowing Directory) throws -> Directory {
        let name = PathBytes(name)
        if let there = try root.status(name), there.kind != .directory { try root.removeTree(name) }
        return try root.directory(name, create: true)
    }

    /// Files of several platforms in one place must not be of the same name.
    private func requireDistinct(_ builds: [PlatformBuild], _ trees: [LayeredTree]) throws {
        guard builds.count > 1 else { return }
        var owners: [PathBytes: Platform] = [:]
        for (build, tree) in zip(builds, trees) {
            var walk = LayeredWalk(tree)
            while let step = try walk.next() {
                if step.status.kind == .directory { continue }
                if let owner = owners.updateValue(build.platform, forKey: step.path) {
                    throw PlainFailure(
                        .conflict,
                        "cannot overwrite \(step.path) from \(owner) with \(build.platform) when split option is disabled"
                    )
                }
            }
        }
    }

    private static func title(_ request: ExportRequest) -> String {
        switch request.kind {
        case .image: "exporting to image"
        case .oci: "exporting to oci image format"
        case .docker: request.isStored ? "exporting to image" : "exporting to docker image format"
        case .local: "exporting to client directory"
        case .tar: "exporting to client tarball"
        case .cacheonly: "exporting nothing: the build cache is filled"
        }
    }
}

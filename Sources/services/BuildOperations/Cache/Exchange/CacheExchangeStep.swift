import ByteStreams
import ContentStorage
import ImageManagement
import MetadataStorage
import OCISpec
import RegistryAccess
import Reporting

/// The steps of a build that bring caches in and out, as progress shows them.
struct CacheExchangeStep {
    var images: ImageCatalog
    var content: ContentStore
    var metadata: MetadataStore
    var registries: @Sendable () throws -> Registries
    var cancellation: Cancellation
    var progress: ProgressSink

    /// Vertices count from zero up, the other internal steps from minus one down.
    private static let firstTask = -1000

    /// Opens the caches that the build was given. One that can't be read is reported and left out: without a cache a build
    /// takes longer, and nothing else.
    func open(_ imports: [CacheImport]) -> [CacheSource] {
        imports.enumerated().compactMap { index, one in
            let task = Self.firstTask - index
            progress(.started(task, title: "importing cache manifest from \(one.name)"))
            do {
                let source = try open(one)
                progress(.finished(task, .done))
                return source
            } catch {
                let text = (error as? any Failure).map { failure in
                    failure.description + (failure.hint.map { " (\($0))" } ?? "")
                }
                progress(.finished(task, .failed(text ?? "\(error)")))
                return nil
            }
        }
    }

    private func open(_ one: CacheImport) throws -> CacheSource {
        switch one {
        case .layout(let path, let tag, let digest):
            let layout = try CacheLayout(path)
            let document = try layout.document(tag: tag, digest: digest)
            return CacheSource(one.name, document, layers: layout, images: images, progress: progress)
        case .image(let reference):
            if let image = try stored(reference) {
                let document = try CacheDocument(inlineOf: image, reference)
                return CacheSource(one.name, document, layers: nil, images: images, progress: progress)
            }
            let remote = try RemoteCache(repository: repository(reference))
            let document = try remote.document(of: reference, platform: nil, images)
            return CacheSource(one.name, document, layers: remote, images: images, progress: progress)
        }
    }

    /// The image of the store, which comes first as it does everywhere; nil where there is none.
    private func stored(_ reference: ImageReference) throws -> Image? {
        do { return try images.resolve(reference.familiar) } catch let failure as any Failure where failure.kind == .notFound { return nil }
    }

    private func repository(_ reference: ImageReference) throws -> RemoteRepository {
        var repository = try registries().repository(reference)
        repository.cancellation = cancellation
        return repository
    }

    /// Writes the caches that were asked for.
    func write(_ exports: [CacheExport], _ uses: [CacheUse], result: BuiltFileSystem) throws {
        for (index, one) in exports.enumerated() {
            let task = Self.firstTask * 2 - index
            switch one {
            case .inline: continue
            case .layout(let path, let tag, let mode, let reset, let ignoresErrors):
                try step(task, "exporting cache to client directory \(path)", ignoresErrors) {
                    let document = CacheDocument(mode == .max ? uses : Self.uses(uses, in: result))
                    try CacheFolder.open(path).write(document, tag: tag, reset: reset, from: content)
                }
            case .registry(let reference, let form, let mode, let ignoresErrors):
                try step(task, "exporting cache to registry \(reference.familiar)", ignoresErrors) {
                    try push(CacheDocument(mode == .max ? uses : Self.uses(uses, in: result)), to: reference, form, task)
                }
            }
        }
    }

    private func step(_ task: Int, _ title: String, _ ignoresErrors: Bool, _ body: () throws -> Void) throws {
        progress(.started(task, title: title))
        do {
            try body()
            progress(.finished(task, .done))
        } catch {
            progress(.finished(task, .failed("\(error)")))
            if !ignoresErrors { throw error }
        }
    }

    private func push(_ document: CacheDocument, to reference: ImageReference, _ form: LayerForm, _ task: Int) throws {
        let forms = LayerForms(content: content, metadata: metadata)
        var document = document
        for place in document.records.indices {
            let layer = document.records[place].layer
            guard layer.blob.digest == layer.diffID, form != .uncompressed else { continue }
            document.records[place].sent = try forms.blob(layer.diffID, stored: layer.blob, as: form)
        }
        let config = try Document(encoding: document, mediaType: CacheDocument.mediaType)
        let manifest = try Document(
            encoding: ImageManifest(config: config.descriptor, layers: document.layers),
            mediaType: .ociManifest
        )
        try images.push(
            artifact: manifest,
            with: [config.descriptor.digest: config.bytes],
            from: content,
            as: reference.target,
            to: repository(reference),
            cancellation: cancellation,
            progress: LayerParts.sink(for: task, progress)
        )
    }

    /// The steps whose layers are in the result.
    static func uses(_ uses: [CacheUse], in result: BuiltFileSystem) -> [CacheUse] {
        let wanted = Set(result.layers.map(\.diffID))
        return uses.filter { wanted.contains($0.layer.diffID) }
    }
}

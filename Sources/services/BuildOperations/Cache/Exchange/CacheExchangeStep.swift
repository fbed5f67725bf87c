import ContentStorage
import ImageManagement
import OCISpec
import Reporting

/// The steps of a build that bring caches in and out, as progress shows them.
struct CacheExchangeStep {
    var images: ImageCatalog
    var content: ContentStore
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
            return CacheSource(one.name, document, layout: layout, images: images, progress: progress)
        case .image(let reference):
            let image: Image
            do { image = try images.resolve(reference.familiar) } catch let failure as any Failure
                where failure.kind == .notFound
            {
                throw PlainFailure(
                    .notFound,
                    "\(reference.familiar): image not found in the store",
                    hint: "this socle can't ask registries yet"
                )
            }
            guard let text = image.manifest.value.annotations?[CacheDocument.annotation] else {
                throw PlainFailure(
                    .notFound,
                    "\(reference.familiar): no cache in the image",
                    hint: "build it with --cache-to type=inline"
                )
            }
            let document = try CacheDocument(inline: text, of: image)
            return CacheSource(one.name, document, layout: nil, images: images, progress: progress)
        }
    }

    /// Writes the caches that were asked for.
    func write(_ exports: [CacheExport], _ uses: [CacheUse], result: BuiltFileSystem) throws {
        for (index, one) in exports.enumerated() {
            guard case .layout(let path, let tag, let mode, let reset, let ignoresErrors) = one else { continue }
            let task = Self.firstTask * 2 - index
            progress(.started(task, title: "exporting cache to client directory \(path)"))
            do {
                let document = CacheDocument(mode == .max ? uses : Self.uses(uses, in: result))
                try CacheFolder.open(path).write(document, tag: tag, reset: reset, from: content)
                progress(.finished(task, .done))
            } catch {
                progress(.finished(task, .failed("\(error)")))
                if !ignoresErrors { throw error }
            }
        }
    }

    /// The steps whose layers are in the result.
    static func uses(_ uses: [CacheUse], in result: BuiltFileSystem) -> [CacheUse] {
        let wanted = Set(result.layers.map(\.diffID))
        return uses.filter { wanted.contains($0.layer.diffID) }
    }
}

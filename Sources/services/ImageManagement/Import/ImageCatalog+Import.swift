package import ByteStreams
import CompressionCodecs
import ContentStorage
import MetadataStorage
import OCISpec
package import Reporting
import TarFormat

extension ImageCatalog {
    /// Makes an image with one layer of a root file system's tar, compressed or not.
    ///
    /// The layer's diff ID is the digest of the uncompressed tar as given. Nothing is unpacked; failure leaves nothing.
    package func importRootfs(
        _ request: ImportRequest,
        from source: any ByteSource,
        progress: @escaping ProgressSink
    ) throws -> Image {
        if let reference = request.reference { try Self.requireImportable(reference) }
        if let platform = request.platform, platform.os != "linux" {
            throw PlainFailure(.unsupported, "operating system is not supported")
        }
        let changed = try ConfigChanges.applied(request.changes, to: ContainerConfig())
        var config = ImageConfig(platform: request.platform ?? .host, config: changed)

        let counted = ProgressSource(source, task: 0, title: "import", progress: progress)
        let ahead = PeekableSource(ReadAheadSource(counted, chunkSize: 524_288, depth: 4))
        let compression = Compression.detect(try ahead.peek(Compression.magicLength))
        if compression == .none { try Self.warn(ifImageArchive: ahead.peek(4096), progress) }
        let staged = try LayerIntake(content).rootFileSystem(from: ahead, compression)
        progress(.finished(0, .done))
        let digest = try staged.writer.digest()
        let facts: LayerFacts
        do { facts = try staged.facts(digest: digest).get() } catch {
            throw PlainFailure(error.kind, error.description)
        }
        describe(request, facts, in: &config)
        let layer = Descriptor(mediaType: facts.mediaType, digest: digest, size: staged.writer.count)
        let new = try newImage(config, layer, facts, tag: request.reference)
        return try register([new]) { _ in try staged.writer.commit(expecting: layer, durable: false) }[0].image
    }

    private static func requireImportable(_ reference: ImageReference) throws {
        if reference.digest != nil { throw PlainFailure(.invalidArgument, "cannot import digest reference") }
        _ = try tagName(reference)
    }

    private func describe(_ request: ImportRequest, _ facts: LayerFacts, in config: inout ImageConfig) {
        let now = Timestamp.now
        let created = request.epoch.map { min(now, Timestamp(epochSeconds: $0)) } ?? now
        let given = request.message ?? ""
        let message = given.isEmpty ? "Imported from \(request.source)" : given
        config.created = created.text
        config.comment = message
        config.rootfs.diffIDs = [facts.diffID]
        config.history = [History(created: created.text, comment: message)]
    }

    private func newImage(
        _ config: ImageConfig,
        _ layer: Descriptor,
        _ facts: LayerFacts,
        tag: ImageReference?
    ) throws -> NewImage {
        let config = try Document(encoding: config, mediaType: .ociConfig)
        let manifest = try Document(
            encoding: ImageManifest(config: config.descriptor, layers: [layer]),
            mediaType: .ociManifest
        )
        let row = LayerRow(diffID: facts.diffID, blob: layer, contentSize: facts.contentSize)
        return NewImage(manifest: manifest, config: config, tags: tag.map { [$0] } ?? [], layers: [row])
    }

    /// `docker import` of an archive that `docker save` made gives an image with the archive's files in it: useless,
    /// and hardly ever meant.
    private static func warn(ifImageArchive beginning: [UInt8], _ progress: ProgressSink) throws {
        let reader = TarReader(MemorySource(beginning))
        while let entry = try? reader.next() {  // what is broken is told about when all of it is read
            guard let path = ArchivePath(entry.path.bytes) else { continue }
            if looksLikeImageArchive(path) {
                progress(.note("this looks like an image archive; did you mean `socle load`?"))
            }
            return
        }
    }

    /// How the archives of docker, skopeo and buildah begin.
    static func looksLikeImageArchive(_ first: ArchivePath) -> Bool {
        let parts = first.description.split(separator: "/")
        guard let name = parts.first else { return false }
        if ["oci-layout", "index.json", "manifest.json", "repositories"].contains(name) { return parts.count == 1 }
        if name == "blobs" { return parts.count == 1 || parts[1] == "sha256" }
        let stem = name.prefix { $0 != "." }
        return stem.utf8.count == 64 && stem.allSatisfy(\.isHexDigit)
    }
}

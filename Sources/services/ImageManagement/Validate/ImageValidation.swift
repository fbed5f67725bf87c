import ByteStreams
import CompressionCodecs
import ContentStorage
import LayerTransfer
import LinuxSystem
import OCISpec
import Reporting

/// Where blobs are read from: a store, a layout.
protocol BlobSource {
    /// The bytes under a digest, not compared with it, and how many there are; nil where there are none.
    func blob(_ digest: Digest) throws -> (source: any ByteSource, size: Int64)?
}

extension ContentStore: BlobSource {
    func blob(_ digest: Digest) throws -> (source: any ByteSource, size: Int64)? {
        guard try contains(digest) else { return nil }
        let file = try descriptor(of: digest)
        let size = try FileStatus(of: file.raw).size
        return (FileSource(file, subject: "blob \(digest)"), size)
    }
}

/// Looks at everything that an image is made of, and goes on after what is wrong.
struct ImageValidation {
    private let blobs: any BlobSource
    private(set) var report = ValidationReport()
    /// What is known of layers already, by digest: diff IDs; nil for one that is no layer.
    private var layers: [Digest: Digest?] = [:]
    private var seen: Set<Digest> = []

    /// How deep indexes may be nested in indexes.
    private static let maximumDepth = 4

    init(_ blobs: any BlobSource) { self.blobs = blobs }

    /// An index or a manifest, and all that it leads to.
    mutating func check(_ root: Descriptor, depth: Int = 0) throws {
        guard seen.insert(root.digest).inserted else { return }
        switch root.mediaType.role {
        case .index:
            guard depth < Self.maximumDepth else {
                return report.add(root.digest, "indexes are nested deeper than \(Self.maximumDepth) levels")
            }
            if let index: Document<ImageIndex> = try document(root) { try check(index, root.digest, depth) }
        case .manifest:
            if let manifest: Document<ImageManifest> = try document(root) { try check(manifest) }
        default: report.add(root.digest, "\"\(root.mediaType)\" is the type of neither a manifest nor an index")
        }
    }

    /// An index may list more than is there: what is for other platforms need not have been fetched.
    private mutating func check(_ index: Document<ImageIndex>, _ digest: Digest, _ depth: Int) throws {
        let there = try index.value.manifests.filter { try blobs.blob($0.digest) != nil }
        if there.isEmpty, !index.value.manifests.isEmpty { report.add(digest, "nothing that it lists is there") }
        let missing = index.value.manifests.count - there.count
        if missing > 0, !there.isEmpty { report.notes.append("\(digest): \(missing) of its manifests are not there") }
        for entry in there { try check(entry, depth: depth + 1) }
    }

    private mutating func check(_ manifest: Document<ImageManifest>) throws {
        let digest = manifest.descriptor.digest
        if manifest.value.mediaType == nil { report.notes.append("\(digest): it does not name its own type") }
        guard manifest.value.config.mediaType.role == .config, manifest.value.artifactType == nil else {
            // An artifact: what its blobs are is its maker's business.
            for blob in [manifest.value.config] + manifest.value.layers { try checkBytes(blob) }
            return
        }
        report.images += 1
        let config: Document<ImageConfig>? = try document(manifest.value.config)
        let found = try manifest.value.layers.map { try diffID(of: $0) }
        guard let config else { return }
        let problems = ConfigCheck(config.value, layers: manifest.value.layers.count).problems
        for problem in problems { report.add(config.descriptor.digest, problem) }
        for (index, pair) in zip(found, config.value.rootfs.diffIDs).enumerated() {
            guard let actual = pair.0, actual != pair.1 else { continue }
            let layer = manifest.value.layers[index].digest
            report.add(layer, "layer \(index + 1) has the diff ID \(actual), the config says \(pair.1)")
        }
    }

    // MARK: - Blobs

    /// A document that is what its descriptor says; nil where it isn't, which is noted.
    private mutating func document<Value: ImageDocument>(_ descriptor: Descriptor) throws -> Document<Value>? {
        guard let (source, size) = try open(descriptor) else { return nil }
        guard size <= Int64(JSON.defaultLimit) else {
            report.add(descriptor.digest, "a document of \(size) bytes is too large")
            return nil
        }
        let bytes: [UInt8]
        do { bytes = try source.readAll(limit: JSON.defaultLimit) } catch {
            report.add(descriptor.digest, "can't be read: \(error)")
            return nil
        }
        report.bytes += Int64(bytes.count)
        let actual = Digest.of(bytes)
        guard actual == descriptor.digest else {
            report.add(descriptor.digest, "its content has the digest \(actual)")
            return nil
        }
        do { return try Document(bytes: bytes, mediaType: descriptor.mediaType) } catch {
            report.add(descriptor.digest, error.description)
            return nil
        }
    }

    /// The blob of a descriptor, if it is there in its size.
    private mutating func open(_ descriptor: Descriptor) throws -> (source: any ByteSource, size: Int64)? {
        let found: (source: any ByteSource, size: Int64)?
        do { found = try blobs.blob(descriptor.digest) } catch let failure as any Failure {
            report.add(descriptor.digest, failure.description)
            return nil
        }
        guard let found else {
            report.add(descriptor.digest, "missing")
            return nil
        }
        report.blobs += 1
        guard found.size == descriptor.size else {
            report.add(descriptor.digest, "size is \(found.size) bytes, expected \(descriptor.size)")
            return nil
        }
        return found
    }

    private mutating func checkBytes(_ descriptor: Descriptor) throws {
        guard seen.insert(descriptor.digest).inserted, let (source, _) = try open(descriptor) else { return }
        let hashed = HashingSource(source)
        do { try hashed.drain() } catch { return report.add(descriptor.digest, "can't be read: \(error)") }
        report.bytes += descriptor.size
        compare(Digest(sha256: hashed.digest()), with: descriptor)
    }

    private mutating func compare(_ actual: Digest, with descriptor: Descriptor) {
        if actual != descriptor.digest { report.add(descriptor.digest, "its content has the digest \(actual)") }
    }

    /// The digest of a layer's tar, which is checked on the way; nil for one that is wrong.
    private mutating func diffID(of layer: Descriptor) throws -> Digest? {
        if let known = layers[layer.digest] { return known }
        layers[layer.digest] = .some(nil)
        guard let expected = layer.mediaType.layerCompression else {
            report.add(layer.digest, "\"\(layer.mediaType)\" is not the type of a layer")
            try checkBytes(layer)
            return nil
        }
        guard let (source, _) = try open(layer) else { return nil }
        report.bytes += layer.size
        let stored = HashingSource(source)
        var found: Digest?
        do {
            let counted = CountingSource(stored)
            let (compression, plain) = try Decompressor.detecting(counted)
            if compression.rawValue != expected {
                report.add(layer.digest, "its type says \(expected), its bytes are \(compression.rawValue)")
            }
            let guarded = ExpansionGuard(plain, compressed: counted)
            let hashed = HashingSource(ReadAheadSource(guarded, chunkSize: 524_288, depth: 4))
            _ = try TarCheck.validate(hashed)
            try hashed.drain()
            found = Digest(sha256: hashed.digest())
        } catch let failure as any Failure { report.add(layer.digest, failure.description) }
        do { try stored.drain() } catch { report.add(layer.digest, "can't be read: \(error)") }
        let actual = Digest(sha256: stored.digest())
        compare(actual, with: layer)
        // What other bytes hold says nothing of this layer.
        if actual != layer.digest { found = nil }
        layers[layer.digest] = .some(found)
        return found
    }
}

import ByteStreams
import ContentStorage
import OCISpec
import RegistryAccess
import Reporting

/// A place that has manifests and the blobs that they name. What it gives is not compared with digests here.
protocol CopySource: Sendable {
    /// What is to be copied: manifests or indexes.
    func roots() throws -> [Descriptor]
    /// A manifest or index.
    func document(_ descriptor: Descriptor) throws -> [UInt8]
    /// The bytes of a blob from an offset on.
    func open(_ blob: Descriptor, from offset: Int64) throws -> any ByteSource
}

/// What a registry has under a name.
struct RepositorySource: CopySource {
    let repository: RemoteRepository
    let target: ManifestTarget

    func roots() throws -> [Descriptor] { [try repository.resolve(target)] }

    func document(_ descriptor: Descriptor) throws -> [UInt8] {
        try repository.manifest(.digest(descriptor.digest)).bytes
    }

    func open(_ blob: Descriptor, from offset: Int64) throws -> any ByteSource { repository.blob(blob, from: offset) }
}

/// One image of a layout in a folder, or all of them.
struct LayoutSource: CopySource {
    enum Choice { case all, one(LayoutEntry?) }

    let folder: LayoutFolder
    let choice: Choice

    func roots() throws -> [Descriptor] {
        let entries = try folder.entries()
        switch choice {
        case .all: return entries
        case .one(let entry): return [try LayoutEntry.choose(entry, among: entries, of: folder.description)]
        }
    }

    func document(_ descriptor: Descriptor) throws -> [UInt8] { try folder.bytes(of: descriptor.digest) }

    func open(_ blob: Descriptor, from offset: Int64) throws -> any ByteSource {
        let (source, size) = try folder.file(blob.digest)
        guard size == blob.size else {
            throw PlainFailure(.corrupt, "\(folder): blob \(blob.digest) has \(size) bytes, expected \(blob.size)")
        }
        try source.pass(offset)
        return source
    }
}

/// An image of the store as it goes out: with its layers in the form that is wanted, which are written before anything is
/// copied. Its digest is that of a push.
struct StoredSource: CopySource {
    private let root: Descriptor
    private let documents: [Digest: [UInt8]]
    private let content: ContentStore

    /// - Parameter content: under a lease that holds the image.
    init(_ image: AssembledImage, form: LayerForm, forces: Bool, in catalog: ImageCatalog, _ content: ContentStore) throws {
        let forms = LayerForms(content: content, metadata: catalog.metadata)
        var documents = image.documents
        var manifests: [Digest: Descriptor] = [:]
        for one in image.images {
            let outgoing = OutgoingImage(one, form, forces: forces)
            let manifest = try outgoing.manifest(
                outgoing.layers.map { layer in
                    try layer.isAsStored ? layer.stored : forms.blob(layer.diffID, stored: layer.stored, as: form)
                }
            )
            documents[manifest.descriptor.digest] = manifest.bytes
            manifests[one.manifest.descriptor.digest] = manifest.descriptor
        }
        if let index = image.index {
            try ImageCatalog.requireComplete(index, image.images, in: content)
            let outgoing = try index.replacing(manifests)
            documents[outgoing.descriptor.digest] = outgoing.bytes
            root = outgoing.descriptor
        } else if let manifest = image.images.first.flatMap({ manifests[$0.manifest.descriptor.digest] }) {
            root = manifest
        } else {
            throw PlainFailure(.internal, "an image without a manifest")
        }
        self.documents = documents
        self.content = content
    }

    func roots() -> [Descriptor] { [root] }

    func document(_ descriptor: Descriptor) throws -> [UInt8] {
        try documents[descriptor.digest] ?? content.read(descriptor)
    }

    func open(_ blob: Descriptor, from offset: Int64) throws -> any ByteSource {
        guard let bytes = documents[blob.digest] else { return try content.open(blob, from: offset) }
        return MemorySource(Array(bytes.dropFirst(Int(offset))))
    }
}

extension Document<ImageIndex> {
    /// The index with other manifests in the place of some; itself where nothing changes.
    func replacing(_ manifests: [Digest: Descriptor]) throws -> Document<ImageIndex> {
        var value = value
        for place in value.manifests.indices {
            guard let other = manifests[value.manifests[place].digest] else { continue }
            value.manifests[place].digest = other.digest
            value.manifests[place].size = other.size
        }
        return value.manifests == self.value.manifests ? self : try Document(encoding: value, mediaType: descriptor.mediaType)
    }
}

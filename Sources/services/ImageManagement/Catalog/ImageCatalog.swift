package import ContentStorage
package import ImageTrust
package import MetadataStorage
package import OCISpec
import Reporting
package import SnapshotStorage
package import SystemPackage

/// The images of one store: names, documents, layers, and the trees that layers are unpacked to.
///
/// Blobs are the truth; rows and tags point at them and are written after them, in one durable transaction. Several
/// processes may use one store: whoever makes an image checks, inside the transaction that names it, that its blobs are
/// there, and whoever removes blobs does so inside a transaction too.
package struct ImageCatalog: Sendable {
    let content: ContentStore
    let snapshots: SnapshotStore
    let metadata: MetadataStore
    /// Reads the policies about which images are let in; asked whenever one comes.
    let trust: @Sendable () throws -> TrustGate

    /// The store's root folder.
    package var root: FilePath { snapshots.root }

    package init(
        content: ContentStore,
        snapshots: SnapshotStore,
        metadata: MetadataStore,
        trust: @escaping @Sendable () throws -> TrustGate = Self.standardTrust
    ) {
        self.trust = trust
        self.content = content
        self.snapshots = snapshots
        self.metadata = metadata
    }

    /// Finds an image by what a user says: a reference, an ID, or the beginning of an ID.
    ///
    /// In Docker's order: a name that is there wins over an ID that begins the same. Of an image for several platforms it
    /// is the one for this machine, else the first.
    package func resolve(_ text: String) throws -> Image { try image(find(text).row) }

    /// The same for a platform: of an image for several the one that serves it, or an error. An image for one platform is
    /// given whatever it is for.
    package func resolve(_ text: String, platform: Platform) throws -> Image {
        let row = try find(text).row
        guard row.isIndex else { return try image(row) }
        let index = try index(row)
        if let image = index.image(for: platform) { return image }
        throw PlainFailure(
            .unsupported,
            "image \"\(text)\" was found but does not provide the platform \(platform)",
            hint: "it has \(index.platforms.map(\.description).joined(separator: ", "))"
        )
    }

    /// The same for a user who insists on a platform, in Docker's words where the image is for another one.
    package func resolve(_ text: String, insistingOn platform: Platform) throws -> Image {
        let image = try resolve(text, platform: platform)
        let actual = image.config.value.platform
        guard image.index == nil, platform.distance(to: actual) == nil else { return image }
        throw PlainFailure(
            .unsupported,
            "image with reference \(text) was found but does not match the specified platform: wanted \(platform), "
                + "actual: \(actual)"
        )
    }

    /// The image with an ID, nil if there is none; see `resolve`.
    package func image(_ id: Digest) throws -> Image? { try metadata.images.row(id).map(image) }

    /// Reads an image's documents, verified. One that was removed meanwhile isn't there.
    func image(_ row: ImageRow) throws -> Image {
        do { return try documents(of: row) } catch let error as ContentError where error.kind == .notFound {
            throw try metadata.images.row(row.id) == nil ? Self.notFound(row.id.description) : error
        }
    }

    private func documents(of row: ImageRow) throws -> Image {
        if row.isIndex {
            let index = try index(row)
            guard let image = index.image(for: .host) ?? index.images.first else {
                throw PlainFailure(.corrupt, "index \(row.id) has no image that is in the store")
            }
            return image
        }
        let manifest: Document<ImageManifest> = try Document(stored: row.manifest, in: content)
        let config: Document<ImageConfig> = try Document(stored: manifest.value.config, in: content)
        return Image(manifest: manifest, config: config, names: try names(of: row.id))
    }

    func index(_ row: ImageRow) throws -> StoredIndex {
        try StoredIndex(row, names: try names(of: row.id), content: content)
    }

    /// All that belongs to an image of the list, for one platform or several.
    func assembled(_ row: ImageRow) throws -> AssembledImage {
        guard row.isIndex else { return AssembledImage(images: [try image(row)]) }
        let index = try index(row)
        var assembled = AssembledImage(images: index.images, index: index.document)
        assembled.extras = index.extras
        return assembled
    }

    /// The tags of an image, sorted.
    func names(of id: Digest) throws -> [ImageReference] {
        try metadata.tags.names(of: id).compactMap { try? ImageReference($0) }.sorted()  // only references are stored
    }
}

// MARK: - Finding

extension ImageCatalog {
    /// What a user's text led to.
    struct Found {
        var row: ImageRow
        /// The tag that was named; nil when the image was found by its ID.
        var reference: ImageReference?
    }

    func find(_ text: String) throws -> Found {
        if let id = Self.completeID(text) {
            guard let row = try metadata.images.row(id) else { throw Self.notFound(id.description) }
            return Found(row: row)
        }
        let reference = try ImageReference(text)
        if let digest = reference.digest {
            guard let row = try row(reference.repository, manifest: digest) else {
                throw Self.notFound(reference.familiar)
            }
            return Found(row: row, reference: reference)
        }
        let named = reference.withDefaultTag
        if let name = named.tagName, let id = try metadata.tags.image(name), let row = try metadata.images.row(id) {
            return Found(row: row, reference: named)
        }
        if let row = try row(idPrefix: text) { return Found(row: row) }
        throw Self.notFound(named.familiar)
    }

    static func notFound(_ name: String) -> PlainFailure { PlainFailure(.notFound, "No such image: \(name)") }

    /// `sha256:` and 64 digits, or the digits alone.
    private static func completeID(_ text: String) -> Digest? {
        try? Digest(text.contains(":") ? text : "sha256:\(text)")  // what is no digest is a name
    }

    /// The one image whose ID begins so; an ambiguous beginning is none, as with Docker.
    private func row(idPrefix text: String) throws -> ImageRow? {
        let hex = text.hasPrefix("sha256:") ? text.dropFirst(7) : text[...]
        guard !hex.isEmpty, hex.utf8.count < 64, hex.utf8.allSatisfy(Self.isLowercaseHex) else { return nil }
        let found = try metadata.images.find(idPrefix: String(hex))
        return found.count == 1 ? try metadata.images.row(found[0]) : nil
    }

    /// `name@digest`: what a registry has there, else an image with that manifest and any tag in the repository.
    private func row(_ repository: String, manifest digest: Digest) throws -> ImageRow? {
        if let id = try metadata.origins.image(repository: repository, digest: digest) {
            return try metadata.images.row(id)
        }
        return try metadata.images.all().first { row in
            row.manifest.digest == digest ? try names(of: row.id).contains { $0.repository == repository } : false
        }
    }

    private static func isLowercaseHex(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}

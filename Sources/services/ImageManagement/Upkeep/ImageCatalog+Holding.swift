import ContentStorage
import MetadataStorage
import OCISpec
import Reporting

extension ImageCatalog {
    /// Works with an image that was found, while nobody removes its blobs and trees.
    ///
    /// It fails where somebody removed the image since it was found.
    package func holding<Result>(_ image: Image, _ body: () throws -> Result) throws -> Result {
        try holding {
            guard try metadata.isReadOnly || metadata.images.row(image.listedID) != nil else {
                throw Self.notFound(image.names.first?.familiar ?? image.listedID.description)
            }
            return [AssembledImage(images: [image])]
        } _: { _ in
            try body()
        }
    }

    /// Finds images and works with them, while nobody removes their blobs and trees.
    ///
    /// Finding and leasing are one change of the database: what was found is there to the end. A store that can only be read
    /// takes no lease, and nobody removes anything from it by way of it.
    package func holding<Result>(
        _ find: () throws -> [AssembledImage],
        _ body: ([AssembledImage]) throws -> Result
    ) throws -> Result {
        if metadata.isReadOnly { return try body(find()) }
        let (images, lease) = try metadata.transaction {
            let images = try find()
            let lease = try metadata.leases.create()
            for digest in Set(images.flatMap(\.held)) { try metadata.leases.add(lease, digest) }
            return (images, lease)
        }
        defer { try? metadata.leases.delete(lease) }  // one that stays is dead with this process
        return try body(images)
    }

    /// Works under a lease of its own: what is committed or held through the store that `body` gets stays until the end.
    func leasing<Result>(_ body: (ContentStore) throws -> Result) throws -> Result {
        let lease = try metadata.leases.create()
        defer { try? metadata.leases.delete(lease) }  // one that stays is dead with this process
        return try body(content.leasing(lease))
    }
}

extension AssembledImage {
    /// The blobs, and the diff IDs, by which trees go.
    fileprivate var held: [Digest] {
        images.compactMap(\.index?.digest) + blobs.map(\.digest) + images.flatMap(\.config.value.rootfs.diffIDs)
    }
}

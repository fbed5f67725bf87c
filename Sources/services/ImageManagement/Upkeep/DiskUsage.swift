import ContentStorage
import MetadataStorage
import OCISpec

/// What the images of a store take, in Docker's numbers and in the disk's.
package struct DiskUsage: Sendable, Hashable {
    /// One image's part.
    package struct ImageUsage: Sendable, Hashable {
        package var summary: ImageSummary
        /// The content of layers that other images have too.
        package var sharedSize: Int64
        /// How many containers were made from it.
        package var containers: Int
        package var uniqueSize: Int64 { summary.size - sharedSize }
    }

    package var images: [ImageUsage] = []
    /// The content of all layers, each counted once: Docker's size of all images.
    package var layersSize: Int64 = 0
    /// The blobs as stored.
    package var blobBytes: Int64 = 0
    /// The build cache, which its keeper counts.
    package var cache = Cache()

    /// The build cache's part.
    package struct Cache: Sendable, Hashable {
        /// How many records there are, and how many of them a build under way uses.
        package var records = 0
        package var activeRecords = 0
        /// What only the build cache needs, and how much of it can go now.
        package var size: Int64 = 0
        package var reclaimable: Int64 = 0

        package init() {}
    }

    /// How many images have containers.
    package var activeImages: Int { images.count { $0.containers > 0 } }

    /// What removing all images without containers would free, as Docker reckons.
    package var reclaimable: Int64 {
        layersSize - images.reduce(0) { $0 + ($1.containers > 0 ? $1.uniqueSize : 0) }
    }
}

extension ImageCatalog {
    /// The numbers of `system df`.
    ///
    /// What containers take themselves is their keeper's to say.
    package func diskUsage(users: [ImageUser]) throws -> DiskUsage {
        var usage = DiskUsage()
        var sizes: [Digest: Int64] = [:]
        var owners: [Digest: Int] = [:]
        var chains: [Digest: [Digest]] = [:]
        for row in try metadata.images.all() {
            guard let image = try? assembled(row) else { continue }  // damaged: `system check` tells
            var own: [Digest: Int64] = [:]
            for one in image.images {
                for (chain, size) in zip(one.chainIDs, try layerSizes(of: one)) { own[chain] = size }
            }
            chains[row.id] = Array(own.keys)
            for (chain, size) in own {
                sizes[chain] = size
                owners[chain, default: 0] += 1
            }
        }
        usage.layersSize = sizes.values.reduce(0, +)
        usage.images = try list().map { summary in
            let shared = (chains[summary.id] ?? []).filter { owners[$0, default: 0] > 1 }
            return DiskUsage.ImageUsage(
                summary: summary,
                sharedSize: shared.reduce(0) { $0 + sizes[$1, default: 0] },
                containers: users.count { $0.image == summary.id }
            )
        }
        usage.blobBytes = try content.all().reduce(0) { $0 + $1.size }
        return usage
    }
}

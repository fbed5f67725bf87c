import ContentStorage
import MetadataStorage
package import OCISpec
import SnapshotStorage

/// What must not be removed: everything that an image, a container or work under way needs.
///
/// Records of the build cache hold their layers too, until they are pruned: an image that is removed can be built again in no
/// time.
package struct Retention {
    /// Blobs, and the diff IDs of layers whose trees are needed.
    package private(set) var digests: Set<Digest> = []
    /// The stacks of layers that images have.
    private(set) var chainIDs: Set<Digest> = []

    package init(_ catalog: ImageCatalog) throws {
        for row in try catalog.metadata.images.all() {
            digests.formUnion([row.id, row.manifest.digest])
            guard let image = try? catalog.assembled(row) else { continue }  // `system check` tells about damaged ones
            digests.formUnion(image.blobs.map(\.digest))
            for one in image.images {
                digests.formUnion(one.config.value.rootfs.diffIDs)
                chainIDs.formUnion(one.chainIDs)
            }
        }
        for container in try catalog.metadata.containers.all() {
            digests.formUnion(Self.digests(in: container.document))
        }
        // What was pushed to the store's registry, whether or not it is an image.
        digests.formUnion(try catalog.metadata.published.digests())
        digests.formUnion(try catalog.metadata.leases.liveDigests())
    }

    /// The same with everything that the build cache needs.
    static func withCache(_ catalog: ImageCatalog) throws -> Retention {
        var retention = try Retention(catalog)
        for result in try catalog.metadata.cache.results() { retention.digests.formUnion(digests(in: result.result)) }
        return retention
    }

    /// Every run of exactly 64 hexadecimal digits, as a digest.
    ///
    /// A container's document names the trees that it stands on by their folders, whose names are diff IDs. They must
    /// stay even when the image was removed by force, and this way the document's form is its owner's business.
    package static func digests(in document: [UInt8]) -> Set<Digest> {
        var found: Set<Digest> = []
        for run in document.split(whereSeparator: { !isLowercaseHex($0) }) where run.count == 64 {
            if let digest = try? Digest("sha256:" + String(decoding: run, as: UTF8.self)) {  // cannot fail: 64 digits
                found.insert(digest)
            }
        }
        return found
    }

    private static func isLowercaseHex(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}

extension ImageCatalog {
    /// Removes those of the blobs and trees that nothing needs.
    ///
    /// It happens inside a transaction, so whoever makes an image at the same time either finds the blobs gone before
    /// it names them, or has named them, and then they stay.
    ///
    /// - Returns: the diff IDs among `trees` that nothing needs.
    @discardableResult
    func discard(blobs: Set<Digest>, trees: Set<Digest>) throws -> Set<Digest> {
        let removed = try snapshots.removingTrees()
        let unused = try metadata.transaction {
            let kept = try Retention.withCache(self).digests
            let unused = trees.subtracting(kept)
            try removeForms(of: unused, keeping: kept)
            for diffID in unused { try metadata.layers.delete(diffID) }
            for digest in blobs.subtracting(kept) { try content.remove(digest) }
            for diffID in unused { try removed.take(diffID) }
            return unused
        }
        // Removing the files of trees may take a while, and nobody need wait for it.
        try removed.remove()
        return unused
    }

    /// Removes the compressed forms of layers that went, inside the transaction that they go in.
    private func removeForms(of layers: Set<Digest>, keeping kept: Set<Digest>) throws {
        for form in try metadata.layerForms.all() where layers.contains(form.diffID) {
            if !kept.contains(form.blob.digest) { try content.remove(form.blob.digest) }
            try metadata.layerForms.delete(form.diffID)
        }
    }

    /// Forgets records of the build cache, and removes the layers, files and trees that nothing else needs.
    ///
    /// Records whose content is leased by work under way stay. Inside one transaction, so a build that runs meanwhile either
    /// has leased what a record names, or finds no record.
    ///
    /// - Returns: the keys of the records that went.
    package func forget(cacheRecords keys: [String]) throws -> [String] {
        let removed = try snapshots.removingTrees()
        let gone = try metadata.transaction { () throws -> [String] in
            let live = try metadata.leases.liveDigests()
            var candidates: Set<Digest> = []
            var gone: [String] = []
            for key in keys {
                guard let result = try metadata.cache.result(of: key) else { continue }
                let digests = Retention.digests(in: result)
                guard digests.isDisjoint(with: live) else { continue }
                try metadata.cache.delete(key)
                candidates.formUnion(digests)
                gone.append(key)
            }
            let kept = try Retention.withCache(self).digests
            let unused = candidates.subtracting(kept)
            for digest in unused {
                try content.remove(digest)
                try removed.take(digest)
            }
            try removeForms(of: unused, keeping: kept)
            return gone
        }
        try removed.remove()
        return gone
    }

    /// Removes what was left behind by work that died: unfinished files, and blobs that no image, container, build
    /// cache record or living work names and that are older than a day.
    package func sweep() throws {
        try content.sweepTemporary()
        try snapshots.sweepTemporary()
        let deadline = Timestamp.now.seconds - 86_400
        let young = Set(try content.all().filter { $0.modified >= deadline }.map(\.digest))
        let removed = try snapshots.removingTrees()
        _ = try content.sweep {
            var kept = try Retention.withCache(self).digests
            // Trees and indexes are looked for and go inside the transaction as well: whoever makes one has leased its layer
            // before, and one that nobody has leased can be made again.
            let layers = try Set(snapshots.all() + snapshots.allIndexes())
            for diffID in layers.subtracting(kept) { try removed.take(diffID) }
            // A compressed form stays as long as its layer.
            for form in try metadata.layerForms.all() {
                if kept.contains(form.diffID) {
                    kept.insert(form.blob.digest)
                } else if !young.contains(form.blob.digest) {
                    try metadata.layerForms.delete(form.diffID)
                }
            }
            for row in try metadata.layers.all()
            where !kept.contains(row.diffID) && !young.contains(row.blob.digest) {
                try metadata.layers.delete(row.diffID)
            }
            return kept.union(young)
        }
        try removed.remove()
    }
}

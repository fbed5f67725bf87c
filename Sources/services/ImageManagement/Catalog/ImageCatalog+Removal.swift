import ContentStorage
import MetadataStorage
import OCISpec
import Reporting

extension ImageCatalog {
    /// `rmi` of one argument, by Docker's rules: a name is taken away, and the image goes when nothing is left that
    /// needs it; an ID takes its only name with it.
    ///
    /// `noPrune` keeps untagged parents: images made step by step are never kept as parents here, so there is nothing to
    /// prune either way, and blobs and trees that nothing needs go in any case. `users` are all containers there are.
    package func remove(_ text: String, force: Bool, noPrune: Bool, users: [ImageUser]) throws -> [Removal] {
        var removals: [Removal] = []
        var removed: RemovedImage?
        try metadata.transaction(durable: true) {
            let found = try named(text)
            let removal = try ImageRemoval(
                try situation(found.row, users: users),
                named: tag(of: found),
                force: force
            )
            for name in removal.untagged {
                if let key = name.tagName { try metadata.tags.delete(key) }
                removals.append(.untagged(name.familiar))
            }
            guard removal.deletesImage else { return }
            removed = RemovedImage(found.row, try? assembled(found.row))  // a damaged image can be removed too
            try metadata.images.delete(found.row.id)
            removals.append(.deleted(found.row.id))
        }
        try publish()
        guard let removed else { return removals }
        return removals + (try clear(removed)).map(Removal.deleted)
    }

    /// What was an image's, some of which others may share.
    private struct RemovedImage {
        var blobs: Set<Digest>
        var diffIDs: [Digest] = []
        var chainIDs: [Digest] = []

        init(_ row: ImageRow, _ image: AssembledImage?) {
            blobs = [row.id, row.manifest.digest]
            guard let image else { return }
            blobs.formUnion(image.blobs.map(\.digest))
            for one in image.images {
                diffIDs += one.config.value.rootfs.diffIDs
                chainIDs += one.chainIDs.filter { !chainIDs.contains($0) }
            }
        }
    }

    /// Frees what nothing needs any more; the chain IDs of the layers that went, top first.
    private func clear(_ removed: RemovedImage) throws -> [Digest] {
        let kept = try Retention(self)
        try discard(blobs: removed.blobs, trees: Set(removed.diffIDs))
        return removed.chainIDs.reversed().filter { !kept.chainIDs.contains($0) }
    }

    /// The tag that the user named; a name with a digest stands for the image, like an ID.
    private func tag(of found: Found) -> ImageReference? {
        guard let reference = found.reference else { return nil }
        return reference.digest == nil ? reference : nil
    }

    /// Docker's `rmi` names what wasn't found as the user did, without a default tag.
    private func named(_ text: String) throws -> Found {
        do { return try find(text) } catch let failure as PlainFailure where failure.kind == .notFound {
            throw Self.notFound(text)
        }
    }

    private func situation(_ row: ImageRow, users: [ImageUser]) throws -> ImageRemoval.Situation {
        ImageRemoval.Situation(
            image: row.id,
            names: try names(of: row.id),
            users: users.filter { $0.image == row.id },
            hasChildren: try !metadata.images.children(of: row.id).isEmpty
        )
    }
}

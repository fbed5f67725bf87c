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
                named: try name(of: found),
                force: force
            )
            for name in removal.untagged {
                if let digest = name.digest {
                    try metadata.origins.delete(repository: name.repository, digest: digest)
                } else if let key = name.tagName {
                    try metadata.tags.delete(key)
                }
                removals.append(.untagged(name.familiar))
            }
            if removal.deletesImage { removed = try remove(found.row, names: []) }
        }
        try publish()
        guard let removed else { return removals }
        removals.append(.deleted(removed.id))
        return removals + (try clear([removed]).chains[0]).map(Removal.deleted)
    }

    /// Takes an image out of the list, inside a transaction; what was its may be cleared when that is over.
    func remove(_ row: ImageRow, names: [ImageReference]) throws -> RemovedImage {
        let image = try? assembled(row)  // a damaged image can be removed too
        var removed = RemovedImage(row, image, names: names)
        for one in image?.images ?? [] {
            for (diffID, size) in zip(one.config.value.rootfs.diffIDs, try layerSizes(of: one)) {
                removed.sizes[diffID] = size
            }
        }
        for digest in removed.blobs { try content.age(digest) }
        try metadata.images.delete(row.id)
        return removed
    }

    /// What was an image's, some of which others may share.
    struct RemovedImage {
        var id: Digest
        /// The names that went with it.
        var names: [ImageReference]
        var blobs: Set<Digest>
        var chainIDs: [Digest] = []
        /// What the files of each layer hold, by diff ID.
        var sizes: [Digest: Int64] = [:]

        init(_ row: ImageRow, _ image: AssembledImage?, names: [ImageReference]) {
            id = row.id
            self.names = names
            blobs = [row.id, row.manifest.digest]
            guard let image else { return }
            blobs.formUnion(image.blobs.map(\.digest))
            for one in image.images { chainIDs += one.chainIDs.filter { !chainIDs.contains($0) } }
        }
    }

    /// Frees what nothing needs any more.
    ///
    /// - Returns: for each image the chain IDs of the layers that went with it, top first, where a layer that several had goes
    ///   with the last one; and the content of the layers that nothing at all needs.
    func clear(_ removed: [RemovedImage]) throws -> (chains: [[Digest]], reclaimed: Int64) {
        var kept = try Retention(self).chainIDs
        // What a container stands on stays also when its image was removed by force.
        let used = Set(try metadata.containers.all().map(\.image))
        for image in removed where used.contains(image.id) { kept.formUnion(image.chainIDs) }
        let sizes = removed.reduce(into: [:]) { $0.merge($1.sizes) { first, _ in first } }
        let unused = try discard(
            blobs: removed.reduce(into: []) { $0.formUnion($1.blobs) },
            trees: Set(sizes.keys)
        )
        let chains = removed.reversed().map { image in
            image.chainIDs.reversed().filter { kept.insert($0).inserted }
        }
        return (chains.reversed(), unused.reduce(0) { $0 + sizes[$1, default: 0] })
    }

    /// The name that the user gave; beside a digest, a tag is only said.
    private func name(of found: Found) throws -> ImageReference? {
        guard let reference = found.reference, let digest = reference.digest else { return found.reference }
        return try ImageReference("\(reference.repository)@\(digest)")
    }

    /// The tags of an image, and the names with digests by which registries have it, sorted.
    func references(to id: Digest) throws -> [ImageReference] {
        let places = try metadata.origins.rows(of: id).compactMap { origin in
            try? ImageReference("\(origin.repository)@\(origin.digest)")  // only references are stored
        }
        return (try names(of: id) + places).sorted()
    }

    /// Docker's `rmi` names what wasn't found as the user did, without a default tag.
    private func named(_ text: String) throws -> Found {
        do {
            let found = try find(text)
            // Names with a digest are only those that registries have given; another one names nothing to take away.
            guard let reference = found.reference, let digest = reference.digest else { return found }
            if try metadata.origins.image(repository: reference.repository, digest: digest) != nil { return found }
        } catch let failure as PlainFailure where failure.kind == .notFound {}
        throw Self.notFound(text)
    }

    private func situation(_ row: ImageRow, users: [ImageUser]) throws -> ImageRemoval.Situation {
        ImageRemoval.Situation(
            image: row.id,
            names: try references(to: row.id),
            users: users.filter { $0.image == row.id },
            hasChildren: try !metadata.images.children(of: row.id).isEmpty
        )
    }
}

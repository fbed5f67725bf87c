import ContentStorage
import MetadataStorage
import OCISpec
import Reporting

extension ImageCatalog {
    /// `image prune`: removes images that no container and no work under way needs.
    ///
    /// All of them go in one change of the database, and what only they needed goes after it, looked for once.
    package func prune(_ pruning: ImagePruning) throws -> ImagePruneReport {
        let gone = try metadata.transaction(durable: true) { () throws -> [RemovedImage] in
            let tags = Dictionary(grouping: try metadata.tags.all(), by: \.image)
            let used = Set(try metadata.containers.all().map(\.image))
            let leased = try metadata.leases.liveDigests()
            let parents = Set(try metadata.images.all().compactMap(\.parent))
            var gone: [RemovedImage] = []
            for row in try metadata.images.all() {
                let names = tags[row.id] ?? []
                guard names.isEmpty || pruning.takesNamed, !used.contains(row.id), !parents.contains(row.id) else {
                    continue
                }
                // Whoever works with an image holds its manifest.
                guard !leased.contains(row.manifest.digest), try pruning.takes(row, in: self) else { continue }
                gone.append(try remove(row, names: try references(to: row.id)))
            }
            return gone
        }
        if gone.isEmpty { return ImagePruneReport() }
        try publish()
        let cleared = try clear(gone)
        var report = ImagePruneReport()
        report.reclaimed = cleared.reclaimed
        for (image, chains) in zip(gone, cleared.chains) {
            let removals = image.names.map { .untagged($0.familiar) } + [.deleted(image.id)] + chains.map(Removal.deleted)
            report.images.append(.init(id: image.id, removals: removals))
        }
        return report
    }
}

extension ImagePruning {
    /// Whether an image is one of those that are meant, by what it says of itself.
    fileprivate func takes(_ row: ImageRow, in catalog: ImageCatalog) throws -> Bool {
        if let madeBefore {
            // As with Docker, one that doesn't say when it was made isn't older than anything.
            guard let created = row.createdAt, created <= madeBefore.epochNanoseconds else { return false }
        }
        if labels.isEmpty { return true }
        let image = try? catalog.image(row)  // what is damaged has no labels
        return labels.accepts(image?.config.value.config?.labels ?? [:])
    }
}

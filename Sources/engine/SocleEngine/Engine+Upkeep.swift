package import BuildOperations
package import ContainerManagement
import ContentStorage
import EventStorage
package import ImageManagement
package import OCISpec
package import Reporting
import SnapshotStorage

/// What the prune commands leave alone.
package struct PruneFilter: Sendable, Hashable {
    /// Only what was made before; of the build cache, what wasn't used since.
    package var until: Timestamp?
    package var labels = LabelFilter()

    package init() {}
}

/// What `system prune` takes besides stopped containers, images without a name and build cache that no image has.
package struct PruneRequest: Sendable, Hashable {
    /// All images without a container, and all build cache.
    package var takesAll = false
    /// Anonymous volumes that no container has.
    package var takesVolumes = false
    package var filter = PruneFilter()

    package init() {}
}

/// What went, in the order in which it went.
package struct PruneReport: Sendable, Hashable {
    /// IDs.
    package var containers: [String] = []
    /// Names.
    package var volumes: [String] = []
    /// Names, as the volumes'.
    package var networks: [String] = []
    package var images: [Removal] = []
    /// IDs of records of the build cache.
    package var cache: [String] = []
    /// In bytes.
    package var reclaimed: Int64 = 0

    package init() {}
}

/// The numbers of `system df`.
package struct SystemUsage: Sendable {
    /// A container with what its own files hold, in bytes.
    package struct ContainerUsage: Sendable {
        package var summary: ContainerSummary
        package var size: Int64
    }

    package var images: DiskUsage
    package var containers: [ContainerUsage]
    package var volumes: [VolumeUsage]
    package var cache: [CacheRecord]
}

extension Engine {
    // MARK: - Removing

    /// `rmi` of one name or ID
    package func removeImage(_ name: String, force: Bool, noPrune: Bool) throws -> [Removal] {
        let image = try? images.resolve(name).listedID
        let removals = try images.remove(name, force: force, noPrune: noPrune, users: try imageUsers())
        if let image { tell(removals, of: image) }
        return removals
    }

    /// Removes what died half-made: it is nobody's, and whoever frees space wants it gone too.
    package func sweep() throws { try images.sweep() }

    /// `image prune`
    package func pruneImages(all: Bool, _ filter: PruneFilter) throws -> PruneReport {
        try containers.settleAbandoned()
        var pruning = ImagePruning()
        pruning.takesNamed = all
        pruning.madeBefore = filter.until
        pruning.labels = filter.labels
        let pruned = try images.prune(pruning)
        try images.sweep()
        var report = PruneReport()
        report.images = pruned.removals
        report.reclaimed = pruned.reclaimed
        for image in pruned.images { tell(image.removals, of: image.id) }
        tell(.image, pruned: report.reclaimed)
        return report
    }

    /// `container prune`: removes the containers that don't run.
    package func pruneContainers(_ filter: PruneFilter) throws -> PruneReport {
        var report = PruneReport()
        for container in try containers.list() where filter.takes(container) {
            let size = try snapshots.usage(id: container.id).content
            do { try containers.remove(container.id, force: false, volumes: false) } catch let failure as any Failure
                where failure.kind == .conflict || failure.kind == .notFound
            {
                // Started, or removed by somebody else, since it was listed.
                continue
            }
            report.containers.append(container.id)
            report.reclaimed += size
        }
        tell(.container, pruned: report.reclaimed)
        return report
    }

    /// `system prune`: containers, networks, volumes, images and build cache, in this order, since each may free the next; then what was
    /// fetched of blobs by pulls that ended before they were whole.
    ///
    /// What has no labels, or no age, isn't taken where a filter asks for them.
    package func prune(_ request: PruneRequest) throws -> PruneReport {
        var report = try pruneContainers(request.filter)
        report.networks = try pruneNetworks(request.filter)
        if request.takesVolumes, request.filter == PruneFilter() {
            let volumes = try containers.pruneVolumes()
            report.volumes = volumes.map(\.name)
            report.reclaimed += volumes.reduce(0) { $0 + $1.size }
        }
        let pruned = try pruneImages(all: request.takesAll, request.filter)
        report.images = pruned.images
        report.reclaimed += pruned.reclaimed
        if request.filter.labels.isEmpty {
            let cache = try pruneCache(request)
            report.cache = cache.records.map(\.id)
            report.reclaimed += cache.reclaimed
        }
        if request.filter == PruneFilter() { report.reclaimed += try content.sweepPartials(olderThan: 0) }
        return report
    }

    private func pruneCache(_ request: PruneRequest) throws -> (records: [CacheRecord], reclaimed: Int64) {
        var pruning = CachePruning()
        pruning.takesShared = request.takesAll
        pruning.unusedSince = request.filter.until?.epochNanoseconds
        let all = try buildCache.records()
        let gone = try buildCache.remove(pruning.selection(of: all, among: all))
        let left = Set(try buildCache.records().compactMap(\.storage))
        let freed = CacheUsage(gone.filter { record in record.storage.map { !left.contains($0) } ?? true })
        return (gone, freed.reclaimable)
    }

    // MARK: - Looking

    /// `system df`
    package func diskUsage() throws -> SystemUsage {
        let list = try containers.list()
        let records = try buildCache.records()
        var images = try images.diskUsage(users: try imageUsers())
        images.cache = CacheUsage(records).summary
        return SystemUsage(
            images: images,
            containers: try list.map {
                SystemUsage.ContainerUsage(summary: $0, size: try snapshots.usage(id: $0.id).content)
            },
            volumes: try containers.volumeUsage(),
            cache: records
        )
    }

    /// What the store takes on disk; walks through all of it.
    package func storeUsage() throws -> StoreUsage { try StoreUsage(root: root) }

    /// `system check`: reads every blob.
    package func check(progress: @escaping ProgressSink) throws -> CheckReport { try images.check(progress: progress) }

    private func imageUsers() throws -> [ImageManagement.ImageUser] {
        try containers.imageUsers().map { ImageUser(container: $0.container, image: $0.image, isRunning: $0.isRunning) }
    }
}

extension PruneFilter {
    /// Whether a container may go.
    fileprivate func takes(_ container: ContainerSummary) -> Bool {
        if container.state.isActive { return false }
        if let until, container.createdAt > until.epochNanoseconds { return false }
        return labels.accepts(container.labels)
    }
}

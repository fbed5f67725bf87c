import ByteStreams
import ContentStorage
import ImageTrust
import LinuxSystem
import MetadataStorage
package import OCISpec
package import RegistryAccess
package import Reporting
import SnapshotStorage
import SystemPackage

extension ImageCatalog {
    /// How many layers are fetched at the same time.
    private static let width = 4

    /// Fetches an image that a registry has, as far as it isn't here, and gives it the name.
    ///
    /// The image appears whole or not at all. Layers that came whole, and parts of others, are kept for the next attempt.
    package func pull(
        _ request: PullRequest,
        from repository: RemoteRepository,
        progress: @escaping ProgressSink
    ) throws -> PulledImage {
        var repository = repository
        repository.cancellation = request.cancellation
        let gate = try trust()
        try gate.requireNotRejected(request.reference)
        let root = try repository.resolve(request.reference.target)
        let admit = { (manifest: Digest) in
            let candidate = TrustCandidate(request.reference, digest: root.digest, platformDigest: manifest)
            try gate.admit(candidate, signatures: RegistrySignatures(repository))
        }
        if let current = try current(request, root, admit) { return current }
        let before = try request.reference.tagName.flatMap { try metadata.tags.image($0) }
        let plan = try PullPlan(root, of: repository, platform: request.platform ?? .host) { descriptor in
            try content.size(descriptor.digest) == descriptor.size ? try? content.read(descriptor) : nil
        } admit: { manifest in
            try admit(manifest)
        }
        let image = try keeping(plan) { content in
            let rows = try fetch(plan, request, repository, content, progress)
            let tags = request.storedNames
            let new = NewImage(manifest: plan.manifest, config: plan.config, tags: tags, layers: rows)
            return try register([new])[0].image
        }
        try record(root.digest, of: request.reference, as: image.listedID)
        return PulledImage(image: image, digest: root.digest, wasCurrent: before == image.listedID)
    }

    /// The image, if it is known that it is what the registry means, and it has everything that it needs.
    private func current(
        _ request: PullRequest,
        _ root: Descriptor,
        _ admit: (Digest) throws -> Void
    ) throws -> PulledImage? {
        let reference = request.reference
        guard let id = try metadata.origins.image(repository: reference.repository, digest: root.digest),
            let row = try metadata.images.row(id), let image = try? image(row),
            (request.platform ?? .host).distance(to: image.config.value.platform) != nil,
            try image.manifest.value.layers.allSatisfy({ try content.size($0.digest) == $0.size })
        else { return nil }
        try admit(image.manifest.descriptor.digest)
        let unnamed = try request.storedNames.filter { name in try name.tagName.flatMap { try metadata.tags.image($0) } != id }
        for name in unnamed { try tag(image, as: name) }
        let isNamed = unnamed.isEmpty
        return PulledImage(image: try self.image(row), digest: root.digest, wasCurrent: isNamed)
    }

    /// Remembers where an image is, and who publishes it, as far as that is known; the name alone says it of official images.
    package func record(
        _ digest: Digest,
        of reference: ImageReference,
        as image: Digest,
        publisher: Publisher? = nil
    ) throws {
        let publisher = publisher ?? Publisher(byNameOf: reference)
        try metadata.transaction(durable: true) {
            guard try metadata.images.row(image) != nil else { return }
            try metadata.origins.set(
                repository: reference.repository,
                digest: digest,
                image: image,
                publisher: publisher?.rawValue
            )
        }
    }

    /// Runs `body` while nobody removes what belongs to the image; blobs that came stay also when it fails, until somebody
    /// sweeps.
    private func keeping<Result>(_ plan: PullPlan, _ body: (ContentStore) throws -> Result) throws -> Result {
        let lease = try metadata.transaction {
            let lease = try metadata.leases.create()
            let documents = [plan.manifest.descriptor.digest, plan.config.descriptor.digest]
            // Trees go by the diff ID.
            for digest in documents + plan.layers.flatMap({ [$0.blob.digest, $0.diffID] }) {
                try metadata.leases.add(lease, digest)
            }
            return lease
        }
        defer { try? metadata.leases.delete(lease) }  // a dead lease holds nothing
        return try body(content.leasing(lease))
    }

    /// Fetches the layers that aren't here, several at once, and unpacks them in order where that is wanted.
    private func fetch(
        _ plan: PullPlan,
        _ request: PullRequest,
        _ repository: RemoteRepository,
        _ content: ContentStore,
        _ progress: @escaping ProgressSink
    ) throws -> [LayerRow] {
        let ended = Cancellation()
        var repository = repository
        repository.cancellation = ended
        let fetches = plan.layers.enumerated().map { index, layer in
            progress(.started(index + 1, title: layer.blob.digest.short))
            return LayerFetch(
                catalog: self,
                content: content,
                repository: repository,
                diffID: layer.diffID,
                blob: layer.blob,
                cancellation: ended,
                task: index + 1,
                progress: progress
            )
        }
        // A layer that stands on nothing, or on what is unpacked, is unpacked as it comes; others as soon as those below are.
        let ready = request.unpacks ? try plan.layers.map { try snapshots.tree($0.diffID) } : []
        var rows: [LayerRow] = []
        var trees: [FilePath] = []
        try request.cancellation.whenCancelled({ ended.cancel() }) {
            try OrderedWork.run(count: fetches.count, width: Self.width) { index in
                var below: [FilePath]?
                if request.unpacks, ready[index] == nil, ready[..<index].allSatisfy({ $0 != nil }) {
                    below = ready[..<index].reversed().compactMap { $0 }
                }
                return try fetches[index].fetch(unpackingOn: below)
            } take: { index, outcome in
                let layer = plan.layers[index]
                rows.append(LayerRow(diffID: layer.diffID, blob: layer.blob, contentSize: outcome.contentSize))
                if request.unpacks {
                    if !outcome.wasThere { fetches[index].tell(.extracting, done: layer.blob.size) }
                    trees = try extended(trees, by: layer)
                }
                progress(.finished(index + 1, outcome.wasThere ? .cached : .done))
            } stop: {
                ended.cancel()
            }
        }
        return rows
    }

    /// The same layer twice is there once, as in a container.
    private func extended(_ trees: [FilePath], by layer: (diffID: Digest, blob: Descriptor)) throws -> [FilePath] {
        let tree = try tree(layer.diffID, layer.blob, on: trees)
        return [tree] + trees.filter { $0 != tree }
    }
}

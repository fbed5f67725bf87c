import ByteStreams
package import ContentStorage
import LinuxSystem
import MetadataStorage
import OCISpec
package import RegistryAccess
package import Reporting

extension ImageCatalog {
    /// How many layers are sent at the same time: Docker's number.
    private static let pushWidth = 5

    /// Sends an image of the store, which is found by its name, to a registry: only what isn't there, and the name last.
    ///
    /// The same image gets the same digest each time. Where it is now is remembered.
    package func push(
        _ request: PushRequest,
        to repository: RemoteRepository,
        progress: @escaping ProgressSink
    ) throws -> PushedImage {
        let reference = request.reference
        guard reference.digest == nil, let tag = reference.tag else {
            throw PlainFailure(.invalidArgument, "cannot push a digest reference")
        }
        return try holding {
            [try assembled(found(reference).row)]
        } _: { images in
            let pushed = try leasing { content in
                try push(images[0], as: .tag(tag), request, repository, content, progress)
            }
            let id = try found(reference).row.id
            try record(pushed.manifest.digest, of: reference, as: id)
            return pushed
        }
    }

    private func found(_ reference: ImageReference) throws -> Found {
        do { return try find(reference.familiar) } catch let failure as PlainFailure where failure.kind == .notFound {
            throw PlainFailure(.notFound, "An image does not exist locally with the tag: \(reference.familiarName)")
        }
    }

    /// Sends an image that was put together, whose layers are in the store.
    package func push(
        _ image: AssembledImage,
        as target: ManifestTarget,
        _ request: PushRequest,
        _ repository: RemoteRepository,
        _ content: ContentStore,
        _ progress: @escaping ProgressSink
    ) throws -> PushedImage {
        var repository = repository
        repository.cancellation = request.cancellation
        do {
            guard let index = image.index else {
                let manifest = try push(image.images[0], request, repository, content, progress)
                _ = try repository.put(manifest.bytes, type: manifest.descriptor.mediaType, as: target)
                return PushedImage(manifest: manifest.descriptor)
            }
            try Self.requireComplete(index, image.images, in: content)
            var manifests: [Digest: Descriptor] = [:]
            for one in image.images {
                let manifest = try push(one, request, repository, content, progress)
                let descriptor = manifest.descriptor
                _ = try repository.put(manifest.bytes, type: descriptor.mediaType, as: .digest(descriptor.digest))
                manifests[one.manifest.descriptor.digest] = descriptor
            }
            let document = try index.replacing(manifests)
            try push(image.extras, document.value.manifests, repository, content)
            _ = try repository.put(document.bytes, type: document.descriptor.mediaType, as: target)
            return PushedImage(manifest: document.descriptor)
        } catch var error as RegistryError {
            error.isPush = true
            throw error
        }
    }

    /// A registry doesn't take an index that leads to what it hasn't.
    static func requireComplete(_ index: Document<ImageIndex>, _ images: [Image], in content: ContentStore) throws {
        let there = Set(images.map(\.manifest.descriptor.digest))
        let missing = try index.value.manifests.filter { entry in
            try !there.contains(entry.digest) && (try content.size(entry.digest)) == nil
        }
        guard !missing.isEmpty else { return }
        let names = missing.map { $0.platform?.description ?? $0.digest.description }.joined(separator: ", ")
        throw PlainFailure(
            .notFound,
            "the index \(index.descriptor.digest) lists what isn't in the store: \(names)",
            hint: "pull or load all of it, or push one platform's image under a name of its own"
        )
    }

    /// What an index leads to besides images: attestations. Their manifests come after what they name.
    private func push(
        _ extras: [Descriptor],
        _ entries: [Descriptor],
        _ repository: RemoteRepository,
        _ content: ContentStore
    ) throws {
        let manifests = Set(entries.map(\.digest))
        for blob in extras where !manifests.contains(blob.digest) {
            if try repository.hasBlob(blob.digest) { continue }
            _ = try repository.upload(blob) { (offset) throws(StreamError) in
                do throws(ContentError) { return try content.open(blob, from: offset) } catch {
                    throw StreamError(.corrupt(error.description))
                }
            }
        }
        for blob in extras where manifests.contains(blob.digest) {
            _ = try repository.put(content.read(blob), type: blob.mediaType, as: .digest(blob.digest))
        }
    }

    /// Sends the layers and the config of one image; the manifest that names them, which isn't sent yet.
    private func push(
        _ image: Image,
        _ request: PushRequest,
        _ repository: RemoteRepository,
        _ content: ContentStore,
        _ progress: @escaping ProgressSink
    ) throws -> Document<ImageManifest> {
        let outgoing = OutgoingImage(image, request.form, forces: request.forcesForm)
        let push = LayerPush(
            catalog: self,
            content: content,
            repository: repository,
            form: request.form,
            sources: try mountSources(for: repository.reference),
            progress: progress
        )
        // The same layer may come more than once; the topmost is told of first.
        var distinct: [OutgoingImage.Layer] = []
        for layer in outgoing.layers.reversed() where !distinct.contains(layer) { distinct.append(layer) }
        for (index, layer) in distinct.enumerated() {
            progress(.started(index + 1, title: layer.diffID.short))
            progress(.part(index + 1, .init(LayerPush.Stage.preparing)))
        }
        var blobs: [OutgoingImage.Layer: Descriptor] = [:]
        let layers = distinct
        let cancellation = request.cancellation
        try OrderedWork.run(count: layers.count, width: Self.pushWidth) { index in
            try cancellation.check()
            return try push.push(layers[index], task: index + 1)
        } take: { index, blob in
            blobs[layers[index]] = blob
        } stop: {
        }
        try push.push(document: image.config.bytes, image.config.descriptor)
        return try outgoing.manifest(outgoing.layers.compactMap { blobs[$0] })
    }

    /// Other repositories of the same registry that have layers, as far as it is known, by diff ID.
    private func mountSources(for reference: ImageReference) throws -> [Digest: [String]] {
        var sources: [Digest: [String]] = [:]
        for origin in try metadata.origins.all() where origin.repository != reference.repository {
            guard let place = try? ImageReference(origin.repository), place.domain == reference.domain,
                let image = try image(origin.image)
            else { continue }
            for diffID in image.config.value.rootfs.diffIDs where sources[diffID]?.contains(place.path) != true {
                sources[diffID, default: []].append(place.path)
            }
        }
        return sources
    }
}

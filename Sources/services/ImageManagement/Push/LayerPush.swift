import ByteStreams
import ContentStorage
import LinuxSystem
import MetadataStorage
import OCISpec
import RegistryAccess
import Reporting

/// Brings the layers of one image into a repository.
struct LayerPush: Sendable {
    let catalog: ImageCatalog
    /// Under the push's lease.
    let content: ContentStore
    let repository: RemoteRepository
    let form: LayerForm
    /// Repositories of the same registry that have a layer, by its diff ID.
    let sources: [Digest: [String]]
    let progress: ProgressSink

    /// What Docker says of a layer on its way.
    enum Stage {
        static let preparing = "Preparing"
        static let pushing = "Pushing"
        static func mounted(from path: String) -> String { "Mounted from \(path)" }
    }

    /// The blob that the repository has now.
    func push(_ layer: OutgoingImage.Layer, task: ProgressEvent.TaskID) throws -> Descriptor {
        let forms = LayerForms(content: content, metadata: catalog.metadata)
        // What was written in this form before need not be there any more: the registry may still have it.
        if !layer.isAsStored, let known = try catalog.metadata.layerForms.blob(layer.diffID, form: form.key),
            try repository.hasBlob(known.digest)
        {
            progress(.finished(task, .cached))
            return known
        }
        let held = layer.isAsStored ? layer.stored : try forms.held(layer.diffID, stored: layer.stored, as: form)
        guard let blob = held else { return try stream(layer, forms, task) }
        try send(blob, mountingFrom: sources[layer.diffID]?.first, task)
        return blob
    }

    private func send(_ blob: Descriptor, mountingFrom source: String?, _ task: ProgressEvent.TaskID) throws {
        if try repository.hasBlob(blob.digest) {
            progress(.finished(task, .cached))
        } else {
            try upload(blob, mountingFrom: source, task)
        }
    }

    /// Below this many bytes, compressing first costs nothing and may save the sending.
    private static let leastStreamed: Int64 = 4 << 20

    /// Compresses a layer and sends what comes of it at the same time.
    private func stream(
        _ layer: OutgoingImage.Layer,
        _ forms: LayerForms,
        _ task: ProgressEvent.TaskID
    ) throws -> Descriptor {
        let progress = progress
        let started = layer.stored.size < Self.leastStreamed ? nil : LayerStream(to: repository) { done in
            progress(.part(task, .init(Stage.pushing, done: done)))
        }
        guard let stream = started else {
            let blob = try forms.make(layer.diffID, stored: layer.stored, as: form)
            try send(blob, mountingFrom: sources[layer.diffID]?.first, task)
            return blob
        }
        let blob: Descriptor
        do { blob = try forms.make(layer.diffID, stored: layer.stored, as: form, witness: stream) } catch {
            throw stream.abandon() ?? error
        }
        let isSent = try stream.finish(blob) { [content] (offset) throws(StreamError) in
            try Self.open(blob, from: offset, in: content)
        }
        progress(.finished(task, isSent ? .done : .cached))
        return blob
    }

    private static func open(
        _ blob: Descriptor,
        from offset: Int64,
        in content: ContentStore
    ) throws(StreamError) -> any ByteSource {
        do throws(ContentError) { return try content.open(blob, from: offset) } catch {
            throw StreamError(.corrupt(error.description))
        }
    }

    private func upload(_ blob: Descriptor, mountingFrom source: String?, _ task: ProgressEvent.TaskID) throws {
        guard try content.holds(blob.digest, size: blob.size) else {
            throw PlainFailure(.corrupt, "layer \(blob.digest) is missing", hint: "pull or build the image again")
        }
        let (content, progress) = (content, progress)
        let outcome = try repository.upload(blob, mountingFrom: source) { (offset) throws(StreamError) in
            CountedSource(try Self.open(blob, from: offset, in: content), from: offset) { done in
                progress(.part(task, .init(Stage.pushing, done: done, total: blob.size)))
            }
        }
        if outcome == .mounted, let source { progress(.part(task, .init(Stage.mounted(from: source)))) }
        progress(.finished(task, .done))
    }

    /// The config, and other small blobs.
    func push(document bytes: [UInt8], _ blob: Descriptor) throws {
        if try repository.hasBlob(blob.digest) { return }
        _ = try repository.upload(blob) { (offset) throws(StreamError) in MemorySource(Array(bytes.dropFirst(Int(offset)))) }
    }
}

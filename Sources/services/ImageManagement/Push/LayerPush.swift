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
        let blob = layer.isAsStored ? layer.stored : try forms.blob(layer.diffID, stored: layer.stored, as: form)
        if try repository.hasBlob(blob.digest) {
            progress(.finished(task, .cached))
            return blob
        }
        try upload(blob, mountingFrom: sources[layer.diffID]?.first, task)
        return blob
    }

    private func upload(_ blob: Descriptor, mountingFrom source: String?, _ task: ProgressEvent.TaskID) throws {
        guard try content.holds(blob.digest, size: blob.size) else {
            throw PlainFailure(.corrupt, "layer \(blob.digest) is missing", hint: "pull or build the image again")
        }
        let (content, progress) = (content, progress)
        let outcome = try repository.upload(blob, mountingFrom: source) { (offset) throws(StreamError) in
            let source: any ByteSource
            do throws(ContentError) { source = try content.open(blob, from: offset) } catch {
                throw StreamError(.corrupt(error.description))
            }
            return CountedSource(source, from: offset) { done in
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

import ByteStreams
import OCISpec
import RegistryAccess
import Reporting

/// A place that manifests and blobs can be brought to.
protocol CopyDestination {
    /// Brings everything of the plan; what names something comes after it.
    func take(_ plan: CopyPlan, from source: any CopySource, _ transfer: CopyTransfer) throws
}

/// What goes along with a copy.
struct CopyTransfer: Sendable {
    var cancellation: Cancellation
    var progress: ProgressSink

    /// How many blobs are copied at the same time.
    private static let width = 4

    /// Copies blobs, some at the same time.
    ///
    /// - Parameter copy: brings one; false where it was there already. It gets what opens the blob from an offset on, and
    ///   tells how much of it passed.
    func each(
        _ blobs: [Descriptor],
        from source: any CopySource,
        _ copy: @escaping @Sendable (Descriptor, @escaping @Sendable (Int64) throws(StreamError) -> any ByteSource) throws -> Bool
    ) throws {
        for (index, blob) in blobs.enumerated() { progress(.started(index + 1, title: blob.digest.short)) }
        try OrderedWork.run(count: blobs.count, width: Self.width) { index in
            try cancellation.check()
            return try copy(blobs[index]) { (offset) throws(StreamError) in
                CountedSource(try Self.open(blobs[index], from: offset, of: source), from: offset) { done in
                    progress(.part(index + 1, .init("Copying", done: done, total: blobs[index].size)))
                }
            }
        } take: { (index, isNew) in
            progress(.finished(index + 1, isNew ? .done : .cached))
        } stop: {
        }
    }

    private static func open(
        _ blob: Descriptor,
        from offset: Int64,
        of source: any CopySource
    ) throws(StreamError) -> any ByteSource {
        do { return try source.open(blob, from: offset) } catch {
            throw error as? StreamError ?? StreamError(.corrupt("\(error)"))
        }
    }
}

/// A repository of a registry.
struct RepositoryDestination: CopyDestination {
    let repository: RemoteRepository
    /// What the image gets there: a tag, or the digest that it has.
    let target: ManifestTarget
    /// Another repository of the same registry that has the blobs.
    var mountsFrom: String?

    func take(_ plan: CopyPlan, from source: any CopySource, _ transfer: CopyTransfer) throws {
        guard plan.roots.count == 1, let root = plan.documents.last else {
            throw PlainFailure(.invalidArgument, "one image is to be copied to \(repository.reference.familiar), not \(plan.roots.count)")
        }
        if case .digest(let digest) = target, digest != root.descriptor.digest {
            throw PlainFailure(.invalidArgument, "the image's digest is \(root.descriptor.digest), not \(digest)")
        }
        do { try send(plan, root, from: source, transfer) } catch var error as RegistryError {
            error.isPush = true
            throw error
        }
    }

    private func send(
        _ plan: CopyPlan,
        _ root: CopyPlan.Entry,
        from source: any CopySource,
        _ transfer: CopyTransfer
    ) throws {
        var repository = repository
        repository.cancellation = transfer.cancellation
        let (place, mountsFrom) = (repository, mountsFrom)
        // Registries don't keep what their neighbours may not hand on; descriptors say where it is.
        let own = plan.blobs.filter { $0.urls?.isEmpty ?? true }
        try transfer.each(own, from: source) { blob, open in
            if try place.hasBlob(blob.digest) { return false }
            return try place.upload(blob, mountingFrom: mountsFrom, open: open) == .uploaded
        }
        for entry in plan.documents.dropLast() {
            _ = try repository.put(entry.bytes, type: entry.descriptor.mediaType, as: .digest(entry.descriptor.digest))
        }
        _ = try repository.put(root.bytes, type: root.descriptor.mediaType, as: target)
    }
}

/// An OCI layout in a folder.
struct LayoutDestination: CopyDestination {
    let writer: LayoutWriter
    /// What the image is called there; nil where it keeps what it is called at its source.
    let name: String?

    func take(_ plan: CopyPlan, from source: any CopySource, _ transfer: CopyTransfer) throws {
        let writer = writer
        try transfer.each(plan.blobs, from: source) { blob, open in
            if try writer.holds(blob) { return false }
            try writer.put(blob, from: open(0))
            return true
        }
        for entry in plan.documents { try writer.put(entry.descriptor, from: MemorySource(entry.bytes)) }
        try writer.list(plan.roots.map { $0.named(name) })
    }
}

/// An OCI layout in a tar, which is written as a stream.
struct LayoutArchiveDestination: CopyDestination {
    let sink: any ByteSink
    let name: String?

    func take(_ plan: CopyPlan, from source: any CopySource, _ transfer: CopyTransfer) throws {
        let index = ImageIndex(manifests: plan.roots.map { $0.named(name) })
        var tar = LayoutTar(to: sink)
        try tar.add([("index.json", JSON.encode(index)), ("oci-layout", JSON.encode(ImageLayout()))])
        let documents = Dictionary(plan.documents.map { ($0.descriptor.digest, $0.bytes) }) { first, _ in first }
        for (task, blob) in (plan.blobs + plan.documents.map(\.descriptor)).sorted(by: { $0.digest < $1.digest }).enumerated() {
            try transfer.cancellation.check()
            if let bytes = documents[blob.digest] {
                try tar.add(blob, from: MemorySource(bytes))
            } else {
                transfer.progress(.started(task + 1, title: blob.digest.short))
                let counted = CountedSource(try source.open(blob, from: 0), from: 0) { done in
                    transfer.progress(.part(task + 1, .init("Copying", done: done, total: blob.size)))
                }
                try tar.add(blob, from: counted)
                transfer.progress(.finished(task + 1, .done))
            }
        }
        try tar.finish()
    }
}

extension Descriptor {
    /// As `index.json` lists it under a name: a tag, or a complete name.
    fileprivate func named(_ name: String?) -> Descriptor {
        guard let name else { return self }
        var entry = self
        var annotations = [Annotation.referenceName: name]
        if name.contains(where: { $0 == "/" || $0 == ":" }), let complete = try? ImageReference.forTagging(name) {
            annotations = [Annotation.imageName: complete.canonical, Annotation.referenceName: complete.tag ?? name]
        }
        entry.annotations = (entry.annotations ?? [:]).filter { $0.key != Annotation.imageName }.merging(annotations) { $1 }
        return entry
    }
}

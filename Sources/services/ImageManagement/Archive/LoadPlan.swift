package import OCISpec
import Reporting

/// The images of an archive, checked against what the archive holds: what `load` then stores.
struct LoadPlan {
    /// One image with all that it needs.
    struct PlannedImage {
        var manifest: Document<ImageManifest>
        var config: Document<ImageConfig>
        /// Base first.
        var layers: [(descriptor: Descriptor, facts: LayerFacts)]
        var names: [ImageReference]
    }

    /// An image for several platforms, with those of its images that are in the archive.
    struct PlannedIndex {
        var document: Document<ImageIndex>
        /// Two at least.
        var images: [PlannedImage]
        /// What else the index leads to that is in the archive (attestations).
        var extras: [Extra]
        var names: [ImageReference]
    }

    /// A blob that is no image's, with its bytes where they were small enough to be taken for a document.
    struct Extra {
        var descriptor: Descriptor
        var bytes: [UInt8]?
    }

    var images: [PlannedImage] = []
    var indexes: [PlannedIndex] = []
    /// What the user should know besides.
    var notes: [String] = []

    /// Finds the images in an archive of Docker's (`manifest.json`) or an OCI layout (`index.json`), or in one that is
    /// both; then names come from Docker's part and manifests, where they are, from the other. Docker's part knows nothing
    /// of several platforms: where the layout has an index of them, the layout counts.
    init(_ contents: ArchiveContents, platform: Platform) throws {
        let layout = try LayoutReader(contents, platform: platform)
        if !layout.indexes.isEmpty {
            (images, notes) = try layout.images()
            indexes = layout.indexes
        } else if contents.documents[.dockerManifest] != nil {
            images = try DockerArchiveReader(contents, manifests: layout.manifests).images()
        } else if layout.isPresent {
            (images, notes) = try layout.images()
        } else if contents.documents[.repositories] != nil {
            throw PlainFailure(
                .unsupported,
                "image archives of before Docker 1.10 (without manifest.json) are not supported",
                hint: "load it into a newer docker and save it again"
            )
        } else {
            throw PlainFailure(
                .corrupt,
                "not an image archive: it has neither manifest.json nor index.json",
                hint: "a tar of a root file system is taken by `socle import`"
            )
        }
        if images.isEmpty, indexes.isEmpty { throw PlainFailure(.corrupt, "image archive has no images") }
    }

    /// Leaves the one image that is meant, under the name that is wanted.
    mutating func select(_ selection: LoadSelection) throws {
        if let name = selection.name {
            images.removeAll { !$0.names.contains(name) }
            indexes.removeAll { !$0.names.contains(name) }
        }
        guard images.count + indexes.count == 1 else {
            let there = (images.map(\.names) + indexes.map(\.names)).joined().map(\.familiar)
            throw PlainFailure(
                .notFound,
                selection.name.map { "no image \($0.familiar) in the archive" }
                    ?? "the archive has \(images.count + indexes.count) images",
                hint: there.isEmpty ? nil : "name one of \(there.joined(separator: ", "))"
            )
        }
        for index in images.indices { images[index].names = [selection.newName] }
        for index in indexes.indices { indexes[index].names = [selection.newName] }
    }

    /// Joins an image's documents with its layers, if they fit together.
    static func image(
        manifest: Document<ImageManifest>,
        config: Document<ImageConfig>,
        blobs: [ArchiveContents.Blob],
        names: [ImageReference]
    ) throws -> PlannedImage {
        let diffIDs = config.value.rootfs.diffIDs
        guard blobs.count == diffIDs.count else {
            throw PlainFailure(
                .corrupt,
                "invalid manifest, layers length mismatch: expected \(diffIDs.count), got \(blobs.count)"
            )
        }
        guard config.value.rootfs.type == "layers" else {
            throw PlainFailure(
                .unsupported,
                "root file system of type \"\(config.value.rootfs.type)\" is not supported"
            )
        }
        var layers: [(Descriptor, LayerFacts)] = []
        for (index, (blob, diffID)) in zip(blobs, diffIDs).enumerated() {
            let facts: LayerFacts
            switch blob.layer {
            case .success(let found): facts = found
            case .failure(let refusal):
                throw PlainFailure(refusal.kind, "layer \(index) (\(blob.digest)): \(refusal.description)")
            }
            guard facts.diffID == diffID else {
                throw PlainFailure(
                    .corrupt,
                    "invalid diffID for layer \(index): expected \"\(diffID)\", got \"\(facts.diffID)\""
                )
            }
            layers.append((manifest.value.layers[index], facts))
        }
        return PlannedImage(manifest: manifest, config: config, layers: layers, names: names)
    }
}

/// Which image of an archive is taken, and what it is called then.
package struct LoadSelection: Sendable {
    /// The name that it has in the archive; nil for the only one.
    package var name: ImageReference?
    package var newName: ImageReference

    package init(_ name: ImageReference? = nil, as newName: ImageReference) {
        self.name = name?.withDefaultTag
        self.newName = newName.withDefaultTag
    }
}

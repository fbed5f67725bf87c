import OCISpec
import Reporting

/// An image as it goes out: its layers in the form that registries want, and the documents that say so.
///
/// An image whose layers came compressed goes out with the very documents that it came with, so with the same digest.
struct OutgoingImage {
    /// One layer: what it is here, and what of it goes out.
    struct Layer: Sendable, Hashable {
        var diffID: Digest
        var stored: Descriptor
        /// Whether it goes out as it is stored.
        var isAsStored: Bool
    }

    var image: Image
    /// Base first.
    var layers: [Layer]
    private let form: LayerForm

    init(_ image: Image, _ form: LayerForm, forces: Bool) {
        self.image = image
        self.form = form
        layers = zip(image.config.value.rootfs.diffIDs, image.manifest.value.layers).map { diffID, blob in
            Layer(diffID: diffID, stored: blob, isAsStored: !forces && blob.digest != diffID)
        }
    }

    /// The manifest that names these blobs, the layers' in order.
    func manifest(_ blobs: [Descriptor]) throws -> Document<ImageManifest> {
        let stored = image.manifest
        let old = stored.value.layers
        if zip(old, blobs).allSatisfy({ $0.digest == $1.digest }) { return stored }
        var value = stored.value
        let isDocker = stored.descriptor.mediaType == .dockerManifest
        value.layers = zip(old, blobs).map { old, blob in
            if old.digest == blob.digest { return old }
            var layer = old
            layer.digest = blob.digest
            layer.size = blob.size
            layer.mediaType = isDocker ? blob.mediaType.docker : blob.mediaType.oci
            layer.urls = nil
            layer.data = nil
            return layer
        }
        return try Document(encoding: value, mediaType: stored.descriptor.mediaType)
    }
}

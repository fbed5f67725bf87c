import ContentStorage
import LayerTransfer
import MetadataStorage
package import OCISpec
import Reporting

/// What `image squash` is asked for.
package struct SquashRequest: Sendable, Hashable {
    /// The lowest layer that is merged: its number from the base, which is 1, or its digest or the beginning of that.
    package var from: String?
    /// The new image's name.
    package var tag: ImageReference?
    /// No time in the new layer is later, in seconds since 1970.
    package var epoch: Int64?

    package init() {}
}

extension ImageCatalog {
    /// Makes an image whose layers from one on are merged into one; what is below them stays as it is.
    ///
    /// The same image and request give the same image. Where there is nothing to merge, it is the image itself.
    package func squash(_ image: Image, _ request: SquashRequest) throws -> Image {
        let layers = Array(zip(image.config.value.rootfs.diffIDs, image.manifest.value.layers))
        let first = try request.from.map { try Self.position(of: $0, in: image) } ?? 0
        return try holding(image) {
            guard layers.count - first > 1 else {
                if let tag = request.tag { try self.tag(image, as: tag) }
                return image
            }
            return try leasing { content in
                let (base, ours) = (Array(layers[..<first]), Array(layers[first...]))
                let merge = LayerMerge(images: self, content: content, epoch: request.epoch)
                let (writer, usage) = try merge.write(ours, above: base)
                let (digest, size) = try writer.commit(durable: false)
                let blob = Descriptor(mediaType: .ociLayer, digest: digest, size: size)
                try metadata.layers.set(LayerRow(diffID: digest, blob: blob, contentSize: usage.bytes))
                return try register(
                    config: config(of: image, base, digest, request.epoch),
                    layers: base.map(\.1) + [blob],
                    annotations: image.manifest.value.annotations,
                    tags: request.tag.map { [$0] } ?? []
                )
            }
        }
    }

    private func config(
        of image: Image,
        _ base: [LayerMerge.Layer],
        _ layer: Digest,
        _ epoch: Int64?
    ) -> ImageConfig {
        let value = image.config.value
        // An odd time stays as it is.
        let created = value.created.flatMap { try? Timestamp($0) }
        let clamped =
            epoch.map { epoch in created.map { min($0, Timestamp(epochSeconds: epoch)).text } } ?? value.created
        return value.squashed(
            above: base.map(\.diffID),
            layer,
            inherited: Self.entries(of: base.count, in: value.history),
            created: clamped,
            note: base.isEmpty ? "create new from \(image.id)" : "merge \(image.id) above layer \(base.count)"
        )
    }

    /// How many entries of a history tell of so many layers.
    private static func entries(of layers: Int, in history: [History]) -> Int {
        var left = layers
        var count = 0
        for entry in history where left > 0 {
            count += 1
            if !entry.isEmptyLayer { left -= 1 }
        }
        return count
    }

    private static func position(of text: String, in image: Image) throws -> Int {
        let diffIDs = image.config.value.rootfs.diffIDs
        if let number = Int(text), text.utf8.count < 4 {
            guard diffIDs.indices.contains(number - 1) else {
                throw PlainFailure(
                    .invalidArgument,
                    "the image has no layer \(number)",
                    hint: "it has \(diffIDs.count)"
                )
            }
            return number - 1
        }
        let hex = text.hasPrefix("sha256:") ? text.dropFirst(7) : text[...]
        let found = diffIDs.indices.filter { index in
            let names = [diffIDs[index].hex, image.manifest.value.layers[index].digest.hex, image.chainIDs[index].hex]
            return !hex.isEmpty && names.contains { $0.hasPrefix(hex) }
        }
        guard let first = found.first else {
            throw PlainFailure(.notFound, "no layer of the image begins with \"\(text)\"")
        }
        guard Set(found.map { diffIDs[$0] }).count == 1 else {
            throw PlainFailure(.invalidArgument, "more than one layer of the image begins with \"\(text)\"")
        }
        return first
    }
}

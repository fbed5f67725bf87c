import ImageManagement
import OCISpec
import Reporting

/// A cache inside an image: for each layer that a step made, the step's key. Everything else of the record is in the
/// image itself.
extension CacheDocument {
    private struct Inline: Codable {
        struct Step: Codable {
            /// Which of the image's layers, counted from the base.
            var layer: Int
            var key: Digest
            var contentSize: Int64?
            var createdAt: Int64?
        }

        var version: Int
        var steps: [Step]
    }

    /// The text for the image's annotation; nil where no step made a layer of it.
    static func inline(_ uses: [CacheUse], result: BuiltFileSystem) throws -> String? {
        let steps = result.layers.enumerated().flatMap { index, layer in
            uses.filter { $0.layer.diffID == layer.diffID }.map { use in
                Inline.Step(
                    layer: index,
                    key: use.key,
                    contentSize: use.layer.contentSize,
                    createdAt: use.layer.createdAt
                )
            }
        }
        if steps.isEmpty { return nil }
        return String(decoding: try JSON.encode(Inline(version: currentVersion, steps: steps)), as: UTF8.self)
    }

    /// Reads the annotation of an image.
    init(inlineOf image: Image, _ reference: ImageReference) throws {
        guard let text = image.manifest.value.annotations?[Self.annotation] else {
            throw PlainFailure(
                .notFound,
                "\(reference.familiar): no cache in the image",
                hint: "build it with --cache-to type=inline"
            )
        }
        let inline = try JSON.decode(Inline.self, from: Array(text.utf8))
        guard inline.version == Self.currentVersion else {
            throw PlainFailure(
                .unsupported,
                "cache has the version \(inline.version), this socle knows \(Self.currentVersion)"
            )
        }
        let layers = try image.fileSystem.layers
        self.init(
            records: try inline.steps.map { step in
                guard layers.indices.contains(step.layer) else {
                    throw PlainFailure(.corrupt, "cache names layer \(step.layer) of \(layers.count)")
                }
                var layer = layers[step.layer]
                layer.contentSize = step.contentSize
                layer.createdAt = step.createdAt
                return Record(key: step.key, layer: layer)
            }
        )
    }

    private init(records: [Record]) { self.records = records }
}

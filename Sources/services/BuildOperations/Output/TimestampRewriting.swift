import BuildDefinition
import ByteStreams
import ContentStorage
import LayerTransfer
import OCISpec
import TarFormat

/// Brings all times in layers that builds made down to an epoch: `rewrite-timestamp`.
///
/// What a build makes with SOURCE_DATE_EPOCH is no younger anyway; this is for layers out of the cache that were made
/// without it, and for archives that ADD unpacked. The result is remembered in the build cache.
struct TimestampRewriting {
    var cache: BuildCache
    var content: ContentStore
    /// Seconds since 1970.
    var epoch: Int64

    /// The layer, or another one with the same files and older times; a base's layers stay.
    func rewritten(_ layer: BuiltLayer) throws -> BuiltLayer {
        guard layer.isOurs, layer.blob.digest == layer.diffID else { return layer }
        let key = BuildCache.Key([
            KeyPart("operation", "rewrite timestamps"), KeyPart("layer", layer.diffID.description),
            KeyPart("epoch", String(epoch)),
        ])
        if let known = try cache.layer(for: key) { return known }
        let writer = try content.writer()
        try rewrite(layer, to: WriteBehindSink(writer))
        var made = try BuiltLayer(committing: writer, contentSize: layer.contentSize ?? 0, epoch: epoch)
        made.contentSize = layer.contentSize
        try cache.remember(made, for: key)
        return made
    }

    private func rewrite(_ layer: BuiltLayer, to behind: WriteBehindSink) throws {
        let reader = TarReader(ReadAheadSource(try content.open(layer.blob)))
        let sink = LayerSink(behind)
        let latest = TarTime(seconds: epoch)
        while var entry = try reader.next() {
            if entry.modified.seconds >= epoch { entry.modified = latest }
            if let time = entry.accessed, time.seconds >= epoch { entry.accessed = latest }
            if let time = entry.changed, time.seconds >= epoch { entry.changed = latest }
            entry.sparse = nil
            try sink.append(entry)
            if entry.kind == .file { try reader.body(into: sink) }
        }
        try reader.finish()
        try sink.finish()
        try behind.finish()
    }
}

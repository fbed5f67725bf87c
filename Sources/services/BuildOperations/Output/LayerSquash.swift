import BuildDefinition
import ContentStorage
import ImageManagement
import LayerTransfer
import OCISpec

/// Makes one layer of all that a build put on its base: `--squash`.
///
/// As Docker's experimental daemon has it: the base's layers stay, the steps stay in the history as steps without a layer,
/// and one more entry says what was merged. What one step adds and a later one removes is in no layer any more.
struct LayerSquash {
    var cache: BuildCache
    var content: ContentStore
    var images: ImageCatalog
    var epoch: Int64?
    /// The images that the build stands on.
    var bases: [Image]

    func squashed(_ build: PlatformBuild) throws -> PlatformBuild {
        let base = Array(build.fileSystem.layers.prefix { !$0.isOurs })
        let ours = Array(build.fileSystem.layers.dropFirst(base.count))
        guard !ours.isEmpty, ours.allSatisfy(\.isOurs) else { return build }
        var result = build
        let layer = try ours.count == 1 ? ours[0] : merged(ours, above: base)
        result.fileSystem = BuiltFileSystem(layers: base + [layer])
        result.config = try config(build, base: base, layer)
        return result
    }

    private func merged(_ ours: [BuiltLayer], above base: [BuiltLayer]) throws -> BuiltLayer {
        var parts = [KeyPart("operation", "squash"), KeyPart("below", BuiltFileSystem(layers: base).chain)]
        parts += ours.map { KeyPart("layer", $0.diffID.description) }
        if let epoch { parts.append(KeyPart("epoch", String(epoch))) }
        let key = BuildCache.Key(parts)
        if let known = try cache.layer(for: key) { return known }
        let merge = LayerMerge(images: images, content: content, epoch: epoch)
        let (writer, usage) = try merge.write(
            ours.map { ($0.diffID, $0.blob) },
            above: base.map { ($0.diffID, $0.blob) }
        )
        var layer = try BuiltLayer(committing: writer, contentSize: usage.bytes, epoch: epoch)
        // The same steps give the same image whenever they are squashed.
        layer.createdAt = ours.compactMap(\.createdAt).max()
        try cache.remember(layer, for: key)
        return layer
    }

    private func config(_ build: PlatformBuild, base: [BuiltLayer], _ layer: BuiltLayer) throws -> ImageConfig {
        let id = try Document(encoding: build.config, mediaType: .ociConfig).descriptor.digest
        let parent = bases.first { $0.config.value.rootfs.diffIDs == base.map(\.diffID) }
        return build.config.squashed(
            above: base.map(\.diffID),
            layer.diffID,
            inherited: base.isEmpty ? 0 : parent?.config.value.history.count ?? 0,
            created: layer.createdAt.map { Timestamp(epochNanoseconds: $0).text },
            note: base.isEmpty ? "create new from \(id)" : "merge \(id) to \(parent?.id.description ?? "its base")"
        )
    }
}

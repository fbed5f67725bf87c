package import OCISpec

/// One layer that a build made or took over.
package struct BuiltLayer: Sendable, Hashable, Codable {
    /// The digest of the uncompressed tar.
    package var diffID: Digest
    /// Where the layer lies in the content store.
    package var blob: Descriptor
    /// What its files hold, in bytes, as `history` and `images` count; nil where nobody counted.
    package var contentSize: Int64?
    /// When it was made, in nanoseconds since 1970; nil for a base's layer, whose history says so.
    package var createdAt: Int64?
}

/// A file system as a build knows it: its layers, lowest first. Two are the same when their layers are.
package struct BuiltFileSystem: Sendable, Hashable {
    package var layers: [BuiltLayer] = []

    /// Names the whole for cache keys; the empty file system has a name too.
    var chain: String { layers.map(\.diffID.description).joined(separator: "\n") }

    /// The file system with one more layer on top.
    func adding(_ layer: BuiltLayer) -> BuiltFileSystem { BuiltFileSystem(layers: layers + [layer]) }
}

import BuildDefinition
import ContentStorage
import MetadataStorage
import OCISpec

/// What earlier builds made, by what it was made from.
///
/// A key is a list of named parts; the record keeps them, so that a miss can be explained. A record whose layer isn't in
/// the store any more counts as absent.
struct BuildCache: Sendable {
    var metadata: MetadataStore
    var content: ContentStore

    /// The parts of a vertex's identity and their digest.
    struct Key: Sendable {
        var parts: [KeyPart]
        var digest: Digest
        /// What the part `members` is the digest of.
        var members: MemberList?

        init(_ parts: [KeyPart], members: MemberList? = nil) {
            self.parts = parts + (members.map { [KeyPart("members", $0.digest.description)] } ?? [])
            self.members = members
            digest = Digest.of(KeyPart.encode(self.parts))
        }
    }

    func layer(for key: Key) throws -> BuiltLayer? {
        guard let row = try metadata.cache.row(key.digest.description) else { return nil }
        guard let layer = try? JSON.decode(BuiltLayer.self, from: row.result), try content.contains(layer.blob.digest)
        else { return nil }
        try metadata.cache.touch(key.digest.description)
        return layer
    }

    func remember(_ layer: BuiltLayer, for key: Key) throws {
        let now = Timestamp.now.epochNanoseconds
        let record = CacheRow(
            key: key.digest.description,
            result: try JSON.encode(layer),
            parts: key.parts.map { CacheRow.Part(name: $0.name, value: $0.text) },
            createdAt: now,
            usedAt: now,
            size: layer.blob.size
        )
        let members = try key.members?.compressed()
        try metadata.transaction {
            try metadata.layers.set(
                LayerRow(diffID: layer.diffID, blob: layer.blob, contentSize: layer.contentSize)
            )
            try metadata.cache.put(record)
            if let members { try metadata.cache.putMembers(members, for: record.key) }
        }
    }

    /// The members of the layer that a record is about, if it is a copy's.
    func members(of key: String) throws -> MemberList? {
        try metadata.cache.members(of: key).map { try MemberList(compressed: $0) }
    }
}

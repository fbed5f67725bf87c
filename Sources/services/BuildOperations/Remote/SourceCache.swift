import BuildDefinition
import MetadataStorage
import OCISpec

/// What was fetched before: a row of the build cache for each address or commit, whose result names the blob or tree.
///
/// Naming it keeps the blob or tree in the store; a row whose blob or tree is gone counts as absent.
struct SourceCache: Sendable {
    var metadata: MetadataStore
    /// Keeps what this build uses from being swept meanwhile.
    var lease: LeaseRow

    func value<Value: Decodable>(_ type: Value.Type, for key: BuildCache.Key) throws -> Value? {
        guard let row = try metadata.cache.row(key.digest.description) else { return nil }
        return try? JSON.decode(type, from: row.result)  // what can't be read is fetched again
    }

    /// - Parameter size: what the blob or tree takes, in bytes.
    func remember(_ value: some Encodable, for key: BuildCache.Key, size: Int64) throws {
        let now = Timestamp.now.epochNanoseconds
        try metadata.cache.put(
            CacheRow(
                key: key.digest.description,
                result: try JSON.encode(value),
                parts: key.parts.map { CacheRow.Part(name: $0.name, value: $0.text) },
                createdAt: now,
                usedAt: now,
                size: size
            )
        )
    }

    func touch(_ key: BuildCache.Key) throws { try metadata.cache.touch(key.digest.description) }

    /// Holds a blob or tree until the build ends. First this, then the look whether it is there.
    func hold(_ digest: Digest) throws { try metadata.leases.add(lease, digest) }
}

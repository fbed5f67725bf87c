import ByteStreams

extension BuildGraph {
    /// What a vertex and everything below it are: equal for vertices that do the same to the same.
    ///
    /// It covers the definition alone. What a context contains, or which digest a tag names today, is not in it.
    public struct VertexDigest: Hashable, Sendable {
        public var bytes: [UInt8]
    }

    /// The digests of all vertices, by their identifiers.
    public func vertexDigests() -> [VertexDigest] {
        var digests: [VertexDigest] = []
        digests.reserveCapacity(vertices.count)
        for vertex in vertices {
            var parts = vertex.operation.keyParts
            for edge in vertex.inputs {
                parts.append(KeyPart("input", edge.map { digests[$0.vertex].bytes } ?? []))
                parts.append(KeyPart("output", String(edge?.output ?? 0)))
            }
            // One that must be done again doesn't stand for one that need not be.
            if vertex.ignoresCache { parts.append(KeyPart("ignores cache", "true")) }
            digests.append(VertexDigest(bytes: SHA256Hasher.hash(KeyPart.encode(parts))))
        }
        return digests
    }
}

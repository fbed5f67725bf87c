import BuildDefinition
import ContentStorage
import MetadataStorage
import OCISpec
import Reporting

/// What earlier builds made, by what it was made from.
///
/// A key is a list of named parts; the record keeps them, so that a miss can be explained. A record whose layer isn't in
/// the store any more counts as absent.
struct BuildCache: Sendable {
    var metadata: MetadataStore
    var content: ContentStore
    /// What this build asked for and got.
    var trace = CacheTrace()
    /// The caches that the build was given, asked in their order where the store doesn't know.
    var sources: [CacheSource] = []
    /// The Dockerfile and its context: only to find what a step was built as before.
    var project = ""
    /// Who asks; see `at`.
    private(set) var step: CacheStep?

    init(metadata: MetadataStore, content: ContentStore, project: String = "") {
        self.metadata = metadata
        self.content = content
        self.project = project
    }

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

    /// The cache as a step of the build uses it.
    func at(_ vertex: Vertex) -> BuildCache {
        var copy = self
        copy.step = CacheStep(vertex)
        return copy
    }

    /// What was made from the same before; it stays in the store as long as the build needs it.
    func layer(for key: Key) throws -> BuiltLayer? {
        if let layer = try recorded(key.digest) {
            note(layer, key, .store)
            return layer
        }
        for source in sources {
            if let layer = try source.layer(for: key.digest, into: self) {
                try record(layer, for: key)
                note(layer, key, .imported(source.name))
                return layer
            }
        }
        if let step { trace.miss(step, key, in: self) }
        return nil
    }

    private func recorded(_ key: Digest) throws -> BuiltLayer? {
        guard let result = try metadata.cache.result(of: key.description),
            let layer = try? JSON.decode(BuiltLayer.self, from: result)  // what can't be read is made again
        else { return nil }
        return try metadata.transaction {
            guard try content.hold(layer.blob.digest) else { return nil }
            // The tree goes by the diff ID.
            if layer.diffID != layer.blob.digest { _ = try content.hold(layer.diffID) }
            try metadata.cache.touch(key.description)
            return layer
        }
    }

    /// Keeps what a step made for later builds.
    func remember(_ layer: BuiltLayer, for key: Key) throws {
        try record(layer, for: key)
        note(layer, key, .built)
    }

    private func note(_ layer: BuiltLayer, _ key: Key, _ origin: CacheUse.Origin) {
        if let step { trace.add(CacheUse(step: step, key: key.digest, layer: layer, origin: origin)) }
    }

    private func record(_ layer: BuiltLayer, for key: Key) throws {
        let now = Timestamp.now.epochNanoseconds
        let record = CacheRow(
            key: key.digest.description,
            result: try JSON.encode(layer),
            parts: key.parts.map { CacheRow.Part(name: $0.name, value: $0.text) },
            step: step?.row(project: project, key: key),
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

/// The step of a Dockerfile that uses the cache.
struct CacheStep: Sendable, Hashable {
    var vertex: VertexID
    var title: String
    var line: Int?
    var kind: String
    /// The instruction.
    var description: String
    /// The stage and the number in it: `build 2`.
    var place: String
    var ignoresCache: Bool

    init(_ vertex: Vertex) {
        self.vertex = vertex.id
        title = vertex.title
        line = vertex.range?.start.line
        kind = vertex.operation.keyParts.first?.text ?? ""
        ignoresCache = vertex.ignoresCache
        (place, description) = Self.split(vertex.title)
    }

    /// `[build 2/5] RUN make` into `build 2` and `RUN make`.
    private static func split(_ title: String) -> (place: String, description: String) {
        guard title.first == "[", let end = title.firstIndex(of: "]") else { return ("", title) }
        let inside = title[title.index(after: title.startIndex)..<end].prefix { $0 != "/" }
        let place = inside.split(separator: " ").joined(separator: " ")
        return (place, String(title[title.index(after: end)...].drop { $0 == " " }))
    }

    func row(project: String, key: BuildCache.Key) -> CacheRow.Step {
        let below = key.parts.first { $0.name == "below" }.map { Digest.of($0.value).description } ?? ""
        return CacheRow.Step(kind: kind, description: description, project: project, place: place, below: below)
    }
}

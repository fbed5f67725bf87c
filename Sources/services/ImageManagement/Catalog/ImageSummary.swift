package import OCISpec

/// A row or more of `images`: an image and its tags.
package struct ImageSummary: Sendable, Hashable {
    package var id: Digest
    /// Sorted; empty for a dangling image.
    package var names: [ImageReference]
    /// When it says it was made; nil if it doesn't say.
    package var created: Timestamp?
    /// The sum of the contents of its layers.
    package var size: Int64
    /// Where registries have it.
    package var origins: [ImageOrigin]

    package init(
        id: Digest,
        names: [ImageReference],
        created: Timestamp?,
        size: Int64,
        origins: [ImageOrigin] = []
    ) {
        self.id = id
        self.names = names
        self.created = created
        self.size = size
        self.origins = origins
    }

    /// Whether nothing points at it: no tag, and no registry has it as far as is known.
    package var isDangling: Bool { names.isEmpty && origins.isEmpty }

    /// Where the registry of a name has it.
    package func origin(of repository: String) -> ImageOrigin? {
        origins.filter { $0.digestName.hasPrefix("\(repository)@") }.max { $0.recordedAt < $1.recordedAt }
    }

    /// Repository and tag for each row of Docker's table; `<none>` for what is missing. A repository that has the image by its
    /// digest alone has a row too.
    package var rows: [(repository: String, tag: String)] {
        let named = names.map { (repository: $0.familiarName, tag: $0.tag ?? "<none>") }
        let others = Set(origins.map { String($0.digestName.prefix { $0 != "@" }) }).subtracting(named.map(\.repository))
        let rows = named + others.sorted().map { (repository: $0, tag: "<none>") }
        return rows.isEmpty ? [("<none>", "<none>")] : rows
    }
}

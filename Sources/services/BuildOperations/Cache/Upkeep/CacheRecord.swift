package import OCISpec

/// Something that builds left behind to be quicker the next time, as `builder du` and `builder prune` see it.
package struct CacheRecord: Sendable, Hashable {
    /// What it is, in BuildKit's words.
    package enum Kind: String, Sendable, CaseIterable {
        /// A step's layer.
        case regular
        /// A directory that RUN steps share.
        case cacheMount = "exec.cachemount"
        /// A file from the web.
        case http = "source.http"
        /// A tree of a git repository.
        case git = "source.git.checkout"
        /// What only makes the next fetch smaller: the repositories that trees were taken from.
        case repositories = "internal"
    }

    package var id: String
    package var kind: Kind
    /// What made it: the instruction, the mount's name, the address.
    package var description: String
    /// In nanoseconds since 1970, as the next.
    package var createdAt: Int64
    package var usedAt: Int64
    /// How often it was used since it was made; nil where nobody counts.
    package var uses: Int64?
    /// In bytes on disk. Records of the same content have the same `storage` and share it.
    package var size: Int64
    package var storage: Digest?
    /// An image or a container needs the content too, so removing the record frees nothing.
    package var isShared = false
    /// A build under way has it.
    package var isInUse = false

    package init(
        id: String,
        kind: Kind,
        description: String,
        createdAt: Int64,
        usedAt: Int64,
        uses: Int64? = nil,
        size: Int64,
        storage: Digest? = nil
    ) {
        self.id = id
        self.kind = kind
        self.description = description
        self.createdAt = createdAt
        self.usedAt = usedAt
        self.uses = uses
        self.size = size
        self.storage = storage
    }

    /// Whether removing it frees space now.
    package var isReclaimable: Bool { !isShared && !isInUse }
    /// Whether builds change it.
    package var isMutable: Bool { kind == .cacheMount || kind == .repositories }
}

/// What many records take together; content that several have is counted once.
package struct CacheUsage: Sendable, Hashable {
    package private(set) var total: Int64 = 0
    package private(set) var shared: Int64 = 0
    package private(set) var reclaimable: Int64 = 0
    package private(set) var count = 0
    package private(set) var inUse = 0

    package init(_ records: [CacheRecord]) {
        var seen: Set<Digest> = []
        for record in records {
            count += 1
            if record.isInUse { inUse += 1 }
            if let storage = record.storage, !seen.insert(storage).inserted { continue }
            total += record.size
            if record.isShared { shared += record.size }
            if record.isReclaimable { reclaimable += record.size }
        }
    }

    /// What only the cache needs.
    package var owned: Int64 { total - shared }
}

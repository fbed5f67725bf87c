package import OCISpec

/// What makes a cache of RUN the one that is meant: its id, and what a new one would be made of.
package struct CacheMountKey: Sendable, Hashable, Comparable {
    /// As the Dockerfile has it, or the mount's target.
    package var id: String
    /// The content that a new one starts with; nil for none.
    package var start: Digest?
    /// How a new one's directory is made; nil for what is usual.
    package var mode: UInt32?
    package var uid: UInt32?
    package var gid: UInt32?

    package init(id: String, start: Digest? = nil, mode: UInt32? = nil, uid: UInt32? = nil, gid: UInt32? = nil) {
        self.id = id
        self.start = start
        self.mode = mode
        self.uid = uid
        self.gid = gid
    }

    /// A folder's name: an id may hold anything.
    var folderName: String { Digest.of(Array(text.utf8)).hex }

    private var text: String {
        let rest = [start?.description, mode.map { "mode \($0)" }, uid.map { "uid \($0)" }, gid.map { "gid \($0)" }]
        return ([id] + rest.compactMap { $0 }).joined(separator: "\n")
    }

    package static func < (left: CacheMountKey, right: CacheMountKey) -> Bool { left.text < right.text }
}

/// What happens when two programs want one cache.
package enum CacheMountSharing: Sendable, Hashable {
    /// Both have it.
    case shared
    /// The second one gets another.
    case `private`
    /// The second one waits.
    case locked
}

/// One directory that RUN keeps between builds, as it is listed.
package struct CacheMountRecord: Sendable, Hashable {
    /// Names it in the store: `<hex>/<number>`.
    package var name: String
    package var id: String
    /// Allocated bytes.
    package var size: Int64
    /// In nanoseconds since 1970.
    package var createdAt: Int64
    package var usedAt: Int64
    package var isInUse: Bool
}

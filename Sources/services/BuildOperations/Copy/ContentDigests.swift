import LinuxSystem
import MetadataStorage
import OCISpec

/// What files hold: what is known of them without reading them, and what was found out by reading them.
///
/// It is remembered for a file's device, inode, size and two times. A file that was changed just before it was read might
/// change again without any of these showing it (git calls such an entry racily clean), so the store doesn't keep it.
final class ContentDigests {
    private let metadata: MetadataStore
    private var learnt: [(key: StatKey, content: StatContent)] = []
    private let began = Timestamp.now.epochNanoseconds

    init(_ metadata: MetadataStore) { self.metadata = metadata }

    /// What files that look like this hold, as far as it is known, in their order.
    func contents(of files: [FileStatus]) throws -> [FileContent?] {
        if files.isEmpty { return [] }
        return try metadata.statCache.contents(of: files.map { StatKey($0) }).map { $0.flatMap { FileContent($0) } }
    }

    /// Keeps what reading a file gave.
    func learn(_ content: FileContent, for status: FileStatus) { learnt.append((StatKey(status), content.kept)) }

    /// Writes what was learnt to the store, for the next build.
    func save() throws {
        if learnt.isEmpty { return }
        try metadata.transaction { try metadata.statCache.put(learnt, readAt: began) }
        learnt = []
    }
}

extension StatKey {
    init(_ status: FileStatus) {
        self.init(
            device: status.device,
            inode: status.inode,
            size: status.size,
            modifiedAt: Timestamp(status.modified).epochNanoseconds,
            changedAt: Timestamp(status.changed).epochNanoseconds
        )
    }
}

extension Timestamp {
    init(_ time: FileTime) { self.init(epochSeconds: time.seconds, nanoseconds: time.nanoseconds) }
}

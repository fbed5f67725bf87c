import LinuxSystem
import MetadataStorage
import OCISpec

/// The digests of files' contents: what is known without reading them, and what was found out by reading them.
///
/// A digest is remembered for a file's device, inode, size and two times. One that was changed just before it was read might
/// change again without any of these showing it (git calls such an entry racily clean), so the store doesn't keep it.
final class ContentDigests {
    private let metadata: MetadataStore
    private var found: [StatKey: Digest] = [:]
    private var new: [(key: StatKey, digest: Digest)] = []
    private let began = Timestamp.now.epochNanoseconds

    init(_ metadata: MetadataStore) { self.metadata = metadata }

    /// The digest of a file that looks like `status`, if it is known.
    func digest(for status: FileStatus) throws -> Digest? {
        let key = StatKey(status)
        if let known = found[key] { return known }
        let row = try metadata.statCache.digest(of: key)
        if let row { found[key] = row }
        return row
    }

    /// Keeps what reading a file gave.
    func learn(_ digest: Digest, for status: FileStatus) {
        let key = StatKey(status)
        found[key] = digest
        new.append((key, digest))
    }

    /// Writes what was learnt to the store, for the next build.
    func save() throws {
        if new.isEmpty { return }
        try metadata.transaction { try metadata.statCache.put(new, readAt: began) }
        new = []
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

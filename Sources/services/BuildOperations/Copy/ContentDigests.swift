import LinuxSystem
import MetadataStorage
import OCISpec

/// The digests of files' contents: what is known without reading them, and what was found out by reading them.
///
/// A digest is remembered for a file's device, inode, size and two times. One that was changed within the last seconds
/// might change again without any of these showing it (git calls such an entry racily clean), so it isn't remembered.
final class ContentDigests {
    private let metadata: MetadataStore
    private var found: [FileStatus.Identity: Digest] = [:]
    private var new: [(FileStatus, Digest)] = []

    /// How long a file must have been left alone, in seconds: coarser than any file system's clock.
    private static let settlingTime: Int64 = 2

    init(_ metadata: MetadataStore) { self.metadata = metadata }

    /// The digest of a file that looks like `status`, if it is known.
    func digest(for status: FileStatus) throws -> Digest? {
        if let known = found[status.identity] { return known }
        let row = try metadata.statCache.digest(for: StatKey(status))
        if let row { found[status.identity] = row }
        return row
    }

    /// Keeps what reading a file gave.
    func learn(_ digest: Digest, for status: FileStatus) {
        found[status.identity] = digest
        new.append((status, digest))
    }

    /// Writes what was learnt to the store, for the next build.
    func save() throws {
        let newest = FileTime.now.seconds - Self.settlingTime
        let settled = new.filter { $0.0.changed.seconds < newest && $0.0.modified.seconds < newest }
        try metadata.statCache.put(settled.map { (StatKey($0.0), $0.1) })
        new = []
    }
}

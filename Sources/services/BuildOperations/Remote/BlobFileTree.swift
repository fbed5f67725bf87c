import ContentStorage
import LinuxSystem
import OCISpec
import Reporting

/// One file of the store as a tree to copy from: a download, mode 0600, root's.
final class BlobFileTree: SourceTree {
    let name: String
    let belongsToRoot = true
    let isDownloaded = true
    let file: PathBytes
    private let blob: Digest
    private let content: ContentStore
    /// The same file whatever happens to its name: who stores the same content meanwhile may put another in its place.
    private let opened: OwnedDescriptor
    /// What stands at the top, and what the file is.
    private let top: FileStatus
    private let fileStatus: FileStatus
    private static let fileMode: UInt32 = 0o100_600
    private static let directoryMode: UInt32 = 0o040_755
    /// Whether the blob has been compared with its digest.
    private let isVerified: Guarded<Bool>

    /// - Parameters:
    ///   - isFresh: whether the blob was digested just now.
    ///   - name: what messages call the tree.
    init(_ fetched: FetchedFile, as file: String, in content: ContentStore, isFresh: Bool, name: String) throws {
        self.name = name
        self.file = PathBytes(file)
        self.content = content
        blob = fetched.blob
        isVerified = Guarded(isFresh)
        opened = try content.descriptor(of: fetched.blob)
        var status = try FileStatus(of: opened.raw)
        (status.uid, status.gid, status.linkCount) = (0, 0, 1)
        status.modified = FileTime(seconds: fetched.modifiedAt)
        status.mode = Self.fileMode
        fileStatus = status
        status.mode = Self.directoryMode
        top = status
    }

    func status(_ path: PathBytes) throws -> FileStatus? {
        if path.bytes.isEmpty { return top }
        return path == file ? fileStatus : nil
    }

    func resolve(_ path: PathBytes) throws -> PathBytes? { try status(path) == nil ? nil : path }

    func names(in directory: PathBytes) throws -> [PathBytes] { directory.bytes.isEmpty ? [file] : [] }

    func readLink(_ path: PathBytes) throws -> PathBytes { throw absent(path) }

    /// The bytes have the tree's digest: what the store had before is compared with it when it is needed first.
    func open(_ path: PathBytes) throws -> OwnedDescriptor {
        guard path == file else { throw absent(path) }
        if !isVerified.update({ $0 }) {
            try content.verify(blob)
            isVerified.update { $0 = true }
        }
        return try opened.reopenedForReading()
    }

    func attributes(_ path: PathBytes) throws -> [ExtendedAttribute] { [] }
    func reasonForAbsence(of path: PathBytes) -> String? { nil }

    private func absent(_ path: PathBytes) -> PlainFailure {
        PlainFailure(.notFound, "\"\(path)\" not found in \(name)")
    }
}

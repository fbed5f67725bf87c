private import Glibc
import LinuxSystem
package import SystemPackage

/// The journal of a store: `events/journal`, and the one before it. Each event is one write, so lines of several processes
/// never mix.
package struct EventJournal: Sendable, Hashable, Codable {
    static let current: PathBytes = "journal"
    static let former: PathBytes = "journal.old"
    /// A journal of that size is followed by a new one.
    private static let sizeLimit: Int64 = 4 << 20

    private let path: String

    package init(folder: FilePath) { path = folder.string }

    var folder: FilePath { FilePath(path) }

    /// Writes an event down. What can't be written (a full disk, somebody else's store) is lost: no verb fails for that.
    package func append(_ event: EventRecord) { try? add(event.line) }

    private func add(_ line: [UInt8]) throws(SystemError) {
        let directory = try open()
        let file = try directory.open(Self.current, flags: O_WRONLY | O_APPEND | O_CREAT, mode: 0o600)
        _ = line.withUnsafeBytes { write(file.raw, $0.baseAddress, $0.count) }
        if try FileStatus(of: file.raw).size > Self.sizeLimit { try turn(directory) }
    }

    func open() throws(SystemError) -> Directory { try Directory.open(folder, create: true, mode: 0o700) }

    /// Begins a new journal, once for all who find that the old one is full.
    private func turn(_ directory: borrowing Directory) throws(SystemError) {
        guard let lock = try directory.attemptLock("lock", .exclusive) else { return }
        if let status = try directory.status(Self.current), status.size > Self.sizeLimit {
            try directory.rename(Self.current, to: Self.former)
        }
        _ = consume lock
    }
}

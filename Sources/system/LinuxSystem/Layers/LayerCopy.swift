private import Glibc
package import SystemPackage

/// A copy of layers that is one container's root, for machines that can't lay them over each other: Docker's `vfs`.
///
/// It lies in the work directory that overlayfs would have, beside a record of when it was made and of which directories:
/// what was changed since is everything that the file system says was changed at another time.
package struct LayerCopy {
    let lowers: [FilePath]
    let upper: FilePath
    let work: FilePath

    package init(lowers: [FilePath], upper: FilePath, work: FilePath) {
        self.lowers = lowers
        self.upper = upper
        self.work = work
    }

    static let name: PathBytes = "root"
    static let recordName: PathBytes = "baseline"

    /// Where the copy is.
    var root: FilePath { work.appending(Self.name.description) }

    /// The copy in a work directory; nil where there is none yet.
    package static func existing(in work: FilePath) throws(SystemError) -> FilePath? {
        guard let place = try Directory.openIfPresent(work), try place.status(name) != nil else { return nil }
        return work.appending(name.description)
    }

    /// Makes the copy, unless it is there: its path.
    func make() throws(SystemError) -> FilePath {
        let place = try Directory.open(work)
        let lock = try place.lock("lock", .exclusive)
        if try place.status(Self.name) == nil { try write(in: place) }
        withExtendedLifetime(lock) {}
        return root
    }

    private func write(in place: borrowing Directory) throws(SystemError) {
        let new: PathBytes = "new"
        try place.removeTree(new)
        try place.makeDirectory(new, mode: 0o700)
        let begin = try place.directory(new).status().changed
        var writer = LayerCopyWriter(into: try place.directory(new))
        // What `/` shows of itself is the upper directory's.
        let directories = try writer.write(try LayeredTree(lowers: [upper] + lowers))
        let end = try place.directory(new).status().changed
        try place.removeTree("record")
        let record = try place.create("record", mode: 0o600)
        let bytes = LayerCopyRecord(begin: begin, end: end, directories: directories).encoded
        try DescriptorIO.write(record.raw, bytes.span)
        // What is changed from now on has another time.
        while try FileStatus(of: record.raw).changed <= end {
            usleep(500)
            try FileAttributes.chmod(record.raw, 0o600)
        }
        try place.rename("record", to: Self.recordName)
        try place.rename(new, to: Self.name)
    }

    /// How changed files come into the directory that shows the changes.
    enum Taking {
        /// They are there from then on, and the copy is worth nothing.
        case moving
        /// They are in both.
        case linking
    }

    /// Puts what was changed into a directory as overlayfs would have it; nothing where there is no copy.
    func collect(into target: consuming Directory, _ taking: Taking) throws(SystemError) {
        guard try Self.existing(in: work) != nil else { return }
        let place = try Directory.open(work)
        let record = try LayerCopyRecord(try place.readFile(Self.recordName, limit: 1 << 28) ?? [])
        var changes = LayerCopyChanges(
            of: try place.directory(Self.name),
            since: record,
            over: try LayeredTree(lowers: lowers),
            into: target,
            taking
        )
        try changes.collect()
    }
}

/// When a copy was made, and which directories it had.
struct LayerCopyRecord {
    /// The first and the last moment in which it was written.
    var begin: FileTime
    var end: FileTime
    /// The inodes of its directories.
    var directories: [PathBytes: UInt64]

    init(begin: FileTime, end: FileTime, directories: [PathBytes: UInt64]) {
        self.begin = begin
        self.end = end
        self.directories = directories
    }

    /// Whether somebody changed it, or its name.
    func isChanged(_ status: FileStatus) -> Bool { status.changed < begin || status.changed > end }

    /// Whether a directory is the one that was copied to this path, with what was done to it since.
    ///
    /// The number of one that is gone is given to the next: that one is younger. Where the file system doesn't know when a
    /// directory was made, one that was changed counts as another.
    func hasKept(_ path: PathBytes, _ status: FileStatus, madeAt birth: FileTime?) -> Bool {
        guard directories[path] == status.inode else { return false }
        return birth.map { $0 >= begin && $0 <= end } ?? !isChanged(status)
    }

    private static func text(_ time: FileTime) -> String { "\(time.seconds) \(time.nanoseconds)" }

    var encoded: [UInt8] {
        var bytes = Array("\(Self.text(begin)) \(Self.text(end))\0".utf8)
        for (path, inode) in directories { bytes += Array("\(inode) ".utf8) + path.bytes + [0] }
        return bytes
    }

    init(_ bytes: [UInt8]) throws(SystemError) {
        let parts = bytes.split(separator: 0)
        let times = parts.first?.split(separator: UInt8(ascii: " ")).compactMap { Int64(String(decoding: $0, as: UTF8.self)) }
        guard let times, times.count == 4 else { throw SystemError("read", LayerCopy.recordName.description, .ioError) }
        begin = FileTime(seconds: times[0], nanoseconds: Int32(truncatingIfNeeded: times[1]))
        end = FileTime(seconds: times[2], nanoseconds: Int32(truncatingIfNeeded: times[3]))
        directories = [:]
        for part in parts.dropFirst() {
            guard let cut = part.firstIndex(of: UInt8(ascii: " ")),
                let inode = UInt64(String(decoding: part[..<cut], as: UTF8.self))
            else { throw SystemError("read", LayerCopy.recordName.description, .ioError) }
            directories[PathBytes(Array(part[(cut + 1)...]))] = inode
        }
    }
}

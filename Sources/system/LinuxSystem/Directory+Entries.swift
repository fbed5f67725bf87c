private import CLinuxShims
private import Glibc
private import SystemPackage

/// One name in a directory.
package struct DirectoryEntry: Hashable, Sendable {
    package var name: PathBytes
    package var inode: UInt64
    /// Nil where the file system doesn't say without a look at the file.
    package var kind: FileStatus.Kind?
}

extension Directory {
    /// What the directory holds, without `.` and `..`, in the file system's order.
    package func entries() throws(SystemError) -> [DirectoryEntry] {
        let handle = try reopened()
        var found: [DirectoryEntry] = []
        var buffer = [UInt8](repeating: 0, count: 32_768)
        while true {
            let count = try check("getdents64") {
                buffer.withUnsafeMutableBytes { linux_getdents64(handle.descriptor.raw, $0.baseAddress, $0.count) }
            }
            if count == 0 { return found }
            buffer.withUnsafeBytes { Self.decode(UnsafeRawBufferPointer(rebasing: $0[..<count]), into: &found) }
        }
    }

    /// The names in the directory, in the file system's order.
    package func names() throws(SystemError) -> [[UInt8]] { try entries().map(\.name.bytes) }

    /// What stands under every name of the directory, sorted by name; names that go meanwhile are left out.
    package func statuses() throws(SystemError) -> [(name: PathBytes, status: FileStatus)] {
        let entries = try entries().sorted { $0.name < $1.name }
        var found: [(name: PathBytes, status: FileStatus)] = []
        found.reserveCapacity(entries.count)
        for entry in entries {
            if let status = try status(entry.name) { found.append((entry.name, status)) }
        }
        return found
    }

    /// Records of struct linux_dirent64: inode 8, offset 8, length 2, type 1, name and zero.
    private static func decode(_ records: UnsafeRawBufferPointer, into found: inout [DirectoryEntry]) {
        var start = 0
        while start + 19 <= records.count {
            let length = Int(records.loadUnaligned(fromByteOffset: start + 16, as: UInt16.self))
            guard length >= 19, start + length <= records.count else { return }
            let field = records[(start + 19)..<(start + length)]
            let name = Array(field.prefix { $0 != 0 })
            if name != [UInt8(ascii: ".")], name != [UInt8(ascii: "."), UInt8(ascii: ".")] {
                let inode = records.loadUnaligned(fromByteOffset: start, as: UInt64.self)
                found.append(DirectoryEntry(name: PathBytes(name), inode: inode, kind: kind(records[start + 18])))
            }
            start += length
        }
    }

    private static func kind(_ type: UInt8) -> FileStatus.Kind? {
        // DT_UNKNOWN is 0; the others are the type bits of a mode, shifted.
        type == 0 ? nil : FileStatus.kind(ofMode: UInt32(type) << 12)
    }

    /// What stands under a name; nil where nothing does.
    package func status(_ name: PathBytes) throws(SystemError) -> FileStatus? {
        do {
            return try withLast("fstatat", name) { (directory, text) throws(SystemError) in
                var status = stat()
                try check("fstatat", name.description) { fstatat(directory, text, &status, AT_SYMLINK_NOFOLLOW) }
                return FileStatus(status)
            }
        } catch {
            if error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory { return nil }
            throw error
        }
    }

    /// When what stands under a name was made; nil where the file system doesn't know.
    func birth(of name: PathBytes) throws(SystemError) -> FileTime? {
        try withLast("statx", name) { (directory, text) throws(SystemError) in
            var (seconds, nanoseconds) = (Int64(0), UInt32(0))
            let isKnown = try check("statx", name.description) {
                linux_birth_time(directory, text, &seconds, &nanoseconds)
            }
            return isKnown == 0 ? nil : FileTime(seconds: seconds, nanoseconds: Int32(nanoseconds))
        }
    }

    /// A regular file's bytes; nil where nothing stands there.
    ///
    /// What is larger than `limit` is refused (`EFBIG`), as is what isn't a regular file (`EINVAL`, `ELOOP` for a link).
    package func readFile(_ name: PathBytes, limit: Int) throws(SystemError) -> [UInt8]? {
        let file: OwnedDescriptor
        do { file = try open(name, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY) } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw error
        }
        guard try FileStatus(of: file.raw).kind == .file else {
            throw SystemError("open", name.description, .invalidArgument)
        }
        return try DescriptorIO.readAll(file.raw, limit: limit)
    }

    /// What this directory itself is.
    package func status() throws(SystemError) -> FileStatus { try FileStatus(of: descriptor.raw) }

    /// Where a symbolic link points to.
    package func readLink(_ name: PathBytes) throws(SystemError) -> [UInt8] {
        try withLast("readlinkat", name) { (directory, text) throws(SystemError) in
            var buffer = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = try check("readlinkat", name.description) {
                    buffer.withUnsafeMutableBytes { room in
                        guard let start = room.baseAddress else { return 0 }
                        return readlinkat(directory, text, start.assumingMemoryBound(to: CChar.self), room.count)
                    }
                }
                if count < buffer.count { return Array(buffer[..<count]) }
                buffer = [UInt8](repeating: 0, count: buffer.count * 2)
            }
        }
    }
}

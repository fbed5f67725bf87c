private import CLinuxShims
private import Glibc
package import SystemPackage

/// Paths of the host that a user names, opened as they stand: links are followed, since they are the user's own.
package enum HostPath {
    /// Opens a file for reading; a FIFO waits for its writer, as it does for other programs.
    package static func openForReading(_ path: FilePath) throws(SystemError) -> OwnedDescriptor {
        let raw = try check("open", path.string) {
            path.withPlatformString { Glibc.open($0, O_RDONLY | O_CLOEXEC | O_NOCTTY) }
        }
        let file = OwnedDescriptor(adopting: raw)
        if try FileStatus(of: file.raw).kind == .directory { throw SystemError("open", path.string, .isDirectory) }
        return file
    }
}

extension HostPath {
    /// Opens a file that is there for writing, from its beginning.
    package static func openForWriting(_ path: FilePath) throws(SystemError) -> OwnedDescriptor {
        OwnedDescriptor(
            adopting: try check("open", path.string) {
                path.withPlatformString { Glibc.open($0, O_WRONLY | O_CLOEXEC | O_NOCTTY) }
            }
        )
    }

    /// A reference to what a path leads to, without opening it.
    package static func reference(_ path: FilePath) throws(SystemError) -> OwnedDescriptor {
        OwnedDescriptor(
            adopting: try check("stat", path.string) {
                path.withPlatformString { Glibc.open($0, LINUX_O_PATH | O_CLOEXEC) }
            }
        )
    }
}

extension HostPath {
    /// What a path leads to.
    package static func status(_ path: FilePath) throws(SystemError) -> FileStatus {
        let reference = try reference(path)
        return try FileStatus(of: reference.raw)
    }
}

extension HostPath {
    /// The path behind a symbolic link at its end, and behind the link that that one leads to; itself where there is none.
    package static func followingLinks(_ path: FilePath) -> FilePath {
        var path = path
        for _ in 0..<16 {
            var buffer = [CChar](repeating: 0, count: 4_096)
            let size = buffer.count
            let count = path.withPlatformString { readlink($0, &buffer, size) }
            guard count > 0, count < size else { return path }
            let target = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            path = path.parent.pushing(FilePath(target))
        }
        return path
    }
}

extension HostPath {
    /// A program of the host's: the first of that name in the folders that may be executed; nil where it isn't installed.
    package static func program(_ name: String, in folders: [FilePath]) -> FilePath? {
        folders.lazy.map { $0.appending(name) }.first { path in path.withPlatformString { access($0, X_OK) } == 0 }
    }
}

extension HostPath {
    /// The absolute path without links that leads to the same place; it must be there.
    package static func resolved(_ path: FilePath) throws(SystemError) -> FilePath {
        guard let found = path.withPlatformString({ realpath($0, nil) }) else {
            throw SystemError("realpath", path.string, currentErrno())
        }
        defer { free(found) }
        return FilePath(platformString: found)
    }
}

/// Addresses of the internet as text.
package enum InternetAddress {
    /// Whether it is one, of version 4 or 6.
    package static func isValid(_ text: String) -> Bool {
        var room = in6_addr()
        return inet_pton(AF_INET, text, &room) == 1 || inet_pton(AF_INET6, text, &room) == 1
    }
}

extension OwnedDescriptor {
    /// The same regular file with a reading position of its own.
    package func reopenedForReading() throws(SystemError) -> OwnedDescriptor {
        let path = "/proc/self/fd/\(raw)"
        let copy = try check("open", path) { Glibc.open(path, O_RDONLY | O_CLOEXEC) }
        return OwnedDescriptor(adopting: copy)
    }
}

/// Where relative paths start.
package enum CurrentDirectory {
    /// Goes there, with the whole process.
    package static func change(to path: FilePath) throws(SystemError) {
        try check("chdir", path.string) { path.withPlatformString { chdir($0) } }
    }

    package static func path() throws(SystemError) -> String {
        var room = [CChar](repeating: 0, count: Int(PATH_MAX))
        try check("getcwd") { room.withUnsafeMutableBufferPointer { getcwd($0.baseAddress, $0.count) == nil ? -1 : 0 } }
        return String(decoding: room.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Who runs this process.
package enum CurrentUser {
    package static var id: UInt32 { getuid() }
}

/// Variables of this process's environment.
package enum ProcessEnvironment {
    package static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

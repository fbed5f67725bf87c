private import CLinuxShims
private import Glibc
private import SystemPackage

/// Extended attributes of open files.
///
/// Links, devices and `O_PATH` references work too: they are reached through /proc.
package enum ExtendedAttributes {
    /// The names of all attributes, as the kernel orders them; none where the file system has no attributes.
    package static func names(of descriptor: CInt) throws(SystemError) -> [PathBytes] {
        try list("/proc/self/fd/\(descriptor)", subject: nil, follows: true)
    }

    /// An attribute's value; nil where there is none of that name.
    package static func value(_ attribute: PathBytes, of descriptor: CInt) throws(SystemError) -> [UInt8]? {
        try read(attribute, "/proc/self/fd/\(descriptor)", subject: nil, follows: true)
    }

    /// Sets an attribute, made new or replaced.
    package static func set(_ attribute: PathBytes, to value: [UInt8], of descriptor: CInt) throws(SystemError) {
        try write(attribute, value, "/proc/self/fd/\(descriptor)", subject: nil, follows: true)
    }

    /// Removes an attribute; nothing happens where there is none of that name.
    package static func remove(_ attribute: PathBytes, of descriptor: CInt) throws(SystemError) {
        try delete(attribute, "/proc/self/fd/\(descriptor)", subject: nil, follows: true)
    }

    /// Whether a file open for reading has attributes at all: a look that costs little, since most have none.
    package static func areThere(on descriptor: CInt) throws(SystemError) -> Bool {
        do throws(SystemError) { return try check("flistxattr") { linux_flistxattr(descriptor, nil, 0) } > 0 } catch
            where error.errno == .notSupported
        { return false }
    }

    // MARK: - By path

    fileprivate static func list(
        _ path: PathBytes,
        subject: PathBytes?,
        follows: Bool
    ) throws(SystemError) -> [PathBytes] {
        do {
            let all = try path.withCString("listxattr") { (text) throws(SystemError) in
                try grow("listxattr", subject?.description) { room in
                    linux_listxattr(text, room.baseAddress, room.count, follows ? 1 : 0)
                }
            }
            return all.split(separator: 0).map { PathBytes($0) }
        } catch  where error.errno == .notSupported { return [] }
    }

    fileprivate static func read(
        _ attribute: PathBytes,
        _ path: PathBytes,
        subject: PathBytes?,
        follows: Bool
    ) throws(SystemError) -> [UInt8]? {
        do {
            return try path.withCString("getxattr") { (text) throws(SystemError) in
                try attribute.withCString("getxattr") { (name) throws(SystemError) in
                    try grow("getxattr", label(subject, attribute)) { room in
                        linux_getxattr(text, name, room.baseAddress, room.count, follows ? 1 : 0)
                    }
                }
            }
        } catch  where error.errno == .noData || error.errno == .notSupported { return nil }
    }

    fileprivate static func write(
        _ attribute: PathBytes,
        _ value: [UInt8],
        _ path: PathBytes,
        subject: PathBytes?,
        follows: Bool
    ) throws(SystemError) {
        try path.withCString("setxattr") { (text) throws(SystemError) in
            try attribute.withCString("setxattr") { (name) throws(SystemError) in
                _ = try check("setxattr", label(subject, attribute)) {
                    value.withUnsafeBytes { linux_setxattr(text, name, $0.baseAddress, $0.count, follows ? 1 : 0) }
                }
            }
        }
    }

    fileprivate static func delete(
        _ attribute: PathBytes,
        _ path: PathBytes,
        subject: PathBytes?,
        follows: Bool
    ) throws(SystemError) {
        do {
            try path.withCString("removexattr") { (text) throws(SystemError) in
                try attribute.withCString("removexattr") { (name) throws(SystemError) in
                    _ = try check("removexattr", label(subject, attribute)) {
                        linux_removexattr(text, name, follows ? 1 : 0)
                    }
                }
            }
        } catch  where error.errno == .noData || error.errno == .notSupported {}
    }

    private static func label(_ subject: PathBytes?, _ attribute: PathBytes) -> String {
        subject.map { "\($0), \(attribute)" } ?? attribute.description
    }

    /// Reads into a buffer, a larger one where the value doesn't fit: it may have grown since it was last asked for.
    private static func grow(
        _ call: String,
        _ subject: String?,
        _ body: (UnsafeMutableRawBufferPointer) -> Int
    ) throws(SystemError) -> [UInt8] {
        var size = 256
        while true {
            var buffer = [UInt8](repeating: 0, count: size)
            do throws(SystemError) {
                let count = try check(call, subject) { buffer.withUnsafeMutableBytes { body($0) } }
                return Array(buffer[..<count])
            } catch {
                // 64 KiB is the kernel's own limit for a value and for the list of names.
                guard error.errno == .outOfRange, size < 65_536 else { throw error }
                size *= 16
            }
        }
    }
}

extension Directory {
    /// The names of all attributes of what stands under a name.
    package func attributeNames(of name: PathBytes) throws(SystemError) -> [PathBytes] {
        try withLastPath("listxattr", name) { (path) throws(SystemError) in
            try ExtendedAttributes.list(path, subject: name, follows: false)
        }
    }

    /// An attribute's value; nil where there is none of that name.
    package func attribute(_ attribute: PathBytes, of name: PathBytes) throws(SystemError) -> [UInt8]? {
        try withLastPath("getxattr", name) { (path) throws(SystemError) in
            try ExtendedAttributes.read(attribute, path, subject: name, follows: false)
        }
    }

    /// Sets an attribute, of a symbolic link itself too.
    package func setAttribute(_ attribute: PathBytes, of name: PathBytes, to value: [UInt8]) throws(SystemError) {
        try withLastPath("setxattr", name) { (path) throws(SystemError) in
            try ExtendedAttributes.write(attribute, value, path, subject: name, follows: false)
        }
    }

    /// Removes an attribute; nothing happens where there is none of that name.
    package func removeAttribute(_ attribute: PathBytes, of name: PathBytes) throws(SystemError) {
        try withLastPath("removexattr", name) { (path) throws(SystemError) in
            try ExtendedAttributes.delete(attribute, path, subject: name, follows: false)
        }
    }

    /// /proc's link to the parent leads to that very directory, and one name behind it can't lead away again.
    private func withLastPath<Result>(
        _ call: String,
        _ name: PathBytes,
        _ body: (PathBytes) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        try withLast(call, name) { (directory, text) throws(SystemError) in
            let last = UnsafeRawBufferPointer(start: text, count: strlen(text))
            return try body(PathBytes(Array("/proc/self/fd/\(directory)/".utf8) + Array(last)))
        }
    }
}

private import Glibc
package import LinuxSystem
package import SystemPackage

extension FileTree {
    /// One line a file, sorted by path: kind, permissions, owner, size or device, path, target.
    ///
    /// For golden cases.
    ///
    /// `times` adds modification times; hard links to one file show its first path.
    package static func listing(_ path: FilePath, times: Bool = false) throws(SystemError) -> String {
        var lines: [(path: String, line: String)] = []
        var seen: [FileStatus.Identity: String] = [:]
        try list(Directory.open(path), prefix: "", times: times, into: &lines, seen: &seen)
        return lines.map { $0.line + "\n" }.joined()
    }

    private static func list(
        _ directory: borrowing Directory,
        prefix: String,
        times: Bool,
        into lines: inout [(path: String, line: String)],
        seen: inout [FileStatus.Identity: String]
    ) throws(SystemError) {
        for name in try directory.entries().map(\.name).sorted() {
            guard let status = try directory.status(name) else { continue }
            let path = prefix + name.description
            var line = "\(letter(status.kind)) \(octal(status.permissions)) \(status.uid):\(status.gid) "
            line += status.kind == .directory ? "-" : detail(status)
            if times { line += " \(status.modified.seconds).\(padded(status.modified.nanoseconds))" }
            line += " " + path
            if status.kind == .symbolicLink { line += " -> \(PathBytes(try directory.readLink(name)))" }
            if status.kind != .directory, status.linkCount > 1 {
                if let first = seen[status.identity] { line += " = \(first)" } else { seen[status.identity] = path }
            }
            for attribute in try directory.attributeNames(of: name).sorted() {
                let value = try directory.attribute(attribute, of: name) ?? []
                line += " \(attribute)=\(value.map { String($0, radix: 16) }.joined(separator: "."))"
            }
            lines.append((path, line))
            if status.kind == .directory {
                try list(directory.directory(name), prefix: path + "/", times: times, into: &lines, seen: &seen)
            }
        }
    }

    private static func letter(_ kind: FileStatus.Kind) -> String {
        switch kind {
        case .file: "-"
        case .directory: "d"
        case .symbolicLink: "l"
        case .characterDevice: "c"
        case .blockDevice: "b"
        case .fifo: "p"
        case .socket: "s"
        }
    }

    private static func detail(_ status: FileStatus) -> String {
        switch status.kind {
        case .characterDevice, .blockDevice: "\(status.rawDevice.major),\(status.rawDevice.minor)"
        default: "\(status.size)"
        }
    }

    private static func octal(_ mode: UInt32) -> String {
        let text = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - text.count)) + text
    }

    private static func padded(_ nanoseconds: Int32) -> String {
        let text = String(nanoseconds)
        return String(repeating: "0", count: max(0, 9 - text.count)) + text
    }
}

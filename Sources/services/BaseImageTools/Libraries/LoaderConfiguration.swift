import LinuxSystem

/// `/etc/ld.so.conf` and the files that it includes: where `ldconfig` looks.
struct LoaderConfiguration {
    private(set) var directories: [String] = []
    private static let sizeLimit = 1 << 16
    private static let depthLimit = 4

    init(_ root: ImageRoot) throws { try read("/etc/ld.so.conf", root, depth: 0) }

    private mutating func read(_ path: PathBytes, _ root: ImageRoot, depth: Int) throws {
        guard depth < Self.depthLimit, directories.count < 1024,
            let text = try root.contents(path, limit: Self.sizeLimit)
        else { return }
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" || $0 == ":" || $0 == "," }
            if words.first == "include" {
                for pattern in words.dropFirst() { try include(String(pattern), root, depth: depth) }
            } else {
                directories += words.map(String.init)
            }
        }
    }

    /// `/etc/ld.so.conf.d/*.conf`: a star stands for anything in the last step.
    private mutating func include(_ pattern: String, _ root: ImageRoot, depth: Int) throws {
        let path = PathBytes(pattern.hasPrefix("/") ? pattern : "/etc/\(pattern)")
        let (folder, name) = (path.parent, path.components.last?.description ?? "")
        guard let star = name.firstIndex(of: "*") else { return try read(path, root, depth: depth + 1) }
        let (before, after) = (name[..<star], name[name.index(after: star)...])
        for found in try root.names(in: folder) {
            let text = found.description
            guard text.hasPrefix(before), text.hasSuffix(after), text.count >= before.count + after.count else {
                continue
            }
            try read(folder.below(found), root, depth: depth + 1)
        }
    }
}

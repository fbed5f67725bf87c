import LinuxSystem
import OCISpec
import Reporting

/// What is visible at a path of a tree as one digest: names, kinds, modes, owners, attributes and contents. Times aren't in
/// it.
struct ContentListing {
    let tree: any SourceTree
    let digests: ContentDigests
    private var buffer = [UInt8](repeating: 0, count: SourceFile.chunkSize)

    private struct Entry {
        /// Relative to the listing's top.
        var name: PathBytes
        var path: PathBytes
        var status: FileStatus
    }

    init(_ tree: any SourceTree, digests: ContentDigests) {
        self.tree = tree
        self.digests = digests
    }

    /// The digest of the file or directory at a path without links.
    mutating func digest(of path: PathBytes) throws -> Digest {
        guard let top = try tree.status(path) else {
            throw PlainFailure(.notFound, "\"/\(path)\" not found in \(tree.name)")
        }
        let entries = try entries(below: Entry(name: "", path: path, status: top))
        let files = entries.filter { $0.status.kind == .file }.map(\.status)
        var known = try digests.contents(of: files)[...]
        var members = MemberList()
        for entry in entries {
            let content = entry.status.kind == .file ? try known.removeFirst() ?? read(entry) : nil
            let fields = try fields(of: entry, content)
            members.add(entry.name.bytes) { $0 += Array(fields.joined(separator: " ").utf8) }
        }
        return members.digest
    }

    private func entries(below top: Entry) throws -> [Entry] {
        var found: [Entry] = []
        var waiting = [top]
        while let next = waiting.popLast() {
            // Nobody can use a socket without its owner, who isn't there.
            if next.status.kind != .socket { found.append(next) }
            guard next.status.kind == .directory else { continue }
            waiting += try tree.entries(in: next.path).reversed().map { entry in
                Entry(
                    name: next.name.appending(entry.name),
                    path: next.path.appending(entry.name),
                    status: entry.status
                )
            }
        }
        return found
    }

    private func fields(of entry: Entry, _ content: FileContent?) throws -> [String] {
        let status = entry.status
        var fields = ["\(status.kind)", String(status.permissions, radix: 8)]
        if !tree.belongsToRoot { fields.append("\(status.uid):\(status.gid)") }
        let attributes = try content?.attributes ?? (status.kind == .directory ? tree.attributes(entry.path) : [])
        fields += attributes.map { "\(Digest.of($0.name.bytes + [0] + $0.value))" }
        switch status.kind {
        case .file: fields.append(content.map { Digest(sha256: $0.sha256).description } ?? "")
        case .symbolicLink: fields.append(Digest.of(try tree.readLink(entry.path).bytes).description)
        case .characterDevice, .blockDevice: fields.append("\(status.rawDevice.major):\(status.rawDevice.minor)")
        case .directory, .fifo, .socket: break
        }
        return fields
    }

    private mutating func read(_ entry: Entry) throws -> FileContent {
        let file = try SourceFile(entry.path, of: tree, planned: entry.status)
        let attributes = try file.attributes()
        let content = FileContent(
            sha256: try file.read(to: nil, hashing: true, through: &buffer),
            attributes: attributes
        )
        digests.learn(content, for: entry.status)
        return content
    }
}

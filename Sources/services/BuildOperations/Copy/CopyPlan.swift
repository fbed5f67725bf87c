import LinuxSystem
import TarFormat

/// What a file operation's layer will hold, decided before a byte of any file is read.
struct CopyPlan: Sendable {
    /// One member of the layer, or an archive whose members are.
    struct Item: Sendable {
        /// A regular file's attributes are found out when it is read.
        var entry: TarEntry
        var content: Content
        /// What reading the file gave, now or in an earlier build.
        var known: FileContent?
    }

    enum Content: Sendable {
        case none
        case inline([UInt8])
        /// A regular file at a path of a source tree, as it was when the plan was made.
        case file(any SourceTree, PathBytes, FileStatus)
        /// A tar that is unpacked below the entry's path, which is a directory.
        case archive(any SourceTree, PathBytes, FileStatus)

        /// What has to be known of before there is a key.
        var file: FileStatus? {
            switch self {
            case .none, .inline: nil
            case .file(_, _, let status), .archive(_, _, let status): status
            }
        }
    }

    private(set) var items: [Item] = []
    private var positions: [TarPath: Int] = [:]

    /// Adds a member; one of the same path that came before is replaced, as a later copy replaces an earlier one.
    mutating func add(_ entry: TarEntry, _ content: Content = .none) {
        let item = Item(entry: entry, content: content)
        if case .archive = content {
            items.append(item)
        } else if let position = positions[entry.path] {
            if items[position].isLinkable { passOn(from: position) }
            items[position] = item
        } else {
            positions[entry.path] = items.count
            items.append(item)
        }
    }

    func contains(_ path: TarPath) -> Bool { positions[path] != nil }

    /// What the layer has at a path so far; nil where it has nothing.
    func kind(at path: TarPath) -> TarEntry.Kind? { positions[path].map { items[$0].entry.kind } }

    /// Whether the layer has the bytes of this very file at a path so far.
    func holds(_ file: FileStatus.Identity, at path: TarPath) -> Bool {
        guard let position = positions[path], case .file(_, _, let status) = items[position].content else {
            return false
        }
        return status.identity == file
    }

    mutating func learn(_ content: FileContent, at index: Int) { items[index].known = content }

    /// A file that is replaced leaves its bytes to its next name, and further names become names of that one.
    private mutating func passOn(from position: Int) {
        let replaced = items[position]
        var heir: TarPath?
        for index in items.indices where items[index].entry.kind == .hardLink(replaced.entry.path) {
            if let heir {
                items[index].entry.kind = .hardLink(heir)
            } else {
                let path = items[index].entry.path
                items[index] = replaced
                items[index].entry.path = path
                heir = path
            }
        }
    }
}

extension CopyPlan.Item {
    /// Whether other members may be further names of this one.
    fileprivate var isLinkable: Bool {
        if case .file(_, _, let status) = content { status.linkCount > 1 } else { false }
    }
}

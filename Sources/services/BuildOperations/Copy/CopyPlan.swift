import LinuxSystem
import TarFormat

/// What a file operation's layer will hold, decided before a byte of any file is read.
struct CopyPlan: Sendable {
    /// One member of the layer, or an archive whose members are.
    struct Item: Sendable {
        var entry: TarEntry
        var content: Content
    }

    enum Content: Sendable {
        case none
        case inline([UInt8])
        /// A regular file at a path of a source tree, as it was when the plan was made.
        case file(any SourceTree, PathBytes, FileStatus)
        /// A tar that is unpacked below the entry's path, which is a directory.
        case archive(any SourceTree, PathBytes, FileStatus)
    }

    private(set) var items: [Item] = []
    private var positions: [TarPath: Int] = [:]

    /// Adds a member; one of the same path that came before is replaced, as a later copy replaces an earlier one.
    mutating func add(_ entry: TarEntry, _ content: Content = .none) {
        let item = Item(entry: entry, content: content)
        if case .archive = content {
            items.append(item)
        } else if let position = positions[entry.path] {
            items[position] = item
        } else {
            positions[entry.path] = items.count
            items.append(item)
        }
    }

    func contains(_ path: TarPath) -> Bool { positions[path] != nil }
}

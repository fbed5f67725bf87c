internal import SystemPackage

/// Makes of what fuse-overlayfs leaves in an upper directory what overlayfs would have left: it marks names that are gone and
/// directories that hide what is below them by names of its own too.
struct UpperTranslation {
    private static let prefix = Array(".wh.".utf8)
    private static let opaqueMark: PathBytes = ".wh..wh..opq"

    private let below: LayeredTree

    init(lowers: [FilePath]) throws(SystemError) { below = try LayeredTree(lowers: lowers) }

    func translate(_ root: borrowing Directory) throws(SystemError) {
        var waiting: [(path: PathBytes, isHidden: Bool)] = [("", false)]
        while let (path, isHidden) = waiting.popLast() {
            let directory = path.bytes.isEmpty ? try root.reopened() : try root.directory(path)
            let status = try directory.status()
            let entries = try directory.entries()
            let isOpaque = path.bytes.isEmpty ? false : try isOpaque(entries, directory)
            var isChanged = false
            for entry in entries {
                if entry.name.bytes.starts(with: Self.prefix) {
                    isChanged = true
                    try translate(entry.name, in: directory)
                } else if try directory.status(entry.name)?.kind == .directory {
                    waiting.append((path.appending(entry.name), isHidden || isOpaque))
                }
            }
            if isOpaque { try mark(directory, path, isHidden) }
            if isChanged { try directory.setTimes(".", accessed: nil, modified: status.modified) }
        }
    }

    private func isOpaque(_ entries: [DirectoryEntry], _ directory: borrowing Directory) throws(SystemError) -> Bool {
        if entries.contains(where: { $0.name == Self.opaqueMark }) { return true }
        return try LayeredTree.isOpaque(directory)
    }

    /// A mark of a name that is gone is a device 0:0; all others go.
    private func translate(_ name: PathBytes, in directory: borrowing Directory) throws(SystemError) {
        try directory.remove(name)
        let hidden = PathBytes(Array(name.bytes.dropFirst(Self.prefix.count)))
        if hidden.bytes.starts(with: Self.prefix) || hidden == ".opq" || hidden.bytes.isEmpty { return }
        if try directory.status(hidden) == nil { try directory.makeNode(hidden, mode: 0o020000) }
    }

    /// overlayfs marks directories that take a name of the layers below, and none inside those.
    private func mark(_ directory: borrowing Directory, _ path: PathBytes, _ isHidden: Bool) throws(SystemError) {
        let raw = directory.descriptor.raw
        for attribute in LayeredTree.opaqueAttributes where try ExtendedAttributes.value(attribute, of: raw) != nil {
            try ExtendedAttributes.remove(attribute, of: raw)
        }
        if isHidden { return }
        if try below.resolve(path, followLast: false).status != nil {
            try ExtendedAttributes.set(LayeredTree.ownOpaqueAttribute, to: [UInt8(ascii: "y")], of: raw)
        }
    }
}

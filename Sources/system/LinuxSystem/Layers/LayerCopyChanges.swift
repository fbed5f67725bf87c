private import SystemPackage

/// Finds what was changed in a copy of layers, and puts it into a directory as overlayfs would have left it there: whiteouts,
/// opaque directories, and each directory on the way with what it says of itself.
struct LayerCopyChanges: ~Copyable {
    private let root: Directory
    private let record: LayerCopyRecord
    private let below: LayeredTree
    private let target: Directory
    private let taking: LayerCopy.Taking
    /// The directories of the copy that were there from the beginning, as they were before anything was taken out.
    private var statuses: [PathBytes: FileStatus] = [:]
    /// Those that the target has, parents first.
    private var made: [PathBytes] = []
    private var places: [PathBytes: LayeredTree.Part] = [:]
    private var waiting: [PathBytes] = [""]
    /// What was below files with several names that have been taken: overlayfs takes each name for itself.
    private var split: Set<FileStatus.Identity> = []

    init(
        of root: consuming Directory,
        since record: LayerCopyRecord,
        over below: LayeredTree,
        into target: consuming Directory,
        _ taking: LayerCopy.Taking
    ) {
        self.root = root
        self.record = record
        self.below = below
        self.target = target
        self.taking = taking
    }

    mutating func collect() throws(SystemError) {
        while let path = waiting.popLast() { try visit(path) }
        for path in made.reversed() {
            guard let status = statuses[path] else { continue }
            try FileCopy.imitate(status, of: path, in: root, as: path, in: target)
        }
        guard let top = statuses[""] else { return }
        try FileCopy.imitate(top, of: ".", in: root, as: ".", in: target)
    }

    private mutating func visit(_ path: PathBytes) throws(SystemError) {
        let directory = path.bytes.isEmpty ? try root.reopened() : try root.directory(path)
        let status = try directory.status()
        statuses[path] = status
        let entries = try directory.entries()
        if record.isChanged(status) {
            if !path.bytes.isEmpty { _ = try place(path) }
            try addWhiteouts(path, Set(entries.map(\.name)))
        }
        for entry in entries {
            guard let status = try directory.status(entry.name) else { continue }
            let inner = path.appending(entry.name)
            if status.kind == .directory {
                if record.hasKept(inner, status, madeAt: try directory.birth(of: entry.name)) {
                    waiting.append(inner)
                } else {
                    try take(directory: entry.name, inner, from: directory, to: path)
                }
            } else if record.isChanged(status), try !hasOnlyLostAName(status, inner) {
                try take(entry.name, status, inner, from: directory, to: path)
            }
        }
        // Open directories are only of use while their names are taken.
        places = [:]
    }

    // MARK: - The target's directories

    /// The target's directory of a path, made with all on the way.
    private mutating func place(_ path: PathBytes) throws(SystemError) -> LayeredTree.Part {
        if let place = places[path] { return place }
        let part: LayeredTree.Part
        if path.bytes.isEmpty {
            part = LayeredTree.Part(try target.reopened())
        } else {
            let steps = path.components
            let name = steps[steps.count - 1]
            let parent = try place(steps.dropLast().reduce("") { $0.appending($1) })
            if try parent.directory.status(name) == nil {
                try parent.directory.makeDirectory(name, mode: 0o700)
                made.append(path)
            }
            part = LayeredTree.Part(try parent.directory.directory(name))
        }
        places[path] = part
        return part
    }

    private mutating func addWhiteouts(_ path: PathBytes, _ names: Set<PathBytes>) throws(SystemError) {
        for name in try below.names(path) where !names.contains(name) {
            try place(path).directory.makeNode(name, mode: 0o020000)
        }
    }

    // MARK: - Taking

    /// A directory that wasn't there hides what the layers have of its name.
    private mutating func take(
        directory name: PathBytes,
        _ path: PathBytes,
        from source: borrowing Directory,
        to folder: PathBytes
    ) throws(SystemError) {
        let place = try place(folder)
        switch taking {
        case .moving: try source.rename(name, to: name, in: place.directory)
        case .linking: try LinkedTree.copy(name, from: source, to: place.directory)
        }
        if try below.resolve(path, followLast: false).status != nil {
            try place.directory.setAttribute(LayeredTree.ownOpaqueAttribute, of: name, to: [UInt8(ascii: "y")])
        }
    }

    private mutating func take(
        _ name: PathBytes,
        _ status: FileStatus,
        _ path: PathBytes,
        from source: borrowing Directory,
        to folder: PathBytes
    ) throws(SystemError) {
        let place = try place(folder)
        if status.linkCount > 1, let lower = try lowerFile(path), lower.linkCount > 1, !split.insert(lower.identity).inserted {
            return try FileCopy.copy(name, status, from: source, to: place.directory)
        }
        switch taking {
        case .moving: try source.rename(name, to: name, in: place.directory)
        case .linking: try source.link(name, as: name, in: place.directory)
        }
    }

    private func lowerFile(_ path: PathBytes) throws(SystemError) -> FileStatus? {
        guard let lower = try below.resolve(path, followLast: false).status, lower.kind == .file else { return nil }
        return lower
    }

    /// Whether all that has changed of a file is that another of its names is gone.
    private func hasOnlyLostAName(_ status: FileStatus, _ path: PathBytes) throws(SystemError) -> Bool {
        guard let lower = try lowerFile(path), status.kind == .file, status.linkCount < lower.linkCount else { return false }
        return (lower.mode, lower.uid, lower.gid, lower.size, lower.modified)
            == (status.mode, status.uid, status.gid, status.size, status.modified)
    }
}

/// Copies of directories whose files are the same as the originals', under a further name.
enum LinkedTree {
    static func copy(_ name: PathBytes, from source: borrowing Directory, to target: borrowing Directory) throws(SystemError) {
        guard let status = try source.status(name) else { return }
        guard status.kind == .directory else { return try source.link(name, as: name, in: target) }
        try target.makeDirectory(name, mode: 0o700)
        try copyContents(of: try source.directory(name), to: try target.directory(name))
        try FileCopy.imitate(status, of: name, in: source, as: name, in: target)
        for attribute in LayeredTree.opaqueAttributes {
            guard let value = try source.attribute(attribute, of: name) else { continue }
            try target.setAttribute(attribute, of: name, to: value)
        }
    }

    static func copyContents(of source: borrowing Directory, to target: borrowing Directory) throws(SystemError) {
        for entry in try source.entries() { try copy(entry.name, from: source, to: target) }
    }
}

import LinuxSystem
import Reporting
import SystemPackage

/// Puts together what a bind mount of RUN shows. Where it may be written, the writes go into a directory that is thrown away.
struct BindTree {
    /// A folder of the mount's own, thrown away after the step.
    let folder: FilePath
    let isReadOnly: Bool
    /// Where it isn't the kernel's, everything that has to be put together is copied.
    let driver: StorageDriver

    /// The file or directory at a path of an input, as a tree to mount.
    func tree(of input: RunInput, at path: String) throws -> SharedTree {
        if input.isEmpty(path) { return try emptyDirectory() }
        let place = try input.place(of: path)
        if driver == .overlay, case .layers(let lowers) = input { return try part(of: lowers, at: place.path) }
        guard let context = place.tree as? LocalTree else { return try copy(place.tree, place.path, place.status) }
        if place.status.kind != .directory {
            return isReadOnly
                ? try SharedTree(direct(context, place.path, place.status))
                : try copy(context, place.path, place.status)
        }
        let hidden = try context.hidden(below: place.path)
        if isReadOnly, hidden.isEmpty { return try SharedTree(direct(context, place.path, place.status)) }
        if driver != .overlay { return try copy(context, place.path, place.status) }
        return try overlay(of: context, place.path, place.status, hidden: hidden)
    }

    // MARK: - File systems of the build

    private func part(of lowers: [FilePath], at path: PathBytes) throws -> SharedTree {
        let folder = try Directory.open(folder, create: true)
        // The kernel wants two directories where nothing is written; an empty one changes nothing.
        for name: PathBytes in ["empty", "root"] + places { try folder.makeDirectory(name, mode: 0o755) }
        let root = self.folder
        return try PrivateMounts.compose {
            let tree = try overlay(of: lowers + [root.appending("empty")])
            if path.bytes.isEmpty { return try SharedTree(tree) }
            try tree.attach(at: root.appending("root"))
            let top = try Directory.open(root.appending("root"))
            return try SharedTree(MountTree.copying(of: try top.reference(path)))
        }
    }

    /// The directories that an overlay writes to.
    private var places: [PathBytes] { isReadOnly ? [] : ["upper", "work"] }

    private func overlay(of lowers: [FilePath]) throws(SystemError) -> MountTree {
        let writing = places.map { folder.appending($0.description) }
        return try MountTree.overlay(lowers: lowers, upper: writing.first, work: writing.last, volatile: !isReadOnly)
    }

    // MARK: - Contexts

    /// The context's own files. They show as root's, as a copy of them would.
    private func direct(_ context: LocalTree, _ path: PathBytes, _ status: FileStatus) throws -> MountTree {
        let tree = try MountTree.copying(of: try context.reference(path), recursive: true)
        try tree.showAsRoots(status, recursive: true)
        return tree
    }

    /// The context below what hides the ignored files and takes the writes.
    private func overlay(
        of context: LocalTree,
        _ path: PathBytes,
        _ status: FileStatus,
        hidden: [PathBytes]
    ) throws -> SharedTree {
        let folder = try Directory.open(folder, create: true)
        for name: PathBytes in ["cover", "context"] + places { try folder.makeDirectory(name, mode: 0o755) }
        try Cover(context: context, top: path).write(hidden, to: try folder.directory("cover"))
        let root = self.folder
        do {
            return try PrivateMounts.compose {
                let files = try MountTree.copying(of: try context.reference(path))
                try files.showAsRoots(status, recursive: false)
                try files.attach(at: root.appending("context"))
                return try SharedTree(overlay(of: ["cover", "context"].map { root.appending($0) }))
            }
        } catch let error as SystemError where error.errno == .invalidArgument {
            // Not every file system can be a layer.
            return try copy(context, path, status)
        }
    }

    // MARK: - Copies

    private func copy(_ tree: any SourceTree, _ path: PathBytes, _ status: FileStatus) throws -> SharedTree {
        let folder = try Directory.open(folder, create: true)
        let writer = TreeWriter(tree)
        if status.kind == .directory {
            try writer.copyDirectory(path, status, to: try folder.directory("copy", create: true))
        } else {
            try writer.copyFile(path, status, as: "copy", in: folder)
        }
        return try SharedTree(MountTree.copying(of: try folder.reference("copy")))
    }

    private func emptyDirectory() throws -> SharedTree {
        let folder = try Directory.open(folder, create: true)
        try folder.makeDirectory("empty", mode: 0o755)
        return try SharedTree(MountTree.copying(of: try folder.reference("empty")))
    }
}

extension MountTree {
    /// Shows the files of a context's owner as root's. File systems that can't show other owners show the real ones.
    fileprivate func showAsRoots(_ status: FileStatus, recursive: Bool) throws(SystemError) {
        if status.uid == 0 && status.gid == 0 { return }
        do throws(SystemError) {
            try showAsRoot(uid: status.uid, gid: status.gid, recursive: recursive)
        } catch {
            let cannot: Set<Errno> = [.invalidArgument, .notPermitted, .notSupported, .noFunction, .noSpace]
            if !cannot.contains(error.errno) { throw error }
        }
    }
}

/// A layer that hides what a context's ignore file excludes: a whiteout for each hidden name, in directories that look like
/// the context's.
private struct Cover {
    let context: LocalTree
    let top: PathBytes

    func write(_ hidden: [PathBytes], to layer: borrowing Directory) throws {
        var made: Set<PathBytes> = []
        for path in hidden {
            for parent in path.ancestors where made.insert(parent).inserted {
                try layer.makeDirectory(parent, mode: 0o755)
            }
            try layer.makeNode(path, mode: 0o020000)
        }
        // Last, since making names changes times.
        for parent in made { try imitate(parent, in: layer) }
        try imitate("", in: layer)
    }

    private func imitate(_ path: PathBytes, in layer: borrowing Directory) throws {
        guard let status = try context.status(top.appending(path)) else { return }
        let name = path.bytes.isEmpty ? "." : path
        try layer.chmod(name, status.permissions)
        try layer.setTimes(name, accessed: status.modified, modified: status.modified)
    }
}

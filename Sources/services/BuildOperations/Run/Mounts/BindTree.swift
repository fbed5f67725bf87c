import LinuxSystem
import Reporting
import SystemPackage

/// Puts together what a bind mount of RUN shows. Where it may be written, the writes go into a directory that is thrown away.
struct BindTree {
    /// A folder of the mount's own, thrown away after the step.
    let folder: FilePath
    let isReadOnly: Bool

    /// The file or directory at a path of an input, as a tree to mount.
    func tree(of input: RunInput, at path: String) throws -> SharedTree {
        if input.isEmpty(path) { return try emptyDirectory() }
        let place = try input.place(of: path)
        if case .layers(let lowers) = input { return try part(of: lowers, at: place.path) }
        guard let context = place.tree as? LocalTree else { return try copy(place.tree, place.path, place.status) }
        if place.status.kind != .directory {
            return isReadOnly
                ? try SharedTree(direct(context, place.path, place.status))
                : try copy(context, place.path, place.status)
        }
        let hidden = try context.hidden(below: place.path)
        if isReadOnly, hidden.isEmpty { return try SharedTree(direct(context, place.path, place.status)) }
        return try overlay(of: context, place.path, place.status, hidden: hidden)
    }

    // MARK: - File systems of the build

    private func part(of lowers: [FilePath], at path: PathBytes) throws -> SharedTree {
        let folder = try Directory.open(folder, create: true)
        // The kernel wants two directories where nothing is written; an empty one changes nothing.
        for name: PathBytes in ["empty", "root"] + places { try folder.makeDirectory(name, mode: 0o755) }
        let root = self.folder
        let places = places
        return try PrivateMounts.compose {
            var opened = Opened()
            for lower in lowers + [root.appending("empty")] { opened.add(try Directory.open(lower)) }
            let tree = try opened.overlay(writing: places.map { root.appending($0.description) })
            if path.bytes.isEmpty { return try SharedTree(tree) }
            try tree.attach(at: root.appending("root"))
            let top = try Directory.open(root.appending("root"))
            return try SharedTree(MountTree.copying(of: try top.reference(path)))
        }
    }

    /// The directories that an overlay writes to.
    private var places: [PathBytes] { isReadOnly ? [] : ["upper", "work"] }

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
        let places = places
        do {
            return try PrivateMounts.compose {
                let files = try MountTree.copying(of: try context.reference(path))
                try files.showAsRoots(status, recursive: false)
                try files.attach(at: root.appending("context"))
                var opened = Opened()
                for name in ["cover", "context"] { opened.add(try Directory.open(root.appending(name))) }
                return try SharedTree(opened.overlay(writing: places.map { root.appending($0.description) }))
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

/// Directories that stay open while an overlay is made of them.
private struct Opened {
    private final class Holder {
        let directory: Directory
        init(_ directory: consuming Directory) { self.directory = directory }
    }

    private var lowers: [Holder] = []

    mutating func add(_ directory: consuming Directory) { lowers.append(Holder(directory)) }

    /// An overlay of the directories, which can be written where two more (upper and work) are given.
    func overlay(writing: [FilePath]) throws(SystemError) -> MountTree {
        var places: [Holder] = []
        for path in writing { places.append(Holder(try Directory.open(path))) }
        return try MountTree.overlay(
            lowers: lowers.map { $0.directory.descriptor.raw },
            upper: places.first.map { $0.directory.descriptor.raw },
            work: places.last.map { $0.directory.descriptor.raw },
            volatile: !places.isEmpty
        )
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

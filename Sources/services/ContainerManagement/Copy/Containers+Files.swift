import ContainerMonitor
import ContainerRuntime
import LayerTransfer
import LinuxSystem
import Reporting
import SystemPackage

extension Containers {
    /// A container's files, with what is mounted in it: as its processes see them, or where it doesn't run, put together
    /// where nobody else sees it.
    func files(of container: Container) throws -> CopySide {
        var side = try root(of: container)
        for point in container.document.mountPoints {
            if let directory = try side.directory(point.destination) {
                side.mounts.insert(try directory.status().identity)
            }
        }
        return side
    }

    private func root(of given: Container) throws -> CopySide {
        var container = given
        while true {
            let folder = try Directory.open(folder(container.id))
            // Where the record can't be read, nobody knows whether it runs.
            let start = try StartRecord(in: folder)
            if container.state.pid != nil, let start {
                let root = try RunningProcess(start, of: container.id).root.reopened()
                let first = container.document.request.sharing.firstUser
                return CopySide(root: root, owners: first.map { .init(first: $0, count: NamespaceRequest.userCount) })
            }
            if let claim = try RootClaim.attempt(in: folder) {
                return CopySide(root: try assembled(container), claim: claim)
            }
            // It is being started, or somebody else copies.
            WallClock.sleep(milliseconds: 5)
            container = try find(container.id)
        }
    }

    /// The root of a container that doesn't run: its layers, its own files, its volumes and the folders of the host.
    private func assembled(_ container: Container) throws -> Directory {
        let folder = folder(container.id)
        let lowers = container.document.lowers.map { FilePath($0) }
        let mounts = container.document.mountPoints.filter { $0.content != nil }
            .sorted { ContainerPath.depth($0.destination) < ContainerPath.depth($1.destination) }
        // Before there are mounts of its own: a process that serves it mustn't keep those.
        let overlay = try SharedTree(
            container.document.storageDriver.mount(
                lowers: lowers,
                upper: folder.appending(ContainerFolder.upper),
                work: folder.appending(ContainerFolder.work)
            )
        )
        let tree = try PrivateMounts.compose {
            let place = folder.appending(ContainerFolder.work)
            try overlay.tree.attach(at: place)
            let root = try Directory.open(place)
            for mount in mounts { try Assembly.bind(mount, in: root) }
            for name in ["hostname", "hosts", "resolv.conf"] {
                try Assembly.bind(folder.appending(name), at: "etc/" + name, in: root)
            }
            return try SharedTree(MountTree.copying(of: try root.reference("."), recursive: true))
        }
        return try Directory(adopting: tree.tree.descriptor.duplicate()).reopened()
    }
}

/// Puts together the root of a container that doesn't run.
private enum Assembly {
    static func bind(_ mount: MountPoint, in root: borrowing Directory) throws(SystemError) {
        // What the host no longer has can't be shown.
        guard let tree = try copy(mount) else { return }
        if mount.readOnly { try tree.change(set: .readOnly) }
        let isDirectory = try FileStatus(of: tree.descriptor.raw).kind == .directory
        if isDirectory { try make(mount.destination, in: root) }
        try attach(tree, at: mount.destination, in: root)
    }

    static func bind(_ file: FilePath, at path: String, in root: borrowing Directory) throws(SystemError) {
        guard let tree = try copy(file, recursive: false) else { return }
        try attach(tree, at: path, in: root)
    }

    private static func copy(_ mount: MountPoint) throws(SystemError) -> MountTree? {
        let source = mount.content ?? mount.source
        guard let top = mount.confinement, let place = ConfinedPath(source, below: top) else {
            return try copy(FilePath(source), recursive: !mount.isNonRecursive)
        }
        do throws(SystemError) { return try place.copy(recursive: true) } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }

    private static func copy(_ path: FilePath, recursive: Bool) throws(SystemError) -> MountTree? {
        do throws(SystemError) { return try MountTree.copying(path, recursive: recursive) } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }

    private static func attach(
        _ tree: borrowing MountTree,
        at path: String,
        in root: borrowing Directory
    ) throws(SystemError) {
        let place: OwnedDescriptor
        do throws(SystemError) { place = try root.referenceInRoot(PathBytes(path)) } catch {
            // One that was never started lacks the place still.
            if error.errno == .noSuchFileOrDirectory { return }
            throw error
        }
        try tree.attach(on: place)
    }

    /// Makes the directories on the way that are missing, a step at a time.
    private static func make(_ path: String, in root: borrowing Directory) throws(SystemError) {
        var place = ""
        for step in path.split(separator: "/") {
            let parent = Directory(adopting: try root.referenceInRoot(PathBytes(place.isEmpty ? "/" : place)))
            place += "/" + step
            if try isThere(place, in: root) { continue }
            do throws(SystemError) { try parent.makeDirectory(PathBytes(String(step)), mode: 0o755) } catch {
                if error.errno != .fileExists { throw error }
            }
        }
    }

    private static func isThere(_ path: String, in root: borrowing Directory) throws(SystemError) -> Bool {
        do throws(SystemError) {
            _ = try root.referenceInRoot(PathBytes(path))
            return true
        } catch {
            if error.errno == .noSuchFileOrDirectory { return false }
            throw error
        }
    }
}

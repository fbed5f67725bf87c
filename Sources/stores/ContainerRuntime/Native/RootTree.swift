private import Glibc
internal import LinuxSystem
internal import Reporting
internal import SystemPackage

/// The container's root before it is anybody's: a tree that is mounted nowhere.
struct RootTree: ~Copyable {
    let tree: MountTree

    init(_ root: RootFileSystem) throws(RuntimeError) {
        if case .overlay(let lowers, _, _, _) = root, lowers.isEmpty {
            throw RuntimeError(.invalidArgument, "an overlay needs at least one lower directory")
        }
        do {
            tree = try Self.mount(root)
        } catch {
            throw RuntimeError("mounting the container's root", error)
        }
    }

    private static func mount(_ root: RootFileSystem) throws(SystemError) -> MountTree {
        switch root {
        case .directory(let path):
            let tree = try MountTree.copying(path, recursive: true)
            try tree.change(propagation: .isolated, recursive: true)
            return tree
        case .overlay(let lowers, let upper, let work, let volatile):
            return try overlay(lowers, upper, work, volatile)
        }
    }

    private static func overlay(
        _ lowers: [FilePath],
        _ upper: FilePath,
        _ work: FilePath,
        _ volatile: Bool
    ) throws(SystemError) -> MountTree {
        var opened: [CInt] = []
        // The mount holds what it needs; the numbers are only for making it.
        defer { for descriptor in opened { close(descriptor) } }
        for path in lowers + [upper, work] { opened.append(try reference(path)) }
        return try MountTree.overlay(
            lowers: Array(opened[..<lowers.count]),
            upper: opened[lowers.count],
            work: opened[lowers.count + 1],
            volatile: volatile
        )
    }

    private static func reference(_ path: FilePath) throws(SystemError) -> CInt {
        try check("open", path.string) {
            path.withPlatformString { open($0, 0o10000000 | O_DIRECTORY | O_CLOEXEC) }
        }
    }

    /// A small regular file of the root, links followed inside it; nil if it isn't there or isn't one.
    func file(_ path: String, limit: Int) throws(RuntimeError) -> [UInt8]? {
        do {
            let root = Directory(adopting: try tree.descriptor.duplicate())
            let file = try root.openInRoot(PathBytes(path), flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
            var status = stat()
            try check("fstat", path) { fstat(file.raw, &status) }
            guard status.st_mode & S_IFMT == S_IFREG else { return nil }
            return try DescriptorIO.readAll(file.raw, limit: limit)
        } catch  where [.noSuchFileOrDirectory, .notDirectory, .noSuchAddressOrDevice].contains(error.errno) {
            return nil
        } catch {
            throw RuntimeError("reading \(path) of the container's root", error)
        }
    }
}

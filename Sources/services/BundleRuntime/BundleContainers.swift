package import ContainerRuntime
internal import LinuxSystem
internal import OCISpec
internal import Reporting
package import SystemPackage

// The executor as an OCI runtime: containers that are made of a bundle (a folder with `config.json` and a root), by whoever
// calls, and looked after by whoever adopts their first process. No process of socle stays.
//
// The module knows bundles, the state folder, hooks and the order of a container's life. What starting a container takes
// is ContainerRuntime's; words and flags are the faces'.

/// The containers of one state folder.
package struct BundleContainers: Sendable {
    /// Where the state of all containers is: `--root`.
    let root: FilePath
    /// Where compiled seccomp programs are kept.
    let cacheDirectory: FilePath

    /// Where state is kept unless the caller says otherwise.
    ///
    /// What a user has in his namespace, as root there, is in his own folder of `/run`, as runc has it: the machine's is not his.
    package static var standardRoot: FilePath { ownRoot(isMachines: OwnUserNamespace.isInitial, ProcessEnvironment.value).appending("oci") }

    /// Where the programs of one user, or of the machine, keep what is gone when it stops.
    static func ownRoot(isMachines: Bool, _ variable: (String) -> String?) -> FilePath {
        guard !isMachines, variable("USER") != "root", let folder = variable("XDG_RUNTIME_DIR"), folder.hasPrefix("/") else { return "/run/socle" }
        return FilePath(folder).appending("socle")
    }

    /// Whether systemd makes the control groups of new containers.
    let usesSystemd: Bool

    package init(root: FilePath, usesSystemd: Bool = false) {
        self.root = root
        self.usesSystemd = usesSystemd
        cacheDirectory = Self.ownRoot(isMachines: OwnUserNamespace.isInitial, ProcessEnvironment.value).appending("seccomp")
    }

    /// Where a bundle's container shall have its control groups.
    func place(_ spec: RuntimeSpec, _ id: String) throws(RuntimeError) -> GroupPlace {
        let path = spec.linux?.cgroupsPath
        if usesSystemd { return try GroupPlace(scope: try SystemdScope(cgroupsPath: path, id: id, user: try SystemdScope.findSystemd())) }
        return try GroupPlace(cgroupsPath: path, id: id)
    }

    /// A container that exists, or that is being made.
    package func container(_ id: String) throws(RuntimeError) -> BundleRecord { try open(id).record() }

    func open(_ id: String) throws(RuntimeError) -> StateFolder {
        try Self.check(id)
        guard let folder = try StateFolder.open(id, in: root) else {
            throw RuntimeError(.notFound, "container does not exist")
        }
        return folder
    }

    /// Ids name folders and control groups.
    static func check(_ id: String) throws(RuntimeError) {
        func isWord(_ byte: UInt8) -> Bool {
            switch byte {
            case 48...57, 65...90, 97...122, 95, 43: true
            default: false
            }
        }
        let bytes = Array(id.utf8)
        guard let first = bytes.first, isWord(first), bytes.count <= 255,
            bytes.allSatisfy({ isWord($0) || [45, 46].contains($0) })
        else { throw RuntimeError(.invalidArgument, "invalid container ID format") }
    }

    /// All containers, by id; folders that hold none are left out.
    package func list() throws(RuntimeError) -> [(record: BundleRecord, status: BundleStatus)] {
        guard let directory = try? Directory.open(root) else { return [] }
        let names = (try? directory.entries())?.map { $0.name.description } ?? []
        return names.sorted().compactMap { name in
            guard (try? Self.check(name)) != nil, let folder = try? StateFolder.open(name, in: root),
                let record = try? folder.record()
            else { return nil }
            return (record, folder.status(of: record))
        }
    }

    package func status(_ id: String) throws(RuntimeError) -> (record: BundleRecord, status: BundleStatus) {
        let folder = try open(id)
        let record = try folder.record()
        return (record, folder.status(of: record))
    }
}

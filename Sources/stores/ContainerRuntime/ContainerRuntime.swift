package import LinuxSystem
package import OCISpec
package import SystemPackage

// From a runtime specification to a running process, and what is left of it afterwards.
//
// The module knows namespaces, mounts, control groups, seccomp and the order of work; it knows nothing of images,
// stores, names or logs. `LaunchRequest` goes down, `RunningContainer` comes back. Two executors fill
// `ContainerExecutor`: `NativeExecutor` here, and the door to runc and crun in `OCI/`.

/// Starts containers.
package protocol ContainerLauncher: Sendable {
    /// Makes the container and starts its program. When it returns, the program has been executed; when it throws,
    /// nothing is left: no process, no mount, no control group.
    func launch(_ request: LaunchRequest) throws(RuntimeError) -> RunningContainer
}

/// Starts containers, and other programs in them.
package protocol ContainerExecutor: ContainerLauncher {
    /// Starts another program in a container of its own making. When it returns, the program has been executed.
    func exec(_ request: ExecRequest) throws(RuntimeError) -> RunningContainer
}

/// Everything that starting one container takes.
package struct LaunchRequest: Sendable {
    /// The container's id: letters, digits, `_`, `.`, `-`, `+`; it names the control groups.
    package var id: String
    package var spec: RuntimeSpec
    /// What becomes `/`; the specification's `root.path` is not looked at.
    package var root: RootFileSystem
    package var io: LaunchIO
    /// Whether the kernel kills the container when the thread that launched it ends: for a build's RUN.
    package var diesWithParent: Bool
    /// Where compiled seccomp programs are kept between runs; made if missing.
    package var cacheDirectory: FilePath
    /// Whether a minimal init is process 1: it passes signals on and reaps what the program leaves behind.
    package var usesInit: Bool
    /// Trees for the bind mounts of the specification whose source is no path but one of these names. Each is attached once.
    package var trees: [String: SharedTree] = [:]
    /// By the source of a bind mount, the folder that it has to be in, whatever links there say.
    package var confinements: [String: String] = [:]
    /// What is different where the container is an OCI bundle's.
    package var bundle: BundleTerms?
    /// The program's file, where that isn't found by the first argument.
    var program: String?

    package init(
        id: String,
        spec: RuntimeSpec,
        root: RootFileSystem,
        io: LaunchIO,
        diesWithParent: Bool = false,
        cacheDirectory: FilePath,
        usesInit: Bool = false
    ) {
        self.id = id
        self.spec = spec
        self.root = root
        self.io = io
        self.diesWithParent = diesWithParent
        self.cacheDirectory = cacheDirectory
        self.usesInit = usesInit
    }

    /// The place of a source that has to be in a folder; nil for all others.
    func confined(_ source: String) -> ConfinedPath? {
        confinements[source].flatMap { ConfinedPath(source, below: $0) }
    }
}

/// What an OCI runtime does beside what is in the specification.
package struct BundleTerms: Sendable {
    /// Where the root is mounted while hooks run, on the host's side; nil where there are none to run meanwhile.
    package var stage: String?
    /// A listening socket, borrowed: the program waits until somebody connects to it. -1 where it doesn't wait.
    package var startSocket: CInt = -1
    /// The descriptors that become 3 and on, borrowed.
    package var preserved: [CInt] = []
    package var keepsKeyring = false
    /// Gets the descriptor at which the filter asks, where it does.
    package var deliverListener: ListenerDelivery?
    /// The container's groups.
    package var groups: GroupPlace

    package init(groups: GroupPlace) { self.groups = groups }

    var waitsForStart: Bool { startSocket >= 0 }
    var preservedCount: Int { preserved.count }
}

/// What becomes the container's `/`.
package enum RootFileSystem: Sendable, Hashable {
    /// `lowers` are read-only, the top one first. With `volatile` the kernel doesn't sync the upper directory when the
    /// mount ends: right for what is thrown away, or synced by whoever keeps it.
    ///
    /// The driver does what overlayfs does, in whatever way.
    case overlay(lowers: [FilePath], upper: FilePath, work: FilePath, volatile: Bool, driver: StorageDriver = .overlay)
    /// A directory as it is; changes stay in it.
    case directory(FilePath)
}

/// Where the program's standard streams lead.
package enum LaunchIO: Sendable, Hashable {
    /// Descriptors of the caller, borrowed for the length of `launch`.
    case descriptors(input: CInt, output: CInt, error: CInt)
    /// A new terminal of the container's own; its master comes back in `RunningContainer.terminal`.
    case terminal(rows: UInt16, columns: UInt16)
}

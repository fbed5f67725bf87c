package import ContainerNetworking
package import ContainerRuntime
package import EventStorage
package import LinuxSystem
package import OCISpec
package import SystemPackage

/// Everything that a monitor needs to know to run one container; a value that can be handed to another process.
package struct MonitorOrder: Codable, Sendable, Hashable {
    package var id: String
    /// The container's folder, where the records go.
    package var folder: String
    package var spec: RuntimeSpec
    /// Read-only layers, the top one first, and what lies on them.
    package var lowers: [String]
    package var upper: String
    package var work: String
    package var driver = StorageDriver.overlay
    /// Whether the upper directory is thrown away at the end, so that nothing needs to reach the disk.
    package var isTemporary: Bool
    /// The program of an OCI runtime; nil is the native executor.
    package var runtime: String?
    package var usesInit: Bool
    /// Whether standard input is passed on.
    package var isInteractive: Bool
    package var hasTerminal: Bool
    /// For compiled seccomp programs.
    package var cacheDirectory: String
    package var log = LogPolicy.standard
    /// The streams that the command which starts the monitor is attached to.
    package var attaches: AttachedStreams = []
    /// Whether the container's input ends when the first who was attached to it goes.
    package var inputEndsWithClient = true
    /// The terminal's size.
    package var rows: UInt16 = 0
    package var columns: UInt16 = 0
    /// Whether the container has places on networks, which are freed when it ends.
    package var hasNetwork = false
    /// How many descriptors of others the monitor holds as long as it lives: the host's ports.
    package var held = 0
    /// Which of them lead to the container by a program; nil where packet rules do that for all.
    package var relay: RelayPlan?
    /// How to find out whether it is well; nil where nobody wants to know.
    package var health: HealthPlan?
    /// Where what happens to it is written down; nil where nobody wants to know.
    package var journal: EventJournal?
    /// What every event says of it.
    package var eventAttributes: [String: String] = [:]
    /// The volumes that it lets go of at its end.
    package var volumes: [String] = []
    /// By the source of a bind mount, the folder that it has to be in.
    package var confinements: [String: String] = [:]
    /// The arguments by which this program removes what its container leaves, where nobody else does.
    package var settlement: [String] = []

    package init(
        id: String,
        folder: FilePath,
        spec: RuntimeSpec,
        lowers: [FilePath],
        upper: FilePath,
        work: FilePath,
        cacheDirectory: FilePath
    ) {
        self.id = id
        self.folder = folder.string
        self.spec = spec
        self.lowers = lowers.map(\.string)
        self.upper = upper.string
        self.work = work.string
        self.cacheDirectory = cacheDirectory.string
        isTemporary = false
        usesInit = false
        isInteractive = false
        hasTerminal = false
    }

    var executor: any ContainerExecutor { Self.executor(runtime: runtime, folder: FilePath(folder)) }

    /// What starts containers and further programs in them, for a container's folder; `runtime` is the program of an OCI
    /// runtime, nil means the native executor.
    package static func executor(runtime: String?, folder: FilePath) -> any ContainerExecutor {
        guard let runtime else { return NativeExecutor() }
        return OCIExecutor(program: FilePath(runtime), bundle: folder.appending("bundle"))
    }

    /// The order as an executor takes it.
    package func launchRequest(_ io: LaunchIO) -> LaunchRequest {
        var request = LaunchRequest(
            id: id,
            spec: spec,
            root: .overlay(
                lowers: lowers.map { FilePath($0) },
                upper: FilePath(upper),
                work: FilePath(work),
                volatile: isTemporary,
                driver: driver
            ),
            io: io,
            diesWithParent: true,
            cacheDirectory: FilePath(cacheDirectory),
            usesInit: usesInit
        )
        request.confinements = confinements
        return request
    }
}

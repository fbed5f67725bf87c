import BuildDefinition
import ByteStreams
import ContainerManagement
import LinuxSystem
import OCISpec
import Reporting
import SnapshotStorage
import SystemPackage

/// What a RUN's mounts came to: ready to be mounted, and held until the step has ended.
final class PreparedMounts {
    private(set) var mounts: [StepMount] = []
    /// Variables that come with the mounts, as `name=value`.
    private(set) var environment: [String] = []
    private var caches: [CacheMountKey: HeldCache] = [:]
    private var relays: [AgentRelay] = []
    private var agents: [KeyAgent] = []

    /// A cache that this step holds.
    private final class HeldCache {
        var mount: CacheMount
        init(_ mount: consuming CacheMount) { self.mount = mount }
    }

    init() {}

    deinit { for relay in relays { relay.stop() } }

    func add(_ mount: StepMount) { mounts.append(mount) }
    func add(variable: String) { environment.append(variable) }

    func add(_ agent: KeyAgent) { agents.append(agent) }

    func add(_ relay: AgentRelay, at target: String) {
        relays.append(relay)
        mounts.append(StepMount(.tree(relay.tree), target: target))
    }

    /// Takes a cache, and fills it with `content` if it is new. A step that names one twice has it once.
    func cache(
        _ key: CacheMountKey,
        _ sharing: CacheMountSharing,
        in store: CacheMountStore,
        cancellation: Cancellation,
        content: (FilePath) throws -> Void
    ) throws -> FilePath {
        if let held = caches[key] { return held.mount.directory }
        let mount = try store.take(key, sharing: sharing) { cancellation.isCancelled }
        let held = HeldCache(mount)
        if held.mount.isNew {
            try content(held.mount.directory)
            try held.mount.settle()
        }
        caches[key] = held
        return held.mount.directory
    }
}

private import Glibc
internal import LinuxSystem
internal import OCISpec
internal import Reporting
internal import SystemPackage

extension LaunchFacts {
    /// The facts of this machine that a request's plan depends on.
    static func gather(for request: LaunchRequest) throws(RuntimeError) -> LaunchFacts {
        var facts = LaunchFacts()
        facts.lastCapability = Self.machineLastCapability
        facts.hierarchies = try ControlGroupHierarchy.discover(for: request.bundle?.groups)
        facts.confinementFile = Self.confinementFile
        facts.hasKernelCore = access("/proc/kcore", F_OK) == 0
        facts.leastScore = Self.ownLeastScore
        facts.sources = request.trees.mapValues(\.isDirectory)
        facts.rights = .own
        facts.userSpace = .gather(for: request)
        facts.hostDevices = HostDevicePlaces.gather(for: request.spec)
        for mount in request.spec.mounts ?? [] {
            guard let source = mount.source, source.hasPrefix("/") else { continue }
            if let place = request.confined(source) {
                facts.sources[source] = try isDirectory(place)
                continue
            }
            var status = stat()
            if stat(source, &status) == 0 { facts.sources[source] = status.st_mode & S_IFMT == S_IFDIR }
        }
        if let seccomp = request.spec.linux?.seccomp {
            let cache = SeccompProgram(directory: request.cacheDirectory, kernel: Self.kernelRelease)
            facts.seccompProgram = try cache.bytes(of: seccomp)
        }
        return facts
    }

    /// nil where nothing is there.
    private static func isDirectory(_ place: ConfinedPath) throws(RuntimeError) -> Bool? {
        do throws(SystemError) { return try place.isDirectory() } catch {
            if error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory { return nil }
            if error.errno == .improperLink {
                throw RuntimeError(.forbidden, "\"\(place.path)\" leads out of \(place.top)")
            }
            throw RuntimeError("looking at \(place.path) in \(place.top)", error)
        }
    }

    /// Lowering it takes `CAP_SYS_RESOURCE`.
    private static let ownLeastScore: Int = {
        let text = try? HostFile.text("/proc/self/oom_score_adj", limit: 64)
        let own = text.flatMap { Int($0.split(separator: "\n").first ?? "") } ?? 0
        if own <= 0 { return -1_000 }
        return OwnCapabilities.has(.resource) && OwnUserNamespace.isInitial ? -1_000 : own
    }()

    private static let machineLastCapability: Int = {
        let text = try? HostFile.text("/proc/sys/kernel/cap_last_cap", limit: 64)
        return text.flatMap { Int($0.split(separator: "\n").first ?? "") } ?? 40
    }()

    private static let confinementFile: String? = {
        guard DefaultAppArmorProfile.isPossible else { return nil }
        // Where several such modules are stacked, each has files of its own.
        return access("/proc/self/attr/apparmor/exec", F_OK) == 0 ? "self/attr/apparmor/exec" : "self/attr/exec"
    }()

    private static let kernelRelease: String = {
        let text = try? HostFile.text("/proc/sys/kernel/osrelease", limit: 256)
        return text.flatMap { $0.split(separator: "\n").first.map(String.init) } ?? "unknown"
    }()
}

extension OwnRights {
    /// Those of this process.
    static let own: OwnRights = {
        var rights = OwnRights()
        rights.effective = CapabilitySet(mask: OwnCapabilities.effective)
        rights.bounding = CapabilitySet(mask: OwnCapabilities.bounding)
        rights.group = getegid()
        // Asked for their number first: there may be 65,536, and room for so many costs more than all else here.
        var groups = [gid_t](repeating: 0, count: max(Int(getgroups(0, nil)), 0))
        rights.groups = Array(groups.prefix(max(Int(getgroups(CInt(groups.count), &groups)), 0)))
        return rights
    }()
}

private import Glibc
internal import LinuxSystem
internal import OCISpec
internal import SystemPackage

extension LaunchFacts {
    /// The facts of this machine that a request's plan depends on.
    static func gather(for request: LaunchRequest) throws(RuntimeError) -> LaunchFacts {
        var facts = LaunchFacts()
        facts.lastCapability = Self.machineLastCapability
        facts.hierarchies = try ControlGroupHierarchy.discover()
        facts.hasKernelCore = access("/proc/kcore", F_OK) == 0
        facts.sources = request.trees.mapValues(\.isDirectory)
        for mount in request.spec.mounts ?? [] {
            guard let source = mount.source, source.hasPrefix("/") else { continue }
            var status = stat()
            if stat(source, &status) == 0 { facts.sources[source] = status.st_mode & S_IFMT == S_IFDIR }
        }
        if let seccomp = request.spec.linux?.seccomp {
            let cache = SeccompProgram(directory: request.cacheDirectory, kernel: Self.kernelRelease)
            facts.seccompProgram = try cache.bytes(of: seccomp)
        }
        return facts
    }

    private static let machineLastCapability: Int = {
        let text = try? HostFile.text("/proc/sys/kernel/cap_last_cap", limit: 64)
        return text.flatMap { Int($0.split(separator: "\n").first ?? "") } ?? 40
    }()

    private static let kernelRelease: String = {
        let text = try? HostFile.text("/proc/sys/kernel/osrelease", limit: 256)
        return text.flatMap { $0.split(separator: "\n").first.map(String.init) } ?? "unknown"
    }()
}

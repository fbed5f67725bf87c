import ContainerMonitor
import ContainerRuntime
import LinuxSystem
import OCISpec
import SystemPackage

/// What a container's specification depends on besides its request. Values here, so that the merge is pure; what is
/// seldom needed is looked up only when it is.
package struct HostFacts: Sendable {
    /// The host's own name, for containers on its network.
    package var hostname: @Sendable () -> String
    /// What this process could hold and so give to a container.
    package var capabilities: @Sendable () -> [String]
    package var cpuCount: @Sendable () -> Int
    /// Whether the control groups are of version 2 alone.
    package var hasUnifiedCgroups: @Sendable () -> Bool
    /// The CPUs that there are, as the kernel lists them (`0-3`); nil where that isn't known.
    package var processors: @Sendable () -> String? = { nil }
    package var memoryNodes: @Sendable () -> String? = { nil }
    /// `6.1.0-18-amd64`
    package var kernelRelease: @Sendable () -> String = { "" }
    package var hasAppArmor: @Sendable () -> Bool = { false }
    /// The profile of containers for which nobody names one; nil where there is none.
    package var standardAppArmorProfile: @Sendable () -> String? = { nil }

    package init(
        hostname: @escaping @Sendable () -> String,
        capabilities: @escaping @Sendable () -> [String],
        cpuCount: @escaping @Sendable () -> Int,
        hasUnifiedCgroups: @escaping @Sendable () -> Bool
    ) {
        self.hostname = hostname
        self.capabilities = capabilities
        self.cpuCount = cpuCount
        self.hasUnifiedCgroups = hasUnifiedCgroups
    }

    /// This machine.
    package static let current: HostFacts = {
        var facts = machine
        facts.processors = { firstLine("/sys/devices/system/cpu/online") }
        facts.memoryNodes = { firstLine("/sys/devices/system/node/online") ?? "0" }
        facts.kernelRelease = { firstLine("/proc/sys/kernel/osrelease") ?? "" }
        facts.hasAppArmor = { DefaultAppArmorProfile.isPossible }
        facts.standardAppArmorProfile = { DefaultAppArmorProfile.provided() }
        return facts
    }()

    private static let machine = HostFacts(
        hostname: { firstLine("/proc/sys/kernel/hostname") ?? "localhost" },
        capabilities: { CapabilitySet(mask: OwnCapabilities.grantable).names },
        cpuCount: { countCPUs() },
        hasUnifiedCgroups: {
            let folder = try? Directory.open("/sys/fs/cgroup")
            return (try? folder?.status("cgroup.controllers")) != nil
        }
    )

    /// A small file of the kernel's; nil where it can't be read.
    static func text(_ path: FilePath, limit: Int = 65_536) -> String? {
        // Reading is all there is to go wrong, and every caller has an answer for that.
        guard let bytes = try? HostFile.read(path, limit: limit) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func firstLine(_ path: FilePath) -> String? {
        text(path)?.split(whereSeparator: \.isNewline).first.map(String.init)
    }

    private static func countCPUs() -> Int {
        guard let line = firstLine("/sys/devices/system/cpu/online") else { return 1 }
        let count = line.split(separator: ",").reduce(0) { sum, range in
            let ends = range.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { return sum }
            return sum + last - first + 1
        }
        return max(count, 1)
    }
}

/// Files of the host, read whole.
enum HostFile {
    /// Reads at most `limit` bytes of a regular file; `EFBIG` beyond, `EINVAL` for what is no file.
    static func read(_ path: FilePath, limit: Int) throws(SystemError) -> [UInt8] {
        guard let name = path.lastComponent else { throw SystemError("open", path.string, .isDirectory) }
        let folder = try Directory.open(path.parent)
        let file = try folder.openForReading(PathBytes(name.string))
        guard try FileStatus(of: file.raw).kind == .file else {
            throw SystemError("read", path.string, .invalidArgument)
        }
        return try DescriptorIO.readAll(file.raw, limit: limit)
    }

    /// What stands at a path, links followed; nil where nothing does.
    static func status(_ path: FilePath) throws(SystemError) -> FileStatus? {
        let folder = try Directory.open("/")
        do {
            let place = path.string.drop { $0 == "/" }
            // The host's own paths may lead through links and anywhere: "/" is the root that they stay in.
            let found = try folder.referenceInRoot(PathBytes(place.isEmpty ? "." : String(place)))
            return try FileStatus(of: found.raw)
        } catch {
            if error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory { return nil }
            throw error
        }
    }

    static func exists(_ path: FilePath) throws(SystemError) -> Bool { try status(path) != nil }
}

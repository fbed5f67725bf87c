import ContainerMonitor
package import ContainerRuntime
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting
import SystemPackage

/// What a container uses, measured at one moment.
package struct UsageSample: Sendable, Hashable {
    package var id: String
    package var name: String
    /// What the caller called it; nil where nothing was named.
    package var asked: String?
    /// nil where it doesn't run.
    package var usage: GroupUsage?
    /// Through its network cards, in bytes since they began.
    package var received: Int64 = 0
    package var sent: Int64 = 0
    /// When, in nanoseconds.
    package var time: Int64
}

extension Containers {
    /// `stats`: what containers use now; those that are named, else those that run, or all.
    package func usage(of names: [String], all: Bool) throws -> [UsageSample] {
        let containers: [(asked: String?, Container)]
        if names.isEmpty {
            try settleAbandoned()
            containers = try metadata.containers.all().map(container).filter { all || $0.isRunning }.map { (nil, $0) }
        } else {
            var seen: Set<String> = []
            containers = try names.filter { seen.insert($0).inserted }.map { ($0, try find($0)) }
        }
        return try containers.map { asked, container in
            var sample = UsageSample(id: container.id, name: container.name, asked: asked, time: WallClock.now())
            guard let pid = container.state.pid else { return sample }
            sample.usage = try GroupUsage.of(container.id, at: try container.groupPlace)
            if container.document.request.network != .host { addTraffic(of: pid, to: &sample) }
            return sample
        }
    }

    /// The memory of this machine, in bytes.
    package func machineMemory() -> Int64 {
        let text = (try? HostFile.read("/proc/meminfo", limit: 65_536)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemTotal:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Int64($0) } ?? 0) * 1_024
    }

    /// All cards but the loopback.
    private func addTraffic(of pid: Int32, to sample: inout UsageSample) {
        guard let bytes = try? HostFile.read(FilePath("/proc/\(pid)/net/dev"), limit: 1 << 20) else { return }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst(2) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, !parts[0].hasSuffix("lo") || parts[0].drop(while: { $0 == " " }) != "lo" else {
                continue
            }
            let numbers = parts[1].split(separator: " ").map { Int64($0) ?? 0 }
            guard numbers.count > 8 else { continue }
            sample.received += numbers[0]
            sample.sent += numbers[8]
        }
    }
}

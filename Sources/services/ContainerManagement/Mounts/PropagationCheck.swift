import ContainerMonitor
import LinuxSystem
import Reporting
import SystemPackage

/// Whether a bind mount can travel between host and container as its propagation says: its source has to be on a mount of
/// the host's that does.
enum PropagationCheck {
    static func check(_ point: MountPoint) throws {
        guard point.kind == .bind, point.propagation.hasSuffix("shared") || point.propagation.hasSuffix("slave") else {
            return
        }
        let source = try Directory.open("/").referenceInRoot(PathBytes(String(point.source.drop { $0 == "/" })))
        let facts = HostFacts.text(FilePath("/proc/self/fdinfo/\(source.raw)")) ?? ""
        let table = HostFacts.text("/proc/self/mountinfo", limit: 16 << 20) ?? ""
        let id = facts.split(separator: "\n").first { $0.hasPrefix("mnt_id:") }?
            .dropFirst(7).drop { $0 == "\t" || $0 == " " }
        guard let id, let mount = mount(String(id), in: table) else { return }
        let isShared = mount.tags.contains { $0.hasPrefix("shared:") }
        if isShared { return }
        if point.propagation.hasSuffix("shared") {
            throw refusal(point, mount.point, "it is not a shared mount")
        }
        if !mount.tags.contains(where: { $0.hasPrefix("master:") }) {
            throw refusal(point, mount.point, "it is not a shared or slave mount")
        }
    }

    private static func refusal(_ point: MountPoint, _ mount: String, _ why: String) -> PlainFailure {
        PlainFailure(
            .invalidArgument,
            "path \(point.source) is mounted on \(mount) but \(why)",
            hint: "mount --make-shared \(mount)"
        )
    }

    /// The mount with this number in the text of `/proc/self/mountinfo`: its point and its optional fields.
    static func mount(_ id: String, in table: String) -> (point: String, tags: [String])? {
        for line in table.split(separator: "\n") where line.hasPrefix(id + " ") {
            let fields = line.split(separator: " ").map(String.init)
            guard let dash = fields.firstIndex(of: "-"), dash >= 6 else { return nil }
            return (fields[4], Array(fields[6..<dash]))
        }
        return nil
    }
}

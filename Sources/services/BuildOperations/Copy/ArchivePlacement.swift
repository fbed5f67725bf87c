import LinuxSystem
import Reporting
import TarFormat

/// Where the members of an unpacked archive go in the layer.
///
/// The layer must give what unpacking into the mounted file system would: a member below a symbolic link of the file
/// system goes where the link leads, and a directory that is only implied by a name keeps the attributes it has below.
struct ArchivePlacement {
    private let top: PathBytes
    private let destination: Destination
    /// The directories that the layer has, by their path.
    private var made: Set<TarPath>
    /// Where the parents of members lead.
    private var resolved: [PathBytes: PathBytes] = [:]

    init(top: PathBytes, destination: Destination, plan: CopyPlan) {
        self.top = top
        self.destination = destination
        made = Set(plan.items.compactMap { $0.entry.kind == .directory ? $0.entry.path : nil })
    }

    /// The directories that must come first, and the member's own path; nil for the archive's top, which is there.
    mutating func place(_ entry: inout TarEntry) throws -> (parents: [TarEntry], place: TarPath?) {
        let name = try Self.confined(entry.path)
        if name.bytes.isEmpty { return ([], nil) }
        if case .hardLink(let target) = entry.kind {
            let linked = try Self.confined(target)
            let holder = try holder(of: linked)
            entry.kind = .hardLink(TarPath(bytes: holder.appending(linked.lastName).bytes))
        }
        let holder = try holder(of: name)
        var plan = CopyPlan()
        for path in holder.ancestors + (holder.bytes.isEmpty ? [] : [holder])
        where made.insert(TarPath(bytes: path.bytes)).inserted {
            try destination.addDirectory(path, to: &plan)
        }
        let place = TarPath(bytes: holder.appending(name.lastName).bytes)
        if entry.kind == .directory { made.insert(place) }
        return (plan.items.map(\.entry), place)
    }

    /// The directory that a member is put into.
    private mutating func holder(of name: PathBytes) throws -> PathBytes {
        let parent = top.appending(PathBytes(kept: Array(name.components.dropLast())))
        if made.contains(TarPath(bytes: parent.bytes)) { return parent }
        if let known = resolved[parent] { return known }
        let real = try destination.resolve(parent)
        resolved[parent] = real
        return real
    }

    /// The name relative to the archive's top; one that leads out of it is refused.
    private static func confined(_ path: TarPath) throws -> PathBytes {
        if path.hasParentComponent {
            throw PlainFailure(.corrupt, "archive member \"\(path)\": name leads out of the archive")
        }
        return PathBytes(path.bytes).clipped
    }
}

import LinuxSystem
import SnapshotStorage
package import SystemPackage

/// What a store takes on disk, part by part, in the disk's own numbers: their sum is what `du` says of the root folder.
package struct StoreUsage: Sendable, Hashable {
    /// A folder of the store, or the database with its log.
    package struct Part: Sendable, Hashable {
        package var name: String
        /// In bytes, directories too.
        package var allocated: Int64 = 0
    }

    /// The largest first.
    package private(set) var parts: [Part] = []
    package var allocated: Int64 { parts.reduce(0) { $0 + $1.allocated } }

    /// Walks through the whole store.
    package init(root: FilePath) throws {
        let folder = try Directory.open(root)
        var own = Usage()
        own.add(try folder.status())
        var sums = ["store": own]
        for entry in try folder.entries() {
            // What vanishes meanwhile takes no space.
            guard let status = try folder.status(entry.name) else { continue }
            let name = Self.part(entry.name.description)
            var usage = try Usage(of: entry.name, in: folder)
            if status.kind != .directory { usage.add(status) }
            sums[name] = sums[name, default: Usage()] + usage
        }
        parts = sums.map { Part(name: $0.key, allocated: $0.value.allocated) }
            .sorted { ($1.allocated, $0.name) < ($0.allocated, $1.name) }
    }

    /// The database is three files; what else lies about beside the folders belongs to the store itself.
    private static func part(_ name: String) -> String {
        if name.hasPrefix("socle.db") { return "database" }
        return name.hasPrefix(".") || name == "index.json" || name == "oci-layout" ? "store" : name
    }
}

package import TarFormat

/// What a layer holds, counted while it was applied, checked or made.
package struct LayerUsage: Sendable, Hashable {
    /// Entries of the archive, whiteouts included.
    package var entries: Int64 = 0
    /// The sizes of its files, holes included.
    package var bytes: Int64 = 0
    /// Extended attributes that the file system or a user namespace did not take.
    package var refusedAttributes = 0

    package init() {}

    /// Counts an entry as Docker does: files by their size, symbolic links by the length of their targets.
    package mutating func count(_ entry: TarEntry) {
        entries += 1
        if case .symbolicLink(let target) = entry.kind {
            bytes &+= Int64(target.bytes.count)
        } else {
            bytes &+= entry.size
        }
    }
}

/// What a layer may cost.
package struct LayerLimits: Sendable, Hashable {
    /// Of the archive itself.
    package var archive = TarLimits.standard
    /// The sum of the sizes of all files, holes not included.
    package var bytes: Int64 = 1 << 44

    package init() {}

    package static let standard = LayerLimits()
}

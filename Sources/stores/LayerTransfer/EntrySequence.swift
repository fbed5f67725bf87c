import ByteStreams
import TarFormat

/// The entries of a layer's archive one after another, with their names checked and their sizes counted.
final class EntrySequence {
    let reader: TarReader
    private let limits: LayerLimits
    /// Whether names are only names: what isn't a layer hides nothing.
    private let isPlain: Bool
    private(set) var usage = LayerUsage()
    private var storedBytes: Int64 = 0

    init(_ source: any ByteSource, limits: LayerLimits, isPlain: Bool = false) {
        self.isPlain = isPlain
        reader = TarReader(source, limits: limits.archive)
        self.limits = limits
    }

    /// The next entry; nil at the end, when the source was read to its end too.
    func next() throws(LayerError) -> (entry: TarEntry, name: LayerName)? {
        guard let entry = try readNext() else { return nil }
        let name = try LayerName(entry.path, isPlain: isPlain)
        if case .hardLink(let target) = entry.kind { try check(target: target, of: entry) }
        if name.role == .root, entry.kind != .directory {
            throw LayerError(.hostile("the root is no directory"), path: entry.path)
        }
        // Each is below 1 << 63: stored bytes are below the limit before, and the reader bounds one file.
        storedBytes += entry.storedSize
        if storedBytes > limits.bytes {
            throw LayerError(.tooLarge(what: "the size of all files", limit: limits.bytes))
        }
        usage.count(entry)
        return (entry, name)
    }

    /// Notes an extended attribute that could not be set.
    func countRefusedAttribute() { usage.refusedAttributes += 1 }

    private func readNext() throws(LayerError) -> TarEntry? {
        do throws(TarError) {
            if let entry = try reader.next() { return entry }
            try reader.finish()
            return nil
        } catch { throw LayerError(.archive(error)) }
    }

    /// The target of a hard link is a name like any other, and must be something that can have two names.
    private func check(target: TarPath, of entry: TarEntry) throws(LayerError) {
        let name: LayerName
        do throws(LayerError) { name = try LayerName(target, isPlain: isPlain) } catch {
            throw LayerError(.hostile("hard link to \"\(target)\": \(error.detail)"), path: entry.path)
        }
        if name.role != .entry { throw LayerError(.hostile("hard link to \"\(target)\""), path: entry.path) }
    }
}

extension LayerError {
    /// What is wrong, without the entry's name.
    fileprivate var detail: String {
        var plain = self
        plain.path = nil
        return plain.description
    }
}

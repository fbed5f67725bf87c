package import ByteStreams
import LinuxSystem
import TarFormat

/// Collects what an index says of a layer, in the order of its archive.
struct LayerIndexBuilder {
    private var entries: [[UInt8]: LayerIndex.Entry] = [:]
    private var isOdd = false
    /// The directory whose parents were looked at last.
    private var latestParent: [UInt8]?

    /// Takes one member; `content` are the bytes of a file that are kept.
    mutating func add(_ member: TarEntry, _ name: LayerName, content: [UInt8]? = nil) {
        if isOdd || name.role == .ignored { return }
        if name.role == .root { return set(directory: member, at: []) }
        guard addParents(of: name, for: member) else {
            isOdd = true
            return
        }
        let path = name.normalized
        switch name.role {
        case .root, .ignored: break
        case .opaque: hide(name.prefix(name.parents.count), member)
        case .whiteout:
            if case .directory = entries[path] {
                hide(path, member)
            } else if entries[path] == nil {
                entries[path] = .whiteout
            }
        case .entry: add(member, at: path, content)
        }
    }

    private mutating func add(_ member: TarEntry, at path: [UInt8], _ content: [UInt8]?) {
        if member.kind == .directory { return set(directory: member, at: path) }
        // What becomes of what was in the directory is for unpacking to tell.
        if case .directory = entries[path] { isOdd = true }
        switch member.kind {
        case .directory: break
        case .file: entries[path] = .file(content)
        case .symbolicLink(let target): entries[path] = .link(target: PathBytes(target.bytes))
        case .fifo, .blockDevice: entries[path] = .other
        // Overlay takes this device for its own mark.
        case .characterDevice(let major, let minor): entries[path] = major == 0 && minor == 0 ? .whiteout : .other
        case .hardLink(let target):
            // The name was checked when the member was read.
            let first = (try? LayerName(target)).flatMap { entries[$0.normalized] }
            switch first {
            case .file, .link, .other: entries[path] = first
            case nil, .directory, .whiteout: isOdd = true
            }
        }
    }

    private mutating func set(directory member: TarEntry, at path: [UInt8]) {
        var attributes = LayerIndex.Attributes(
            mode: member.mode & 0o7777,
            uid: member.uid,
            gid: member.gid,
            modified: FileTime(seconds: member.modified.seconds, nanoseconds: member.modified.nanoseconds),
            extended: member.xattrs.map { LayerIndex.Extended(name: PathBytes($0.name), value: $0.value) }
        )
        switch entries[path] {
        case .directory(let before): attributes.isOpaque = before.isOpaque
        // The layers below stay hidden.
        case .whiteout: attributes.isOpaque = true
        case nil, .link, .file, .other: break
        }
        entries[path] = .directory(attributes)
    }

    private mutating func hide(_ path: [UInt8], _ member: TarEntry) {
        if entries[path] == nil, path.isEmpty { entries[path] = implied(by: member) }
        guard case .directory(var attributes) = entries[path] else { return }
        attributes.isOpaque = true
        entries[path] = .directory(attributes)
    }

    /// Notes the directories that the archive uses and doesn't have (yet); false where one of them is something else.
    private mutating func addParents(of name: LayerName, for member: TarEntry) -> Bool {
        let parent = name.prefix(name.parents.count)
        if parent == latestParent { return true }
        for count in stride(from: 1, through: name.parents.count, by: 1) {
            let path = name.prefix(count)
            switch entries[path] {
            case .directory: continue
            case nil: entries[path] = implied(by: member)
            case .whiteout:
                guard case .directory(var made) = implied(by: member) else { return false }
                (made.isOpaque, made.isImplied) = (true, false)
                entries[path] = .directory(made)
            case .link, .file, .other: return false
            }
        }
        latestParent = parent
        return true
    }

    private func implied(by member: TarEntry) -> LayerIndex.Entry {
        let time = FileTime(seconds: member.modified.seconds, nanoseconds: member.modified.nanoseconds)
        return .directory(LayerIndex.Attributes(mode: 0o755, modified: time, isImplied: true))
    }

    /// An implied directory below an opaque one would be like one that is hidden.
    private var hidesWhatIsImplied: Bool {
        let opaque = entries.filter { if case .directory(let found) = $1 { found.isOpaque } else { false } }
        if opaque.isEmpty { return false }
        return entries.contains { path, entry in
            guard case .directory(let found) = entry, found.isImplied else { return false }
            return opaque[[]] != nil
                || path.indices.contains { path[$0] == UInt8(ascii: "/") && opaque[Array(path[..<$0])] != nil }
        }
    }

    // MARK: - The result

    /// The index; an odd one where the layer is odd.
    consuming func finish() -> LayerIndex? {
        if isOdd || hidesWhatIsImplied { return LayerIndex(bytes: Self.encode([], isOdd: true)) }
        let sorted = entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return LayerIndex(bytes: Self.encode(sorted.map { ($0.key, $0.value) }, isOdd: false))
    }

    private static func encode(_ entries: [(path: [UInt8], entry: LayerIndex.Entry)], isOdd: Bool) -> [UInt8] {
        var records = IndexWriter()
        var places = IndexWriter()
        let start = LayerIndex.headSize + entries.count * 4
        for (path, entry) in entries {
            places.number(start + records.bytes.count, 4)
            records.text(path, 2)
            records.entry(entry)
        }
        var whole = IndexWriter()
        whole.bytes = LayerIndex.magic
        whole.number(isOdd ? 1 : 0, 4)
        whole.number(entries.count, 4)
        whole.bytes += places.bytes + records.bytes
        return whole.bytes + SHA256Hasher.hash(whole.bytes)
    }
}

extension LayerIndex {
    /// Reads a layer's uncompressed archive to its end and collects what it says of names.
    package static func make(
        of source: any ByteSource,
        limits: LayerLimits = .standard
    ) throws(LayerError) -> LayerIndex {
        let sequence = EntrySequence(source, limits: limits)
        var builder = LayerIndexBuilder()
        while let (entry, name) = try sequence.next() {
            let isKept = entry.kind == .file && entry.size <= largestKept && kept.contains(name.normalized)
            builder.add(entry, name, content: isKept ? try body(of: sequence.reader, entry) : nil)
        }
        guard let index = builder.finish() else {
            throw LayerError(.tooLarge(what: "the size of the layer's index", limit: Int64(largest)))
        }
        return index
    }

    private static func body(of reader: TarReader, _ entry: TarEntry) throws(LayerError) -> [UInt8] {
        let sink = MemorySink(limit: Int(largestKept))
        do { try reader.body(into: sink) } catch { throw LayerError(.archive(error), path: entry.path) }
        return sink.bytes
    }
}

/// Puts an index together.
private struct IndexWriter {
    var bytes: [UInt8] = []

    mutating func number(_ value: some BinaryInteger, _ size: Int) {
        for place in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> (place * 8))) }
    }

    mutating func text(_ text: [UInt8], _ size: Int) {
        number(text.count, size)
        bytes += text
    }

    mutating func entry(_ entry: LayerIndex.Entry) {
        switch entry {
        case .directory(let attributes):
            bytes.append(1)
            directory(attributes)
        case .link(let target):
            bytes.append(2)
            text(target.bytes, 2)
        case .file(nil): bytes.append(3)
        case .file(let content?):
            bytes.append(4)
            text(content, 4)
        case .other: bytes.append(5)
        case .whiteout: bytes.append(6)
        }
    }

    private mutating func directory(_ attributes: LayerIndex.Attributes) {
        number((attributes.isOpaque ? 1 : 0) + (attributes.isImplied ? 2 : 0), 1)
        number(attributes.mode, 2)
        number(attributes.uid, 4)
        number(attributes.gid, 4)
        number(attributes.modified.seconds, 8)
        number(attributes.modified.nanoseconds, 4)
        number(attributes.extended.count, 2)
        for attribute in attributes.extended {
            text(attribute.name.bytes, 2)
            text(attribute.value, 4)
        }
    }
}

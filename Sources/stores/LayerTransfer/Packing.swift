import ByteStreams
import LinuxSystem
import SystemPackage
import TarFormat

/// One layer in the making: the archive so far, and the files that have a name in it.
struct Packing: ~Copyable {
    private var writer: TarWriter
    private let sink: CoalescingSink
    /// Whether the archive is a layer, in which some names and files are marks.
    private let isLayer: Bool
    var entries: EntryDescriber
    private let isInLower: LayerDiff.IsInLower?
    private var usage = LayerUsage()
    private var buffer = [UInt8](repeating: 0, count: 262_144)

    init(_ sink: any ByteSink, clamp: Int64?, isInLower: LayerDiff.IsInLower?, isLayer: Bool = true) {
        self.sink = CoalescingSink(sink)
        writer = TarWriter(to: self.sink)
        self.isLayer = isLayer
        entries = EntryDescriber(clamp: clamp)
        self.isInLower = isInLower
    }

    /// Adds what has a name; true where it is a directory, whose names come next.
    ///
    /// Whether a directory hides what is below it is said by its attributes, or by `isOpaque` where the caller knows.
    @discardableResult
    mutating func add(
        _ name: PathBytes,
        path: [UInt8],
        in directory: borrowing Directory,
        isOpaque: Bool? = nil
    ) throws(LayerError) -> Bool {
        let (status, attributes) = try EntryDescriber.look(name, path, in: directory)
        guard let status else { return false }
        let path = TarPath(bytes: path)
        if isLayer {
            if status.isWhiteout {
                try append(mark(LayerName.whiteoutPrefix + name.bytes, beside: path))
                return false
            }
            if name.bytes.starts(with: LayerName.whiteoutPrefix) {
                throw LayerError(.unsupported("a name that begins with \".wh.\" can't be in a layer"), path: path)
            }
            if attributes.contains(where: { OverlayAttribute.movesContents($0.name) }) {
                throw LayerError(.unsupported("the overlay was mounted with redirections"), path: path)
            }
        }
        guard let entry = try entries.entry(status, attributes, name, path, in: directory) else { return false }
        let kind = entry.kind
        if case .hardLink = kind {
            try append(entry)
            return false
        }
        try append(entry)
        if kind == .file { try copy(name, entry, status, in: directory) }
        if kind == .directory, isOpaque == nil, isLayer { try addOpaqueMark(attributes, in: path) }
        if kind == .directory, isOpaque == true { try append(opaqueMark(in: path)) }
        return kind == .directory
    }

    /// Adds a directory that is in no file system.
    mutating func addDirectory(_ path: [UInt8]) throws(LayerError) {
        var entry = TarEntry(TarPath(bytes: path), kind: .directory, mode: 0o755)
        entry.modified = TarTime(seconds: entries.clamp ?? 0)
        try append(entry)
    }

    /// Begins another file system: files that it shares with one before are written again.
    mutating func beginTree() { entries.beginTree() }

    /// Ends the archive.
    consuming func finish() throws(LayerError) -> LayerUsage {
        let (sink, usage) = (sink, usage)
        do {
            try writer.finish()
        } catch { throw LayerError(.archive(error)) }
        do { try sink.flush() } catch { throw LayerError(.archive(TarError(.stream(error), offset: 0))) }
        return usage
    }

    // MARK: - Writing

    private mutating func append(_ entry: TarEntry) throws(LayerError) {
        if entry.path.bytes.count > TarLimits.standard.pathBytes {
            throw LayerError(.unsupported("the path is longer than \(TarLimits.standard.pathBytes) bytes"))
        }
        do { try writer.append(entry) } catch { throw LayerError(.archive(error), path: entry.path) }
        usage.count(entry)
    }

    /// An empty file that says something about its directory. It has no time of its own, so that it is always the same.
    private func mark(_ name: [UInt8], beside path: TarPath) -> TarEntry {
        let cut = path.bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        return TarEntry(TarPath(bytes: path.bytes[..<cut] + name), kind: .file, mode: 0o600)
    }

    private func opaqueMark(in path: TarPath) -> TarEntry {
        mark(LayerName.opaqueMark, beside: TarPath(bytes: path.bytes + [UInt8(ascii: "/")]))
    }

    private mutating func addOpaqueMark(_ attributes: [TarEntry.XAttr], in path: TarPath) throws(LayerError) {
        for attribute in attributes where OverlayAttribute.isOne(attribute.name) {
            let name = PathBytes(attribute.name)
            guard name == OverlayAttribute.trustedOpaque || name == OverlayAttribute.userOpaque,
                attribute.value == Unpacking.opaqueValue
            else { continue }
            if let isInLower {
                let isMeant = try LayerDiff.system(path.bytes) { () throws(SystemError) in
                    try isInLower(PathBytes(path.bytes))
                }
                if !isMeant { continue }
            }
            try append(opaqueMark(in: path))
        }
    }

    private mutating func copy(
        _ name: PathBytes,
        _ entry: TarEntry,
        _ status: FileStatus,
        in directory: borrowing Directory
    ) throws(LayerError) {
        if entry.size == 0 { return }
        let file: OwnedDescriptor
        do {
            file =
                isLayer
                ? try directory.open(name, flags: FileDescriptor.AccessMode.readOnly.rawValue)
                : try EntryDescriber.open(name, status, in: directory)
        } catch {
            throw LayerError(.system(error), path: entry.path)
        }
        var buffer: [UInt8] = []
        swap(&buffer, &self.buffer)
        defer { swap(&buffer, &self.buffer) }
        var left = entry.size
        while left > 0 {
            let count: Int
            do { count = try DescriptorIO.read(file.raw, into: &buffer) } catch {
                throw LayerError(.system(error), path: entry.path)
            }
            if count == 0 {
                throw LayerError(.unsupported("the file became shorter while it was read"), path: entry.path)
            }
            let used = Int(min(Int64(count), left))
            do { try writer.write(buffer.span.extracting(0..<used)) } catch {
                throw LayerError(.archive(error), path: entry.path)
            }
            left -= Int64(used)
        }
    }
}

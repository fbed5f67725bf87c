import ByteStreams
import LinuxSystem
import SystemPackage
import TarFormat

/// One layer in the making: the archive so far, and the files that have a name in it.
struct Packing: ~Copyable {
    private var writer: TarWriter
    private let sink: CoalescingSink
    private let clamp: Int64?
    private let isInLower: LayerDiff.IsInLower?
    private var usage = LayerUsage()
    /// The first names of files that have several.
    private var firstNames: [FileStatus.Identity: TarPath] = [:]
    private var buffer = [UInt8](repeating: 0, count: 262_144)

    init(_ sink: any ByteSink, clamp: Int64?, isInLower: LayerDiff.IsInLower?) {
        self.sink = CoalescingSink(sink)
        writer = TarWriter(to: self.sink)
        self.clamp = clamp
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
        let (status, attributes) = try Self.look(name, path, in: directory)
        guard let status else { return false }
        let path = TarPath(bytes: path)
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
        guard let kind = try kind(of: status, name, path, in: directory) else { return false }
        var entry = TarEntry(path, kind: kind, mode: status.permissions)
        entry.uid = status.uid
        entry.gid = status.gid
        entry.modified = time(status.modified)
        if case .hardLink = kind {
            try append(entry)
            return false
        }
        entry.xattrs = attributes.filter { Self.belongsInLayer($0.name) }
        if kind == .file { entry.size = status.size }
        try append(entry)
        if kind == .file { try copy(name, entry, in: directory) }
        if kind == .directory, isOpaque == nil { try addOpaqueMark(attributes, in: path) }
        if kind == .directory, isOpaque == true { try append(opaqueMark(in: path)) }
        return kind == .directory
    }

    /// Adds a directory that is in no file system.
    mutating func addDirectory(_ path: [UInt8]) throws(LayerError) {
        var entry = TarEntry(TarPath(bytes: path), kind: .directory, mode: 0o755)
        entry.modified = TarTime(seconds: clamp ?? 0)
        try append(entry)
    }

    /// Begins another file system: files that it shares with one before are written again.
    mutating func beginTree() { firstNames = [:] }

    /// Ends the archive.
    consuming func finish() throws(LayerError) -> LayerUsage {
        let (sink, usage) = (sink, usage)
        do {
            try writer.finish()
        } catch { throw LayerError(.archive(error)) }
        do { try sink.flush() } catch { throw LayerError(.archive(TarError(.stream(error), offset: 0))) }
        return usage
    }

    // MARK: - Looking

    private static func look(
        _ name: PathBytes,
        _ path: [UInt8],
        in directory: borrowing Directory
    ) throws(LayerError) -> (FileStatus?, [TarEntry.XAttr]) {
        do throws(SystemError) {
            guard let status = try directory.status(name) else { return (nil, []) }
            if status.isWhiteout { return (status, []) }
            var attributes: [TarEntry.XAttr] = []
            for attribute in try directory.attributeNames(of: name) {
                guard let value = try directory.attribute(attribute, of: name) else { continue }
                attributes.append(TarEntry.XAttr(name: attribute.bytes, value: value))
            }
            return (status, attributes)
        } catch { throw LayerError(.system(error), path: TarPath(bytes: path)) }
    }

    /// What a status is in an archive; nil for sockets, which mean nothing without the process that listens.
    private mutating func kind(
        of status: FileStatus,
        _ name: PathBytes,
        _ path: TarPath,
        in directory: borrowing Directory
    ) throws(LayerError) -> TarEntry.Kind? {
        if status.kind == .directory { return .directory }
        if status.kind == .socket { return nil }
        if status.linkCount > 1 {
            if let first = firstNames[status.identity] { return .hardLink(first) }
            firstNames[status.identity] = path
        }
        let device = status.rawDevice
        switch status.kind {
        case .directory, .socket: return nil
        case .file: return .file
        case .fifo: return .fifo
        case .characterDevice: return .characterDevice(major: device.major, minor: device.minor)
        case .blockDevice: return .blockDevice(major: device.major, minor: device.minor)
        case .symbolicLink:
            do { return .symbolicLink(TarPath(bytes: try directory.readLink(name))) } catch {
                throw LayerError(.system(error), path: path)
            }
        }
    }

    /// What goes with the files: capabilities, access control lists, the user's own. Labels belong to the machine, the
    /// kernel's books to the mount.
    private static func belongsInLayer(_ attribute: [UInt8]) -> Bool {
        if OverlayAttribute.isOne(attribute) { return false }
        return attribute.starts(with: "user.".utf8) || attribute.starts(with: "system.posix_acl_".utf8)
            || attribute.elementsEqual("security.capability".utf8)
    }

    private func time(_ time: FileTime) -> TarTime {
        if let clamp, time.seconds >= clamp { return TarTime(seconds: clamp) }
        return TarTime(seconds: time.seconds, nanoseconds: time.nanoseconds)
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
        in directory: borrowing Directory
    ) throws(LayerError) {
        if entry.size == 0 { return }
        let file: OwnedDescriptor
        do { file = try directory.open(name, flags: FileDescriptor.AccessMode.readOnly.rawValue) } catch {
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

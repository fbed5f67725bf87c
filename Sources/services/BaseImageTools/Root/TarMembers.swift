import ByteStreams
import LinuxSystem
import TarFormat

/// Layers as they lie in the store, uncompressed tars, seen as the top of a file system without unpacking them.
///
/// Only headers are read. What such layers hide of the layers below is known too.
struct TarMembers {
    /// One thing in a layer.
    struct Member: Sendable, Hashable {
        var kind: FileStatus.Kind
        var mode: UInt32
        var uid: UInt32
        var gid: UInt32
        var size: Int64
        /// Where a symbolic link leads.
        var target: [UInt8] = []
        var hasCapabilities = false
        /// Which layer holds the bytes, and where.
        var layer = 0
        var offset: Int64 = 0
    }

    /// What the layers say of a path.
    enum Place {
        case member(Member)
        /// A directory that only names in it tell of; what is below may say more.
        case implied
        /// Something above is no directory, or the layers below are hidden.
        case hidden
        /// Nothing: ask what is below.
        case below
    }

    private var blobs: [SharedDescriptor] = []
    private var members: [PathBytes: Member] = [:]
    private var implied: Set<PathBytes> = []
    /// Names whose place in the layers below doesn't count any more.
    private var cut: Set<PathBytes> = []
    private var children: [PathBytes: Set<PathBytes>] = [:]

    /// Adds a layer on top; false where it can't be read this way: it is compressed, has sparse files, or more than
    /// `limit` members.
    mutating func add(_ blob: consuming OwnedDescriptor, size: Int64, limit: Int) throws(TarError) -> Bool {
        let shared = SharedDescriptor(blob)
        let magic = FileBytes(shared, count: size)
        guard let block = try? magic.bytes(at: 257, count: 5), block == Array("ustar".utf8) else { return false }
        blobs.append(shared)
        let reader = TarReader(RangeSource(shared, count: size))
        var layer: [PathBytes: Member] = [:]
        var count = 0
        while let entry = try reader.next() {
            count += 1
            guard count <= limit, entry.sparse == nil, !entry.path.hasParentComponent else { return false }
            add(entry, at: reader.offset, to: &layer)
        }
        return true
    }

    private mutating func add(_ entry: TarEntry, at offset: Int64, to layer: inout [PathBytes: Member]) {
        let names = entry.path.components.map { PathBytes($0) }
        guard let last = names.last else { return }
        var folder: PathBytes = "/"
        for name in names.dropLast() {
            let place = folder.below(name)
            children[folder, default: []].insert(name)
            if let member = members[place], member.kind != .directory { remove(place) }
            if members[place] == nil { implied.insert(place) }
            folder = place
        }
        let mark = Array(".wh.".utf8)
        if last == ".wh..wh..opq" {
            for name in children[folder] ?? [] where layer[folder.below(name)] == nil { remove(folder.below(name)) }
            cut.insert(folder)
        } else if last.bytes.starts(with: mark) {
            let place = folder.below(PathBytes(last.bytes.dropFirst(mark.count)))
            remove(place)
            cut.insert(place)
        } else {
            let place = folder.below(last)
            guard let member = Member(entry, layer: blobs.count - 1, offset: offset, links: members) else { return }
            if member.kind != .directory {
                remove(place)
                cut.insert(place)
            }
            members[place] = member
            layer[place] = member
            implied.remove(place)
            children[folder, default: []].insert(last)
        }
    }

    private mutating func remove(_ place: PathBytes) {
        for name in children.removeValue(forKey: place) ?? [] { remove(place.below(name)) }
        members[place] = nil
        implied.remove(place)
        if let (_, name) = place.splitAtLast { children[place.parent]?.remove(name) }
    }

    // MARK: - Looking

    func look(_ path: PathBytes) -> Place {
        if let member = members[path] { return .member(member) }
        let isCut = hidesTrees(path)
        if implied.contains(path) { return isCut ? .member(Member.directory) : .implied }
        return isCut ? .hidden : .below
    }

    /// Whether nothing of the layers below shows at a path.
    func hidesTrees(_ path: PathBytes) -> Bool {
        if cut.isEmpty { return false }
        var place = path
        while place != "/" {
            if cut.contains(place) { return true }
            place = place.parent
        }
        return cut.contains("/")
    }

    func names(in folder: PathBytes) -> Set<PathBytes> { children[folder] ?? [] }

    func bytes(of member: Member) -> FileBytes? {
        guard member.kind == .file, blobs.indices.contains(member.layer) else { return nil }
        return FileBytes(blobs[member.layer], start: member.offset, count: member.size)
    }
}

extension TarMembers.Member {
    static let directory = TarMembers.Member(kind: .directory, mode: 0o755, uid: 0, gid: 0, size: 0)

    /// nil for a link to something that isn't there.
    init?(_ entry: TarEntry, layer: Int, offset: Int64, links: [PathBytes: TarMembers.Member]) {
        var kind = FileStatus.Kind.file
        var target: [UInt8] = []
        switch entry.kind {
        case .file: kind = .file
        case .directory: kind = .directory
        case .fifo: kind = .fifo
        case .symbolicLink(let path): (kind, target) = (.symbolicLink, path.bytes)
        case .characterDevice: kind = .characterDevice
        case .blockDevice: kind = .blockDevice
        case .hardLink(let path):
            let place = PathBytes([UInt8(ascii: "/")] + path.components.joined(separator: [UInt8(ascii: "/")]))
            guard let same = links[place] else { return nil }
            self = same
            return
        }
        self.init(kind: kind, mode: entry.mode, uid: entry.uid, gid: entry.gid, size: entry.size, target: target)
        hasCapabilities = entry.xattrs.contains { $0.name == Array("security.capability".utf8) }
        self.layer = layer
        self.offset = offset
    }
}

/// A blob from front to back, whose bytes can be passed over unread.
private final class RangeSource: SkippableSource {
    private let file: SharedDescriptor
    private let count: Int64
    private var position: Int64 = 0

    init(_ file: SharedDescriptor, count: Int64) {
        self.file = file
        self.count = count
    }

    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        // A header and what is beside it: who wants bodies reads them elsewhere.
        let room = min(buffer.count - start, 4096)
        let wanted = Int(min(Int64(room), count - position))
        if wanted <= 0 { return 0 }
        do throws(SystemError) {
            let bytes = try DescriptorIO.read(file.descriptor.raw, at: position, count: wanted)
            buffer.replaceSubrange(start..<start + bytes.count, with: bytes)
            position += Int64(bytes.count)
            return bytes.count
        } catch {
            throw StreamError(.system(error), subject: "layer")
        }
    }

    func skip(_ count: Int64) -> Bool {
        guard count <= self.count - position else { return false }
        position += count
        return true
    }
}

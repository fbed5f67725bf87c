import ByteStreams
package import LinuxSystem

/// What a layer says of names, without its files: enough to know what a layer on top of it would meet.
///
/// It is made in one pass over the layer's archive, and answers as the unpacked layer would. Layers that only unpacking can
/// tell the result of (a member below a link, a directory that becomes a file) are `isOdd`, and answer nothing.
package struct LayerIndex: Sendable {
    /// What the layer has under a name.
    package enum Entry: Sendable, Hashable {
        /// Hides the name in the layers below.
        case whiteout
        case directory(Attributes)
        case link(target: PathBytes)
        /// With its bytes where they are kept.
        case file([UInt8]?)
        /// A device, a FIFO.
        case other
    }

    /// What a directory is like.
    package struct Attributes: Sendable, Hashable {
        package var mode: UInt32
        package var uid: UInt32 = 0
        package var gid: UInt32 = 0
        package var modified: FileTime
        package var extended: [Extended] = []
        /// Whether it hides what the layers below have in it.
        package var isOpaque = false
        /// Whether the archive only uses it: it is like the directory of the layers below, if they have one.
        package var isImplied = false
    }

    /// An extended attribute.
    package struct Extended: Sendable, Hashable {
        package var name: PathBytes
        package var value: [UInt8]

        package init(name: PathBytes, value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    /// As it is kept: see `docs/formats/layer-index.md`.
    package let bytes: [UInt8]
    package let count: Int
    package let isOdd: Bool

    /// Files whose bytes are kept, with the size up to which they are: who owns what is looked up in them.
    static let kept: Set<[UInt8]> = [Array("etc/passwd".utf8), Array("etc/group".utf8)]
    static let largestKept: Int64 = 10 << 20
    /// No more than this is read of a kept index.
    package static let largest = 1 << 28

    /// Reads a kept index; nil for what isn't a whole one of this version.
    package init?(bytes: [UInt8]) {
        var reader = IndexReader(bytes)
        guard bytes.count >= Self.headSize + Self.sumSize, bytes.starts(with: Self.magic),
            SHA256Hasher.hash(Array(bytes.dropLast(Self.sumSize))).elementsEqual(bytes.suffix(Self.sumSize))
        else { return nil }
        reader.position = Self.magic.count
        guard let flags = reader.number(4), let count = reader.number(4),
            count <= UInt64(bytes.count - Self.headSize) / 4
        else { return nil }
        self.bytes = bytes
        self.count = Int(count)
        isOdd = flags & 1 != 0
    }

    static let magic = Array("SOCLEIX1".utf8)
    static let headSize = 16
    static let sumSize = 32

    // MARK: - Questions

    /// What the layer has at a path relative to its top, without links, `.` and `..`; nil where it has nothing.
    package func entry(at path: [UInt8]) -> Entry? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            guard var reader = record(middle), let name = reader.text(2) else { return nil }
            if name.elementsEqual(path) { return reader.entry() }
            if name.lexicographicallyPrecedes(path) { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// All entries in the order of their paths; ends where the index is damaged.
    package var entries: [(path: PathBytes, entry: Entry)] {
        var found: [(path: PathBytes, entry: Entry)] = []
        for index in 0..<count {
            guard var reader = record(index), let name = reader.text(2), let entry = reader.entry() else { break }
            found.append((PathBytes(name), entry))
        }
        return found
    }

    private func record(_ index: Int) -> IndexReader? {
        var reader = IndexReader(bytes)
        reader.position = Self.headSize + index * 4
        guard let place = reader.number(4) else { return nil }
        reader.position = Int(place)
        return reader
    }
}

/// Takes a kept index apart; whatever lies beyond its end is nil.
struct IndexReader {
    private let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next `size` bytes as a number, lowest first.
    mutating func number(_ size: Int) -> UInt64? {
        guard let part = take(size) else { return nil }
        return part.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Bytes behind their length, which takes `size` bytes.
    mutating func text(_ size: Int) -> ArraySlice<UInt8>? {
        guard let length = number(size), length <= UInt64(bytes.count) else { return nil }
        return take(Int(length))
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard position >= 0, position <= bytes.count, count <= bytes.count - position else { return nil }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// A record behind its path.
    mutating func entry() -> LayerIndex.Entry? {
        switch number(1) {
        case 1: attributes().map { .directory($0) }
        case 2: text(2).map { .link(target: PathBytes($0)) }
        case 3: .file(nil)
        case 4: text(4).map { .file(Array($0)) }
        case 5: .other
        case 6: .whiteout
        default: nil
        }
    }

    private mutating func attributes() -> LayerIndex.Attributes? {
        guard let flags = number(1), let mode = number(2), let uid = number(4), let gid = number(4),
            let seconds = number(8), let nanoseconds = number(4), nanoseconds < 1_000_000_000, let count = number(2)
        else { return nil }
        var found = LayerIndex.Attributes(
            mode: UInt32(mode),
            uid: UInt32(uid),
            gid: UInt32(gid),
            modified: FileTime(seconds: Int64(bitPattern: seconds), nanoseconds: Int32(nanoseconds))
        )
        found.isOpaque = flags & 1 != 0
        found.isImplied = flags & 2 != 0
        for _ in 0..<count {
            guard let name = text(2), let value = text(4) else { return nil }
            found.extended.append(LayerIndex.Extended(name: PathBytes(name), value: Array(value)))
        }
        return found
    }
}

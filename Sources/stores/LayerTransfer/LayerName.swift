import LinuxSystem
import TarFormat

/// The name of a layer's entry, checked and taken apart: the one place that decides which names are acceptable.
///
/// Absolute names are relative to the layer's root, empty parts and `.` don't count. `..` has no business in a layer, and
/// neither have whiteouts of `.`, `..` or nothing.
struct LayerName {
    /// What the last part asks for.
    enum Role: Hashable {
        /// The layer's root itself.
        case root
        case entry
        /// `.wh.name`: hides `name` of the layers below.
        case whiteout
        /// `.wh..wh..opq`: hides all that the layers below have in its directory.
        case opaque
        /// `.wh..wh.*`: bookkeeping of a file system that nobody has any more.
        case ignored
    }

    /// The whole name as the archive has it.
    let path: TarPath
    /// Where the parts are in `path.bytes`; the last is the entry's own name, without `.wh.` if it is a whiteout.
    let parts: [Range<Int>]
    let role: Role

    static let whiteoutPrefix = Array(".wh.".utf8)
    static let opaqueMark = Array(".wh..wh..opq".utf8)

    /// The name's own last part.
    var last: [UInt8] { parts.last.map { Array(path.bytes[$0]) } ?? [] }

    /// The parts before the last.
    var parents: ArraySlice<Range<Int>> { parts.dropLast() }

    /// The name without empty parts, `.` and `.wh.`, relative to the root.
    var normalized: [UInt8] { prefix(parts.count) }

    /// One part as a name for the kernel.
    func part(_ index: Int) -> PathBytes { PathBytes(Array(path.bytes[parts[index]])) }

    /// The first `count` parts, joined.
    func prefix(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in parts.prefix(count) {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "/")) }
            bytes += path.bytes[part]
        }
        return bytes
    }

    /// - Parameter isPlain: whether `.wh.` means nothing, as in archives that are no layers.
    init(_ path: TarPath, isPlain: Bool = false) throws(LayerError) {
        self.path = path
        let bytes = path.bytes
        var parts: [Range<Int>] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.count
            if end > start, !Self.isDot(bytes[start..<end]) {
                if let problem = Self.problem(bytes[start..<end]) { throw LayerError(.hostile(problem), path: path) }
                if !isPlain, let before = parts.last, bytes[before].starts(with: Self.whiteoutPrefix) {
                    throw LayerError(.hostile("a whiteout is no directory"), path: path)
                }
                parts.append(start..<end)
            }
            start = end + 1
        }
        guard let last = parts.last else {
            self.parts = []
            role = .root
            return
        }
        role = isPlain ? .entry : try Self.role(bytes[last], of: path)
        if role == .whiteout { parts[parts.count - 1] = last.lowerBound + Self.whiteoutPrefix.count..<last.upperBound }
        self.parts = parts
    }

    private static func isDot(_ part: ArraySlice<UInt8>) -> Bool {
        part.count == 1 && part.first == UInt8(ascii: ".")
    }

    private static func isParent(_ part: ArraySlice<UInt8>) -> Bool {
        part.count == 2 && part.allSatisfy { $0 == UInt8(ascii: ".") }
    }

    private static func problem(_ part: ArraySlice<UInt8>) -> String? {
        if isParent(part) { return "the name contains \"..\"" }
        if part.count > 255 { return "a part of the name is longer than 255 bytes" }
        if part.contains(0) { return "the name contains a NUL byte" }
        return nil
    }

    private static func role(_ name: ArraySlice<UInt8>, of path: TarPath) throws(LayerError) -> Role {
        guard name.starts(with: whiteoutPrefix) else { return .entry }
        let hidden = name.dropFirst(whiteoutPrefix.count)
        if hidden.starts(with: whiteoutPrefix) { return name.elementsEqual(opaqueMark) ? .opaque : .ignored }
        if hidden.isEmpty || isDot(hidden) || isParent(hidden) {
            throw LayerError(.hostile("a whiteout of \"\(TarPath(bytes: Array(hidden)))\""), path: path)
        }
        return .whiteout
    }
}

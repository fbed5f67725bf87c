/// The blocks that come before an entry's body: its header, with a PAX header before it where that is needed.
struct EncodedHeader {
    private(set) var bytes: [UInt8] = []
    /// How many bytes the caller has to write: the stored bytes.
    private(set) var bodySize: Int64 = 0

    /// Why an entry can't be written.
    struct Problem: Error {
        var description: String
    }

    private var records = PaxEncoder()

    init(_ entry: TarEntry) throws(Problem) {
        try Self.check(entry)
        bodySize = entry.kind == .file ? entry.storedSize : 0
        var name = entry.path.bytes
        if entry.kind == .directory, name.last != TarPath.slash { name.append(TarPath.slash) }
        let map = entry.sparse.map { Self.bodyMap($0, size: entry.size) } ?? []
        if entry.sparse != nil {
            records.add("GNU.sparse.major", "1")
            records.add("GNU.sparse.minor", "0")
            records.add("GNU.sparse.name", name)
            records.add("GNU.sparse.realsize", String(entry.size))
            name = Self.beside(name, "GNUSparseFile.0")
        }
        let header = try block(for: entry, name: name, size: bodySize + Int64(map.count))
        for attribute in entry.xattrs.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            records.add(PaxXAttr.schilyKey(attribute.name), attribute.value)
        }
        if !records.bytes.isEmpty { appendPax(besides: name) }
        bytes += header.sealed()
        bytes += map
    }

    /// Fills the header; what does not fit goes to the records.
    private mutating func block(for entry: TarEntry, name: [UInt8], size: Int64) throws(Problem) -> HeaderBlock {
        var block = HeaderBlock(type: Self.type(of: entry.kind))
        if let (prefix, rest) = HeaderBlock.split(name) {
            block.set(0, 100, rest)
            block.set(345, 155, prefix)
        } else {
            if entry.sparse == nil { records.add("path", name) }
            block.set(0, 100, Self.ascii(name).prefix(100))
        }
        switch entry.kind {
        case .symbolicLink(let target), .hardLink(let target):
            if !HeaderBlock.isPlain(target.bytes, limit: 100) { records.add("linkpath", target.bytes) }
            block.set(157, 100, Self.ascii(target.bytes).prefix(100))
        case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
            guard block.setOctal(329, 8, Int64(major)), block.setOctal(337, 8, Int64(minor)) else {
                throw Problem(description: "device number \(major):\(minor) is too large")
            }
        default: break
        }
        block.setOctal(100, 8, Int64(entry.mode))
        if !block.setOctal(108, 8, Int64(entry.uid)) { records.add("uid", String(entry.uid)) }
        if !block.setOctal(116, 8, Int64(entry.gid)) { records.add("gid", String(entry.gid)) }
        if !block.setOctal(124, 12, size) { records.add("size", String(size)) }
        let fits = block.setOctal(136, 12, max(entry.modified.seconds, 0))
        if !fits || entry.modified.seconds < 0 || entry.modified.nanoseconds != 0 {
            records.add("mtime", entry.modified.paxText)
        }
        if let time = entry.accessed { records.add("atime", time.paxText) }
        if let time = entry.changed { records.add("ctime", time.paxText) }
        setText(265, "uname", entry.userName, in: &block)
        setText(297, "gname", entry.groupName, in: &block)
        return block
    }

    private mutating func setText(_ position: Int, _ key: String, _ text: String, in block: inout HeaderBlock) {
        let bytes = Array(text.utf8)
        if !HeaderBlock.isPlain(bytes, limit: 31) { records.add(key, bytes) }
        block.set(position, 31, Self.ascii(bytes).prefix(31))
    }

    private mutating func appendPax(besides name: [UInt8]) {
        var block = HeaderBlock(type: TypeFlag.pax)
        block.set(0, 100, Self.ascii(Self.beside(name, "PaxHeaders.0")).prefix(100))
        block.setOctal(100, 8, 0o644)
        block.setOctal(108, 8, 0)
        block.setOctal(116, 8, 0)
        block.setOctal(124, 12, Int64(records.bytes.count))
        block.setOctal(136, 12, 0)
        bytes += block.sealed()
        bytes += records.bytes
        bytes += repeatElement(0, count: Int(TarReader.padding(Int64(records.bytes.count))))
    }

    private static func check(_ entry: TarEntry) throws(Problem) {
        if entry.path.bytes.isEmpty { throw Problem(description: "the name is empty") }
        var texts = [entry.path.bytes, Array(entry.userName.utf8), Array(entry.groupName.utf8)]
        switch entry.kind {
        case .symbolicLink(let target), .hardLink(let target): texts.append(target.bytes)
        default: break
        }
        if texts.contains(where: { $0.contains(0) }) { throw Problem(description: "a name contains a NUL byte") }
        if entry.mode > 0o7777 { throw Problem(description: "the mode has more than permission bits") }
        if entry.size < 0 { throw Problem(description: "the size is negative") }
        if !(0..<1_000_000_000).contains(entry.modified.nanoseconds) {
            throw Problem(description: "the modification time has no valid nanoseconds")
        }
        if let segments = entry.sparse {
            guard entry.kind == .file else { throw Problem(description: "only a file can be sparse") }
            do { _ = try SparseMap.checked(segments, size: entry.size, stored: entry.storedSize) } catch {
                throw Problem(description: "the pieces of the sparse file overlap or lie outside of it")
            }
        }
    }

    private static func type(of kind: TarEntry.Kind) -> UInt8 {
        switch kind {
        case .file: TypeFlag.file
        case .directory: TypeFlag.directory
        case .fifo: TypeFlag.fifo
        case .symbolicLink: TypeFlag.symbolicLink
        case .hardLink: TypeFlag.hardLink
        case .characterDevice: TypeFlag.characterDevice
        case .blockDevice: TypeFlag.blockDevice
        }
    }

    /// The list of the pieces as version 1.0 of GNU's sparse format has it, in whole blocks.
    private static func bodyMap(_ segments: [TarEntry.SparseSegment], size: Int64) -> [UInt8] {
        var segments = segments
        if segments.last.map({ $0.offset + $0.length }) ?? 0 < size {
            segments.append(TarEntry.SparseSegment(offset: size, length: 0))
        }
        let lines = segments.reduce(into: "\(segments.count)\n") { $0 += "\($1.offset)\n\($1.length)\n" }
        return Array(lines.utf8) + repeatElement(0, count: Int(TarReader.padding(Int64(lines.utf8.count))))
    }

    /// `dir/folder/name` for `dir/name`: where things that belong to an entry are put for readers that don't know them.
    private static func beside(_ name: [UInt8], _ folder: String) -> [UInt8] {
        let trimmed = name.last == TarPath.slash ? name.dropLast() : name[...]
        let cut = trimmed.lastIndex(of: TarPath.slash).map { $0 + 1 } ?? 0
        return Array(trimmed[..<cut]) + Array(folder.utf8) + [TarPath.slash] + Array(trimmed[cut...])
    }

    private static func ascii(_ text: [UInt8]) -> [UInt8] { text.filter { $0 < 0x80 } }
}

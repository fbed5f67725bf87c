import ByteStreams
import TarFormat

/// What tests share: archives as text, and headers written by hand.
enum Archives {
    /// One line an entry: what it is, whose, when, its name and all else it has; file contents as their digest.
    static func listing(_ bytes: [UInt8], limits: TarLimits = .standard) throws -> String {
        let reader = TarReader(MemorySource(bytes), limits: limits)
        var lines = ""
        while let entry = try reader.next() {
            lines += line(entry)
            if entry.kind == .file {
                let sink = HashSink()
                try reader.body(into: sink)
                lines += " \(sink.count) \(sink.digest)"
            }
            lines += "\n"
        }
        return lines
    }

    /// All entries with their bodies.
    static func entries(_ bytes: [UInt8], limits: TarLimits = .standard) throws -> [(entry: TarEntry, body: [UInt8])] {
        let reader = TarReader(MemorySource(bytes), limits: limits)
        var all: [(TarEntry, [UInt8])] = []
        while let entry = try reader.next() {
            let sink = MemorySink()
            try reader.body(into: sink)
            all.append((entry, sink.bytes))
        }
        return all
    }

    /// The error that reading all of an archive ends with.
    static func failure(_ bytes: [UInt8], limits: TarLimits = .standard) -> TarError? {
        do {
            _ = try entries(bytes, limits: limits)
            return nil
        } catch { return error as? TarError }
    }

    /// An archive of entries with their stored bodies.
    static func write(_ entries: [(TarEntry, [UInt8])]) throws -> [UInt8] {
        let sink = MemorySink()
        var writer = TarWriter(to: sink)
        for (entry, body) in entries {
            try writer.append(entry)
            try writer.write(body.span)
        }
        try writer.finish()
        return sink.bytes
    }

    private static func line(_ entry: TarEntry) -> String {
        var text = "\(kind(entry.kind)) \(String(entry.mode, radix: 8)) \(entry.uid)(\(entry.userName)):"
        text += "\(entry.gid)(\(entry.groupName)) \(time(entry.modified)) \(entry.path)"
        switch entry.kind {
        case .symbolicLink(let target), .hardLink(let target): text += " -> \(target)"
        case .characterDevice(let major, let minor), .blockDevice(let major, let minor): text += " \(major),\(minor)"
        default: break
        }
        for attribute in entry.xattrs {
            text += " \(TarPath(bytes: attribute.name))=\"\(TarPath(bytes: attribute.value))\""
        }
        if let segments = entry.sparse {
            text += " sparse " + segments.map { "\($0.offset)+\($0.length)" }.joined(separator: ",")
        }
        return text
    }

    private static func kind(_ kind: TarEntry.Kind) -> String {
        switch kind {
        case .file: "file"
        case .directory: "dir"
        case .fifo: "fifo"
        case .symbolicLink: "link"
        case .hardLink: "same"
        case .characterDevice: "char"
        case .blockDevice: "block"
        }
    }

    private static func time(_ time: TarTime) -> String {
        time.nanoseconds == 0 ? "\(time.seconds)" : "\(time.seconds)+\(time.nanoseconds)ns"
    }
}

/// The digest of what is written to it, in short.
private final class HashSink: ByteSink {
    private var bytes: [UInt8] = []
    var count: Int { bytes.count }
    var digest: String {
        SHA256Hasher.hash(bytes).prefix(6).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    func write(_ more: Span<UInt8>) { for index in more.indices { bytes.append(more[index]) } }
}

/// A header written by hand, so that it can be wrong.
struct RawHeader {
    var name = Array("file".utf8)
    var type = UInt8(ascii: "0")
    var size = Array("00000000000".utf8)
    var magic = Array("ustar\u{0}00".utf8)
    /// Bytes at positions, put last before the checksum.
    var patches: [(position: Int, bytes: [UInt8])] = []

    init(_ name: String = "file", type: Character = "0", size: Int = 0) {
        self.name = Array(name.utf8)
        self.type = type.asciiValue ?? 0
        let digits = String(size, radix: 8)
        self.size = Array((String(repeating: "0", count: max(0, 11 - digits.count)) + digits).utf8)
    }

    var bytes: [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ position: Int, _ bytes: [UInt8]) {
            block.replaceSubrange(position..<position + bytes.count, with: bytes)
        }
        put(0, name)
        put(100, Array("0000644".utf8))
        put(108, Array("0000000".utf8))
        put(116, Array("0000000".utf8))
        put(124, size)
        put(136, Array("00000000000".utf8))
        block[156] = type
        put(257, magic)
        for patch in patches { put(patch.position, patch.bytes) }
        put(148, Array("        ".utf8))
        let sum = block.reduce(0) { $0 + Int($1) }
        let digits = String(sum, radix: 8)
        put(148, Array((String(repeating: "0", count: 6 - digits.count) + digits + "\u{0} ").utf8))
        return block
    }

    /// The header with a body in whole blocks.
    func with(_ body: [UInt8]) -> [UInt8] {
        var header = self
        header.size = RawHeader(size: body.count).size
        return header.bytes + body + [UInt8](repeating: 0, count: -body.count & 511)
    }

    /// A PAX header of records.
    static func pax(_ records: [(String, String)], type: Character = "x") -> [UInt8] {
        RawHeader("pax", type: type).with(records.flatMap { record($0.0, Array($0.1.utf8)) })
    }

    static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let rest = key.utf8.count + value.count + 3
        var length = rest + 1
        while String(length).utf8.count + rest != length { length += 1 }
        return Array("\(length) \(key)=".utf8) + value + [0x0a]
    }

    static let end = [UInt8](repeating: 0, count: 1024)
}

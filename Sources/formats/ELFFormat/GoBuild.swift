/// What Go's linker writes into a program about its making.
public struct GoBuild: Hashable, Sendable {
    /// `go1.22.3`.
    public var version: String
    /// Settings by name: `CGO_ENABLED`, `-tags`, `GOOS`.
    public var settings: [String: String] = [:]
    /// The paths of the modules that it is made of, the main one first.
    public var modules: [String] = []

    /// What every such record begins with.
    static let magic = [0xff] + Array(" Go buildinf:".utf8)
    static let recordLimit: UInt64 = 1 << 20

    /// Reads the record of a program; nil where there is none.
    public init?(of file: ELFFile, _ source: any RandomAccessBytes) throws(ELFError) {
        var input = ELFInput(source)
        let header = try ELFHeader(&input)
        guard let place = try Self.place(file, header, &input) else { return nil }
        let record = try input.record(at: place, count: 32, "Go's build record")
        var texts: [[UInt8]] = []
        if record.u8(15) & 2 != 0 {
            var next = place + 32
            for _ in 0..<2 { texts.append(try Self.counted(&next, &input)) }
        } else {
            input.is64Bit = record.u8(14) == 8
            input.isBigEndian = record.u8(15) & 1 != 0
            let map = AddressMap(file.segments)
            let pointers = try input.record(at: place + 16, count: 16, "Go's build record")
            for index in 0..<2 {
                let address = pointers.word(index * (input.is64Bit ? 8 : 4))
                texts.append(try Self.pointed(address, map, &input))
            }
        }
        version = String(decoding: texts[0], as: UTF8.self)
        read(texts[1])
    }

    /// The minor number of Go 1; nil for other versions.
    public var minorVersion: Int? {
        guard version.hasPrefix("go1.") else { return nil }
        return Int(version.dropFirst(4).prefix { $0.isNumber })
    }

    /// The tags that it was built with.
    public var tags: [String] { (settings["-tags"] ?? "").split(separator: ",").map(String.init) }

    /// Lines of words with tabs between, in brackets of 16 bytes.
    private mutating func read(_ bytes: [UInt8]) {
        guard bytes.count >= 33, bytes[bytes.count - 17] == 0x0a else { return }
        let text = String(decoding: bytes[16..<bytes.count - 16], as: UTF8.self)
        for line in text.split(separator: "\n") {
            let words = line.split(separator: "\t", omittingEmptySubsequences: false)
            switch words.first {
            case "build" where words.count > 1:
                let parts = words[1].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                settings[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
            case "mod" where words.count > 1, "dep" where words.count > 1: modules.append(String(words[1]))
            default: continue
            }
        }
    }

    // MARK: - Places

    /// In the section of that name, else at the start of the first segment that can be written.
    private static func place(
        _ file: ELFFile,
        _ header: ELFHeader,
        _ input: inout ELFInput
    ) throws(ELFError) -> UInt64? {
        if let section = try SectionTable(header, &input).offset(of: ".go.buildinfo", &input) {
            return try isMagic(at: section, &input) ? section : nil
        }
        guard let data = file.segments.first(where: { $0.type == ELFFile.Segment.load && $0.flags & 2 != 0 }) else {
            return nil
        }
        // The record begins at a multiple of 16, near the segment's start.
        for step in 0..<min(data.fileSize / 16, 64) where try isMagic(at: data.offset &+ step * 16, &input) {
            return data.offset &+ step * 16
        }
        return nil
    }

    private static func isMagic(at place: UInt64, _ input: inout ELFInput) throws(ELFError) -> Bool {
        guard let end = Int64(exactly: place), end <= input.count - 32 else { return false }
        return Array(try input.bytes(at: place, count: magic.count, "Go's build record")) == magic
    }

    /// A length in groups of seven bits, and as many bytes.
    private static func counted(_ place: inout UInt64, _ input: inout ELFInput) throws(ELFError) -> [UInt8] {
        var length: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try input.record(at: place, count: 1, "Go's build record").u8(0)
            place += 1
            length |= UInt64(byte & 0x7f) << shift
            shift += 7
            if byte & 0x80 == 0 { break }
            if shift > 28 { throw ELFError(.invalid("Go's build record")) }
        }
        guard length <= recordLimit else { throw ELFError(.invalid("Go's build record")) }
        let bytes = Array(try input.bytes(at: place, count: Int(length), "Go's build record"))
        place += length
        return bytes
    }

    /// A text of Go's: an address and a length, at an address.
    private static func pointed(
        _ address: UInt64,
        _ map: AddressMap,
        _ input: inout ELFInput
    ) throws(ELFError) -> [UInt8] {
        let width = input.is64Bit ? 8 : 4
        guard let place = map.offset(address) else { return [] }
        let text = try input.record(at: place, count: 2 * width, "Go's build record")
        let length = text.word(width)
        guard length <= recordLimit else { throw ELFError(.invalid("Go's build record")) }
        guard length > 0, let start = map.offset(text.word(0)) else { return [] }
        return Array(try input.bytes(at: start, count: Int(length), "Go's build record"))
    }
}

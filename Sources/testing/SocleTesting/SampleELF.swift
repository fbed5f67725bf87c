/// Makes ELF files by hand: what a compiler on this machine wouldn't make, and what nobody should.
///
/// A file has a header, its program headers, one segment that maps the whole file at address 0, the interpreter's path,
/// and a dynamic section with its texts and versions.
public struct SampleELF: Sendable {
    public var is64Bit = true
    public var isBigEndian = false
    public var machine: UInt16 = 62
    /// `e_type`: 2 executable, 3 shared.
    public var type: UInt16 = 3
    public var interpreter: String?
    public var needed: [String] = []
    public var soname: String?
    public var rpath: String?
    public var runpath: String?
    public var flags1: UInt64 = 0
    /// Versions wanted, by library.
    public var wanted: [(library: String, versions: [String])] = []
    public var offered: [String] = []
    public var hasDynamicSection = true

    public init() {}

    /// The file.
    public var bytes: [UInt8] {
        var layout = Layout(self)
        return layout.file()
    }

    /// A static program with a record of Go's linker in a segment of its own, as Go 1.18 and later write it.
    public static func goProgram(version: String, modules: String = "") -> [UInt8] {
        func counted(_ text: String) -> [UInt8] {
            let count = text.utf8.count
            return [UInt8(count & 0x7f | 0x80), UInt8(count >> 7)] + Array(text.utf8)
        }
        let record =
            [0xff] + Array(" Go buildinf:".utf8) + [8, 2] + [UInt8](repeating: 0, count: 16) + counted(version)
            + counted(modules)
        var sample = SampleELF()
        sample.type = 2
        sample.hasDynamicSection = false
        var bytes = sample.bytes
        let place = (bytes.count + 56 + 15) / 16 * 16
        // One more segment, which can be written.
        var segment: [UInt8] = [1, 0, 0, 0, 6, 0, 0, 0]
        for value in [place, place, place, record.count, record.count, 1] {
            segment += (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        bytes[56] = 2
        bytes += segment
        return bytes + [UInt8](repeating: 0, count: place - bytes.count) + record
    }

    /// Puts the parts one behind the other.
    private struct Layout {
        let sample: SampleELF
        var strings: [UInt8] = [0]

        init(_ sample: SampleELF) { self.sample = sample }

        var headerSize: Int { sample.is64Bit ? 64 : 52 }
        var segmentSize: Int { sample.is64Bit ? 56 : 32 }

        func number(_ value: UInt64, _ width: Int) -> [UInt8] {
            let little = (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
            return sample.isBigEndian ? little.reversed() : little
        }

        func word(_ value: UInt64) -> [UInt8] { number(value, sample.is64Bit ? 8 : 4) }

        mutating func text(_ text: String) -> UInt64 {
            let place = strings.count
            strings += Array(text.utf8) + [0]
            return UInt64(place)
        }

        mutating func file() -> [UInt8] {
            let segments = 1 + (sample.interpreter == nil ? 0 : 1) + (sample.hasDynamicSection ? 1 : 0)
            var body: [UInt8] = []
            let start = headerSize + segments * segmentSize
            let interpreterPlace = start
            if let path = sample.interpreter { body += Array(path.utf8) + [0] }
            let interpreterSize = body.count
            while (start + body.count) % 8 != 0 { body.append(0) }
            let needs = versionNeeds()
            let needsPlace = start + body.count
            body += needs
            let definitions = versionDefinitions()
            let definitionsPlace = start + body.count
            body += definitions
            var entries = dynamicEntries()
            let stringsPlace = start + body.count
            if sample.hasDynamicSection { body += strings }
            entries += [(5, UInt64(stringsPlace)), (10, UInt64(strings.count))]
            if !needs.isEmpty {
                entries += [(0x6fff_fffe, UInt64(needsPlace)), (0x6fff_ffff, UInt64(sample.wanted.count))]
            }
            if !definitions.isEmpty {
                entries += [(0x6fff_fffc, UInt64(definitionsPlace)), (0x6fff_fffd, UInt64(sample.offered.count + 1))]
            }
            while (start + body.count) % 8 != 0 { body.append(0) }
            let dynamicPlace = start + body.count
            let dynamic = (entries + [(0, 0)]).flatMap { word($0.0) + word($0.1) }
            if sample.hasDynamicSection { body += dynamic }

            var table: [UInt8] = []
            if sample.interpreter != nil { table += segment(3, flags: 4, interpreterPlace, interpreterSize) }
            table += segment(1, flags: 5, 0, start + body.count)
            if sample.hasDynamicSection { table += segment(2, flags: 6, dynamicPlace, dynamic.count) }
            return header(segments) + table + body
        }

        private func header(_ segments: Int) -> [UInt8] {
            var bytes: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, sample.is64Bit ? 2 : 1, sample.isBigEndian ? 2 : 1, 1]
            bytes += [UInt8](repeating: 0, count: 9)
            bytes += number(UInt64(sample.type), 2) + number(UInt64(sample.machine), 2) + number(1, 4)
            bytes += word(0) + word(UInt64(headerSize)) + word(0) + number(0, 4)
            bytes += number(UInt64(headerSize), 2) + number(UInt64(segmentSize), 2) + number(UInt64(segments), 2)
            return bytes + number(0, 2) + number(0, 2) + number(0, 2)
        }

        private func segment(_ type: UInt64, flags: UInt64, _ place: Int, _ size: Int) -> [UInt8] {
            let (place, size) = (UInt64(place), UInt64(size))
            return sample.is64Bit
                ? number(type, 4) + number(flags, 4) + word(place) + word(place) + word(place) + word(size)
                    + word(size) + word(1)
                : number(type, 4) + word(place) + word(place) + word(place) + word(size) + word(size)
                    + number(flags, 4) + number(1, 4)
        }

        private mutating func dynamicEntries() -> [(UInt64, UInt64)] {
            var entries: [(UInt64, UInt64)] = []
            for name in sample.needed { entries.append((1, text(name))) }
            if let name = sample.soname { entries.append((14, text(name))) }
            if let path = sample.rpath { entries.append((15, text(path))) }
            if let path = sample.runpath { entries.append((29, text(path))) }
            if sample.flags1 != 0 { entries.append((0x6fff_fffb, sample.flags1)) }
            return entries
        }

        private mutating func versionNeeds() -> [UInt8] {
            var bytes: [UInt8] = []
            for (index, need) in sample.wanted.enumerated() {
                let isLast = index == sample.wanted.count - 1
                bytes += number(1, 2) + number(UInt64(need.versions.count), 2) + number(text(need.library), 4)
                bytes += number(16, 4) + number(isLast ? 0 : UInt64(16 + need.versions.count * 16), 4)
                for (place, version) in need.versions.enumerated() {
                    bytes += number(0, 4) + number(0, 2) + number(2, 2) + number(text(version), 4)
                    bytes += number(place == need.versions.count - 1 ? 0 : 16, 4)
                }
            }
            return bytes
        }

        private mutating func versionDefinitions() -> [UInt8] {
            guard !sample.offered.isEmpty else { return [] }
            var bytes: [UInt8] = []
            let names = [sample.soname ?? "lib"] + sample.offered
            for (index, name) in names.enumerated() {
                bytes += number(1, 2) + number(index == 0 ? 1 : 0, 2) + number(UInt64(index + 1), 2) + number(1, 2)
                bytes += number(0, 4) + number(20, 4) + number(index == names.count - 1 ? 0 : 28, 4)
                bytes += number(text(name), 4) + number(0, 4)
            }
            return bytes
        }
    }
}

/// What a loader reads of a program or library: what it needs, where it says to look, and its versions.
public struct DynamicSection: Hashable, Sendable {
    /// The versions that are wanted of one library.
    public struct VersionNeed: Hashable, Sendable {
        /// One version.
        public struct Version: Hashable, Sendable {
            /// Its name, `GLIBC_2.38`.
            public var name: String
            /// Whether the program starts without it.
            public var isWeak: Bool

            /// A version from its parts.
            public init(name: String, isWeak: Bool) {
                self.name = name
                self.isWeak = isWeak
            }
        }

        /// The library, as `needed` names it.
        public var library: String
        /// The versions in the order of the file.
        public var versions: [Version]
    }

    /// The libraries that it needs (`DT_NEEDED`), in order.
    public var needed: [String] = []
    /// Its own name (`DT_SONAME`).
    public var soname: String?
    /// Where to look for libraries, its own and those of what it loads (`DT_RPATH`), colons between.
    public var runtimePath: String?
    /// Where to look for its own libraries (`DT_RUNPATH`), colons between.
    public var ownRuntimePath: String?
    /// `DT_FLAGS_1`.
    public var flags1: UInt64 = 0
    /// What versions it wants of which library.
    public var versionNeeds: [VersionNeed] = []
    /// The versions that it has to offer; nil where its symbols have none.
    public var versionDefinitions: [String]?
    /// Where the table of symbols is.
    var symbols = SymbolTable.Place()

    /// Whether the loader's standard directories are not looked at (`DF_1_NODEFLIB`).
    public var ignoresStandardDirectories: Bool { flags1 & 0x800 != 0 }
    /// Whether a shared object is a program (`DF_1_PIE`).
    public var isPositionIndependentProgram: Bool { flags1 & 0x0800_0000 != 0 }

    static let entryLimit = 65_536
    static let neededLimit = 4_096
    static let textLimit = 65_536
    static let versionLimit = 16_384

    init(_ segment: ELFFile.Segment, _ map: AddressMap, _ input: inout ELFInput) throws(ELFError) {
        let entries = try Entries(segment, &input)
        let strings = StringTable(entries, map)
        for tag in entries.needed {
            needed.append(try strings.text(tag, &input))
            if needed.count > Self.neededLimit { throw ELFError(.invalid("the number of needed libraries")) }
        }
        if let place = entries[.soname] { soname = try strings.text(place, &input) }
        if let place = entries[.rpath] { runtimePath = try strings.text(place, &input) }
        if let place = entries[.runpath] { ownRuntimePath = try strings.text(place, &input) }
        flags1 = entries[.flags1] ?? 0
        symbols = SymbolTable.Place(entries, map, strings)
        if let place = entries[.verneed].flatMap(map.offset) {
            versionNeeds = try Self.needs(at: place, count: entries[.verneednum] ?? 0, strings, &input)
        }
        if let place = entries[.verdef].flatMap(map.offset) {
            versionDefinitions = try Self.definitions(at: place, count: entries[.verdefnum] ?? 0, strings, &input)
        }
    }

    // MARK: - Versions

    private static func needs(
        at start: UInt64,
        count: UInt64,
        _ strings: StringTable,
        _ input: inout ELFInput
    ) throws(ELFError) -> [VersionNeed] {
        var found: [VersionNeed] = []
        var place = start
        var left = versionLimit
        for _ in 0..<min(count, UInt64(versionLimit)) {
            let record = try input.record(at: place, count: 16, "needed versions")
            var need = VersionNeed(library: try strings.text(UInt64(record.u32(4)), &input), versions: [])
            var auxiliary = place.addingReportingOverflow(UInt64(record.u32(8))).partialValue
            for _ in 0..<record.u16(2) {
                left -= 1
                if left < 0 { throw ELFError(.invalid("the number of needed versions")) }
                let version = try input.record(at: auxiliary, count: 16, "needed versions")
                let name = try strings.text(UInt64(version.u32(8)), &input)
                need.versions.append(VersionNeed.Version(name: name, isWeak: version.u16(4) & 2 != 0))
                if version.u32(12) == 0 { break }
                auxiliary = auxiliary.addingReportingOverflow(UInt64(version.u32(12))).partialValue
            }
            found.append(need)
            if record.u32(12) == 0 { break }
            place = place.addingReportingOverflow(UInt64(record.u32(12))).partialValue
        }
        return found
    }

    /// The first name of each definition; the others are the versions that it follows.
    private static func definitions(
        at start: UInt64,
        count: UInt64,
        _ strings: StringTable,
        _ input: inout ELFInput
    ) throws(ELFError) -> [String] {
        var found: [String] = []
        var place = start
        for _ in 0..<min(count, UInt64(versionLimit)) {
            let record = try input.record(at: place, count: 20, "defined versions")
            // The first one, marked as base, is the library itself.
            if record.u16(2) & 1 == 0, record.u16(6) > 0 {
                let auxiliary = place.addingReportingOverflow(UInt64(record.u32(12))).partialValue
                let name = try input.record(at: auxiliary, count: 8, "defined versions")
                found.append(try strings.text(UInt64(name.u32(0)), &input))
            }
            if record.u32(16) == 0 { break }
            place = place.addingReportingOverflow(UInt64(record.u32(16))).partialValue
        }
        return found
    }
}

extension DynamicSection {
    /// The tags that mean something here.
    enum Tag: UInt64 {
        case needed = 1
        case hash = 4
        case strtab = 5
        case symtab = 6
        case strsz = 10
        case syment = 11
        case soname = 14
        case rpath = 15
        case runpath = 29
        case gnuHash = 0x6fff_fef5
        case versym = 0x6fff_fff0
        case flags1 = 0x6fff_fffb
        case verdef = 0x6fff_fffc
        case verdefnum = 0x6fff_fffd
        case verneed = 0x6fff_fffe
        case verneednum = 0x6fff_ffff
    }

    /// The section's entries up to the one that ends it.
    struct Entries {
        private var values: [Tag: UInt64] = [:]
        private(set) var needed: [UInt64] = []

        init(_ segment: ELFFile.Segment, _ input: inout ELFInput) throws(ELFError) {
            let size = input.is64Bit ? 16 : 8
            var place = segment.offset
            for _ in 0..<min(Int(clamping: segment.fileSize) / size, entryLimit) {
                let record = try input.record(at: place, count: size, "the dynamic section")
                let (tag, value) = (record.word(0), record.word(size / 2))
                if tag == 0 { return }
                if let tag = Tag(rawValue: tag) {
                    if tag == .needed { needed.append(value) } else { values[tag] = value }
                }
                place += UInt64(size)
            }
        }

        subscript(_ tag: Tag) -> UInt64? { values[tag] }
    }

    /// The texts that the section's entries point into.
    struct StringTable: Hashable, Sendable {
        private var start: UInt64?
        private var size: UInt64

        init(_ entries: Entries, _ map: AddressMap) {
            start = entries[.strtab].flatMap(map.offset)
            size = entries[.strsz] ?? 0
        }

        init() {
            start = nil
            size = 0
        }

        func text(_ place: UInt64, _ input: inout ELFInput) throws(ELFError) -> String {
            guard let start, place < size else { throw ELFError(.invalid("a name of the dynamic section")) }
            let (offset, overflows) = start.addingReportingOverflow(place)
            let (end, endOverflows) = start.addingReportingOverflow(size)
            if overflows || endOverflows { throw ELFError(.invalid("a name of the dynamic section")) }
            return try input.text(at: offset, end: end, limit: textLimit, "a name of the dynamic section")
        }
    }
}

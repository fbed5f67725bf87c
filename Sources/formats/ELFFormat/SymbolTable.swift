/// The names that a program or library wants from others and offers to them.
public struct SymbolTable: Hashable, Sendable {
    /// What it wants, without what it can do without.
    public var wanted: [String] = []
    /// What it can do without.
    public var weaklyWanted: [String] = []
    /// What it offers.
    public var offered: [String] = []

    /// Where the table of a file is.
    struct Place: Hashable, Sendable {
        var table: UInt64?
        var hash: UInt64?
        var gnuHash: UInt64?
        var strings = DynamicSection.StringTable()

        init() {}

        init(_ entries: DynamicSection.Entries, _ map: AddressMap, _ strings: DynamicSection.StringTable) {
            table = entries[.symtab].flatMap(map.offset)
            hash = entries[.hash].flatMap(map.offset)
            gnuHash = entries[.gnuHash].flatMap(map.offset)
            self.strings = strings
        }
    }

    /// More than any honest file has.
    static let limit = 4 << 20

    /// Reads the table that a file's dynamic section names; empty where it names none. What the file offers is read only
    /// with `needsOffered`: there is often much of it.
    public init(of file: ELFFile, _ source: any RandomAccessBytes, needsOffered: Bool = true) throws(ELFError) {
        guard let place = file.dynamic?.symbols, let table = place.table else { return }
        var input = ELFInput(source)
        input.is64Bit = file.target.is64Bit
        input.isBigEndian = file.target.isBigEndian
        let count = try Self.count(place, needsOffered: needsOffered, &input)
        let size = file.target.is64Bit ? 24 : 16
        for index in 1..<max(count, 1) {
            let (offset, overflows) = table.addingReportingOverflow(UInt64(index * size))
            if overflows { throw ELFError(.invalid("the table of symbols")) }
            let record = try input.record(at: offset, count: size, "the table of symbols")
            let kind = record.u8(input.is64Bit ? 4 : 12)
            let section = record.u16(input.is64Bit ? 6 : 14)
            let binding = kind >> 4
            // 1 is global, 2 is weak, 10 is unique in the process; anything else is the file's own.
            guard binding == 1 || binding == 2 || binding == 10 else { continue }
            if section != 0, !needsOffered { continue }
            let name = try place.strings.text(UInt64(record.u32(0)), &input)
            if name.isEmpty { continue }
            if section != 0 {
                offered.append(name)
            } else if binding == 2 {
                weaklyWanted.append(name)
            } else {
                wanted.append(name)
            }
        }
    }

    /// How many symbols there are: the table itself doesn't say, the hash tables do.
    private static func count(
        _ place: Place,
        needsOffered: Bool,
        _ input: inout ELFInput
    ) throws(ELFError) -> Int {
        if let hash = place.hash {
            let chains = Int(try input.record(at: hash, count: 8, "the hash table").u32(4))
            guard chains <= limit else { throw ELFError(.invalid("the number of symbols")) }
            return chains
        }
        guard let start = place.gnuHash else { return 0 }
        let header = try input.record(at: start, count: 16, "the hash table")
        let (buckets, first, bloom) = (Int(header.u32(0)), Int(header.u32(4)), UInt64(header.u32(8)))
        guard buckets <= limit, first <= limit else { throw ELFError(.invalid("the hash table")) }
        // What is wanted comes before what is offered.
        if !needsOffered { return first }
        let words = input.is64Bit ? 8 as UInt64 : 4
        let base = start.addingReportingOverflow(16 + bloom * words).partialValue
        let table = try input.record(at: base, count: buckets * 4, "the hash table")
        let last = (0..<buckets).map { Int(table.u32($0 * 4)) }.max() ?? 0
        if last < first { return first }
        let chains = base.addingReportingOverflow(UInt64(buckets * 4)).partialValue
        var index = last
        while index < limit {
            let place = chains.addingReportingOverflow(UInt64((index - first) * 4)).partialValue
            let value = try input.record(at: place, count: 4, "the hash table").u32(0)
            index += 1
            if value & 1 != 0 { return index }
        }
        throw ELFError(.invalid("the number of symbols"))
    }
}

/// The first bytes of an ELF file.
struct ELFHeader {
    var target: ELFTarget
    var kind: ELFFile.Kind
    var flags: UInt32
    var segmentsOffset: UInt64
    var segmentSize: Int
    var segmentCount: Int
    var sectionsOffset: UInt64
    var sectionSize: Int
    var sectionCount: Int
    /// Which section holds the sections' names.
    var namesIndex: Int

    /// Reads it and lets `input` know the file's width and order.
    init(_ input: inout ELFInput) throws(ELFError) {
        guard input.count >= 4 else { throw ELFError(.notELF) }
        guard Array(try input.bytes(at: 0, count: 4, "header")) == [0x7f, 0x45, 0x4c, 0x46] else {
            throw ELFError(.notELF)
        }
        let ident = try input.bytes(at: 0, count: 16, "header")
        let (width, order) = (ident[ident.startIndex + 4], ident[ident.startIndex + 5])
        guard width == 1 || width == 2 else { throw ELFError(.invalid("its class is neither 32 nor 64 bit")) }
        guard order == 1 || order == 2 else { throw ELFError(.invalid("its byte order")) }
        input.is64Bit = width == 2
        input.isBigEndian = order == 2
        let record = try input.record(at: 0, count: input.is64Bit ? 64 : 52, "header")
        target = ELFTarget(
            ELFMachine(rawValue: record.u16(18)),
            is64Bit: input.is64Bit,
            isBigEndian: input.isBigEndian
        )
        kind =
            switch record.u16(16) {
            case 1: .relocatable
            case 2: .executable
            case 3: .shared
            case 4: .core
            case let other: .other(other)
            }
        let rest = input.is64Bit ? 48 : 36
        segmentsOffset = record.word(input.is64Bit ? 32 : 28)
        sectionsOffset = record.word(input.is64Bit ? 40 : 32)
        flags = record.u32(rest)
        segmentSize = Int(record.u16(rest + 6))
        segmentCount = Int(record.u16(rest + 8))
        sectionSize = Int(record.u16(rest + 10))
        sectionCount = Int(record.u16(rest + 12))
        namesIndex = Int(record.u16(rest + 14))
    }
}

/// The sections of a file by name.
///
/// A stripped file may have none.
struct SectionTable {
    private var header: ELFHeader
    private var names: UInt64?
    private var namesEnd: UInt64 = 0
    private let size: Int

    init(_ header: ELFHeader, _ input: inout ELFInput) throws(ELFError) {
        self.header = header
        size = input.is64Bit ? 64 : 40
        guard header.sectionCount > 0, header.sectionSize == size, header.namesIndex < header.sectionCount,
            let record = try record(header.namesIndex, &input)
        else { return }
        let start = record.word(input.is64Bit ? 24 : 16)
        let (end, overflows) = start.addingReportingOverflow(record.word(input.is64Bit ? 32 : 20))
        if overflows { return }
        names = start
        namesEnd = end
    }

    /// Where a section's bytes are; nil where there is no such section.
    func offset(of name: String, _ input: inout ELFInput) throws(ELFError) -> UInt64? {
        guard let names else { return nil }
        for index in 0..<header.sectionCount {
            guard let record = try record(index, &input) else { return nil }
            let (place, overflows) = names.addingReportingOverflow(UInt64(record.u32(0)))
            if overflows || place >= namesEnd { continue }
            guard try input.text(at: place, end: namesEnd, limit: 1024, "a section's name") == name else { continue }
            return record.word(input.is64Bit ? 24 : 16)
        }
        return nil
    }

    /// nil where the table lies behind the file's end: it was cut off, and the file works without.
    private func record(_ index: Int, _ input: inout ELFInput) throws(ELFError) -> ELFRecord? {
        let (place, overflows) = header.sectionsOffset.addingReportingOverflow(UInt64(index * size))
        guard !overflows, let offset = Int64(exactly: place), offset <= input.count - Int64(size) else { return nil }
        return try input.record(at: place, count: size, "section headers")
    }
}

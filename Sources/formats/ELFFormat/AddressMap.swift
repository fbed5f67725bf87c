/// From addresses in memory to places in the file.
struct AddressMap {
    private let loads: [ELFFile.Segment]

    init(_ segments: [ELFFile.Segment]) { loads = segments.filter { $0.type == ELFFile.Segment.load } }

    /// Where in the file an address is; nil where nothing of the file is mapped there.
    func offset(_ address: UInt64) -> UInt64? {
        for load in loads where address >= load.address && address - load.address < load.fileSize {
            let (offset, overflows) = load.offset.addingReportingOverflow(address - load.address)
            return overflows ? nil : offset
        }
        return nil
    }
}

/// What the kernel and a loader look at in a program or library: header, segments, interpreter, dynamic section.
///
/// Only the needed ranges are read; every place and count comes from the file and is checked.
public struct ELFFile: Hashable, Sendable {
    /// What an ELF file is.
    public enum Kind: Hashable, Sendable {
        case relocatable, executable, shared, core
        case other(UInt16)
    }

    /// A part of the file that is mapped or means something, from the program headers.
    public struct Segment: Hashable, Sendable {
        /// `p_type`.
        public var type: UInt32
        /// `p_flags`: 1 executable, 2 writable, 4 readable.
        public var flags: UInt32
        /// Where it begins in the file.
        public var offset: UInt64
        /// Where it begins in memory.
        public var address: UInt64
        /// How many bytes of the file it has.
        public var fileSize: UInt64

        static let load: UInt32 = 1
        static let dynamic: UInt32 = 2
        static let interpreter: UInt32 = 3
    }

    /// For which processor.
    public var target: ELFTarget
    /// What it is.
    public var kind: Kind
    /// The processor's own flags.
    public var flags: UInt32
    /// The segments in the order of the file.
    public var segments: [Segment]
    /// The loader that the kernel starts instead of the program; nil for static programs and libraries.
    public var interpreter: String?
    /// What the loader reads; nil for what needs none.
    public var dynamic: DynamicSection?

    /// The longest path of an interpreter that the kernel takes.
    static let pathLimit = 4096
    /// More than any honest file has; the kernel takes at most 64 KiB of them.
    static let segmentLimit = 1170

    /// Reads a file.
    public init(_ source: any RandomAccessBytes) throws(ELFError) {
        var input = ELFInput(source)
        let header = try ELFHeader(&input)
        target = header.target
        kind = header.kind
        flags = header.flags
        segments = try Self.segments(header, &input)
        interpreter = nil
        if let segment = segments.first(where: { $0.type == Segment.interpreter }) {
            let end = segment.offset.addingReportingOverflow(segment.fileSize).partialValue
            interpreter = try input.text(at: segment.offset, end: end, limit: Self.pathLimit, "the interpreter's path")
        }
        dynamic = nil
        if let segment = segments.first(where: { $0.type == Segment.dynamic }), segment.fileSize > 0 {
            dynamic = try DynamicSection(segment, AddressMap(segments), &input)
        }
    }

    private static func segments(_ header: ELFHeader, _ input: inout ELFInput) throws(ELFError) -> [Segment] {
        guard header.segmentCount > 0 else { return [] }
        let size = input.is64Bit ? 56 : 32
        guard header.segmentSize == size else { throw ELFError(.invalid("the size of a program header")) }
        guard header.segmentCount <= segmentLimit else { throw ELFError(.invalid("the number of program headers")) }
        let table = try input.bytes(at: header.segmentsOffset, count: size * header.segmentCount, "program headers")
        var found: [Segment] = []
        for index in 0..<header.segmentCount {
            let start = table.startIndex + index * size
            let record = ELFRecord(
                bytes: table[start..<start + size],
                isBigEndian: input.isBigEndian,
                is64Bit: input.is64Bit
            )
            found.append(
                input.is64Bit
                    ? Segment(
                        type: record.u32(0),
                        flags: record.u32(4),
                        offset: record.u64(8),
                        address: record.u64(16),
                        fileSize: record.u64(32)
                    )
                    : Segment(
                        type: record.u32(0),
                        flags: record.u32(24),
                        offset: UInt64(record.u32(4)),
                        address: UInt64(record.u32(8)),
                        fileSize: UInt64(record.u32(16))
                    )
            )
        }
        return found
    }

    /// Whether it is a program rather than a library: it has an interpreter, is at a fixed address, says so, or needs
    /// nobody to load it.
    public var isProgram: Bool {
        switch kind {
        case .executable: true
        case .shared: interpreter != nil || dynamic?.isPositionIndependentProgram == true
        default: false
        }
    }
}

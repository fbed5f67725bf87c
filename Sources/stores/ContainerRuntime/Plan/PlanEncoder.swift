internal import CLaunchShim

/// Writes a plan as the launch shim reads it; `CLaunchShim.h` has the format.
struct PlanEncoder {
    private let resources: Int
    private var operations: [UInt8] = []
    private var operationCount: UInt32 = 0
    /// The first eight bytes stay zero, so that no string is at offset 0, which stands for no string.
    private var pool = [UInt8](repeating: 0, count: 8)
    private var texts: [String: UInt64] = [:]

    init(resources: Int) { self.resources = resources }

    /// A word that isn't in its final form yet.
    enum Word {
        case number(UInt64)
        case slot(PlanSlot)
        case text(String)
        case data([UInt8])
        case list([String?])
    }

    mutating func append(_ code: shim_operation, _ words: [Word]) {
        let encoded = words.flatMap { encode($0) }
        append(UInt32(code.rawValue), to: &operations)
        append(UInt32(encoded.count), to: &operations)
        for word in encoded { append(word, to: &operations) }
        operationCount += 1
    }

    /// The whole plan. Its last byte is zero, as the format wants.
    consuming func finish() -> [UInt8] {
        align()
        pool.append(contentsOf: repeatElement(0, count: 8))
        let header = MemoryLayout<shim_header>.size
        var bytes: [UInt8] = []
        bytes.reserveCapacity(header + operations.count + pool.count)
        append(UInt32(SHIM_MAGIC), to: &bytes)
        append(UInt32(SHIM_VERSION), to: &bytes)
        append(UInt32(header + operations.count + pool.count), to: &bytes)
        append(operationCount, to: &bytes)
        append(UInt32(header + operations.count), to: &bytes)
        append(UInt32(resources), to: &bytes)
        // The shim's own: how far it has come.
        append(UInt64(0), to: &bytes)
        return bytes + operations + pool
    }

    private mutating func encode(_ word: Word) -> [UInt64] {
        switch word {
        case .number(let value): return [value]
        case .slot(let slot): return [slot.number(resources: resources)]
        case .text(let text): return [place(text)]
        case .data(let bytes):
            align()
            let offset = UInt64(pool.count)
            pool += bytes
            return [offset, UInt64(bytes.count)]
        case .list(let texts):
            let offsets = texts.map { text in text.map { place($0) } ?? 0 }
            align()
            let offset = UInt64(pool.count)
            for entry in offsets + [0] { append(entry, to: &pool) }
            return [offset, UInt64(texts.count)]
        }
    }

    private mutating func place(_ text: String) -> UInt64 {
        if let known = texts[text] { return known }
        let offset = UInt64(pool.count)
        pool.append(contentsOf: text.utf8)
        pool.append(0)
        texts[text] = offset
        return offset
    }

    private mutating func align() {
        pool.append(contentsOf: repeatElement(0, count: (8 - pool.count % 8) % 8))
    }

    private func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

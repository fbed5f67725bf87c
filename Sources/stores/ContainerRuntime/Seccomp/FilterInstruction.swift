/// One instruction of a filter: a `struct sock_filter` of the kernel's, 8 bytes.
struct FilterInstruction: Hashable, Sendable {
    /// The instructions that libseccomp's filters are made of: loads of a call's words, comparisons, jumps, answers.
    enum Code: UInt16 {
        case load = 0x20, mask = 0x54, jump = 0x05, equal = 0x15, greater = 0x25, greaterOrEqual = 0x35, anyBit = 0x45
        case answer = 0x06
    }

    var code: Code
    /// How many instructions a comparison goes on by where it holds, and where it doesn't.
    var jumpTrue: UInt8 = 0
    var jumpFalse: UInt8 = 0
    var value: UInt32

    init(_ code: Code, _ value: UInt32, jumpTrue: UInt8 = 0, jumpFalse: UInt8 = 0) {
        self.code = code
        self.value = value
        self.jumpTrue = jumpTrue
        self.jumpFalse = jumpFalse
    }

    /// Offsets of a call's words in `struct seccomp_data`.
    static let (number, architecture): (UInt32, UInt32) = (0, 4)
}

extension [FilterInstruction] {
    /// The instructions in bytes; nil where they aren't whole, or others than filters are made of.
    init?(bytes: [UInt8]) {
        guard bytes.count % 8 == 0 else { return nil }
        self.init()
        reserveCapacity(bytes.count / 8)
        for start in stride(from: 0, to: bytes.count, by: 8) {
            let words = bytes[start..<start + 8].map { UInt32($0) }
            guard let code = FilterInstruction.Code(rawValue: UInt16(words[0] | words[1] << 8)) else { return nil }
            let value = words[4] | words[5] << 8 | words[6] << 16 | words[7] << 24
            append(FilterInstruction(code, value, jumpTrue: UInt8(words[2]), jumpFalse: UInt8(words[3])))
        }
    }

    /// As the kernel takes them, on machines whose bytes go up.
    var bytes: [UInt8] {
        flatMap { instruction in
            let code = instruction.code.rawValue
            let value = instruction.value
            return [
                UInt8(truncatingIfNeeded: code), UInt8(code >> 8), instruction.jumpTrue, instruction.jumpFalse,
                UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8),
                UInt8(truncatingIfNeeded: value >> 16), UInt8(value >> 24),
            ]
        }
    }
}

/// The fields of a header: numbers in octal or base 256, text that ends at a NUL.
enum TarField {
    /// A number field; empty is 0. Nil when it is no number or does not fit.
    static func number(_ field: Span<UInt8>) -> Int64? {
        if field.count > 0, field[0] & 0x80 != 0 { return base256(field) }
        var index = 0
        while index < field.count, field[index] == 0x20 || field[index] == 0 { index += 1 }
        var value: Int64 = 0
        while index < field.count, field[index] &- 0x30 < 8 {
            // 12 digits at most: no overflow.
            value = value << 3 | Int64(field[index] &- 0x30)
            index += 1
        }
        // After the digits, spaces up to a NUL or the end; what follows a NUL is nobody's.
        while index < field.count, field[index] != 0 {
            if field[index] != 0x20 { return nil }
            index += 1
        }
        return value
    }

    /// GNU's form of large and negative numbers: two's complement, marked by the top bit.
    private static func base256(_ field: Span<UInt8>) -> Int64? {
        let inversion: UInt8 = field[0] & 0x40 != 0 ? 0xff : 0
        var value: UInt64 = 0
        for index in field.indices {
            var byte = field[index] ^ inversion
            if index == 0 { byte &= 0x7f }
            if value >> 56 != 0 { return nil }
            value = value << 8 | UInt64(byte)
        }
        guard let magnitude = Int64(exactly: value) else { return nil }
        return inversion == 0 ? magnitude : ~magnitude
    }

    /// The length of a text field: up to its first NUL.
    static func textLength(_ field: Span<UInt8>) -> Int {
        var count = 0
        while count < field.count, field[count] != 0 { count += 1 }
        return count
    }

    /// A run of decimal digits as PAX writes numbers; nil when it is empty, has anything else or does not fit.
    static func decimal(_ digits: some Collection<UInt8>) -> Int64? {
        if digits.isEmpty { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard digit &- 0x30 < 10 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(digit &- 0x30))
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }

    /// The sum of a header's bytes with the sum's own field as spaces: as unsigned bytes, which is the standard, or as
    /// signed ones, which some old programs wrote.
    static func checksum(_ block: Span<UInt8>, signed: Bool = false) -> Int64 {
        var sum: Int32 = 0
        if signed {
            for index in 0..<512 { sum &+= Int32(Int8(bitPattern: block[index])) }
            for index in 148..<156 { sum &-= Int32(Int8(bitPattern: block[index])) }
        } else {
            for index in 0..<512 { sum &+= Int32(block[index]) }
            for index in 148..<156 { sum &-= Int32(block[index]) }
        }
        return Int64(sum) + 8 * 0x20
    }

    /// Whether every byte of a block is zero: the mark of the end.
    static func isZero(_ block: Span<UInt8>) -> Bool {
        var bits: UInt8 = 0
        for index in block.indices { bits |= block[index] }
        return bits == 0
    }
}

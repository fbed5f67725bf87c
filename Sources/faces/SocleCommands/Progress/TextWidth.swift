/// How many columns a terminal gives to text.
enum TextWidth {
    /// The columns of a whole text without control characters.
    static func columns(_ text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + columns($1) } }

    /// 2 for what East Asian scripts and pictures need, 0 for what is put onto the character before.
    static func columns(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return wide.contains { $0.contains(scalar.value) } ? 2 : 1
        }
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x231A...0x231B, 0x23E9...0x23F3, 0x25FD...0x25FE, 0x2614...0x2615, 0x26A1...0x26A1,
        0x2705...0x2705, 0x2728...0x2728, 0x274C...0x274C, 0x2753...0x2755, 0x2795...0x2797, 0x2E80...0xA4CF,
        0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD,
    ]

    /// As much of a text as `width` columns hold.
    static func prefix(_ text: String, _ width: Int) -> String {
        var left = width
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            left -= columns(scalar)
            if left < 0 { break }
            kept.append(scalar)
        }
        return String(kept)
    }
}

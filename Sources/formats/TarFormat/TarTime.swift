/// A moment: seconds since 1970 and the nanoseconds after them (0..<1,000,000,000, also before 1970).
public struct TarTime: Hashable, Comparable, Sendable {
    /// Whole seconds since 1970, rounded down.
    public var seconds: Int64
    /// What comes on top of the seconds.
    public var nanoseconds: Int32

    /// A moment from its two parts.
    public init(seconds: Int64, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// Earlier before later.
    public static func < (left: Self, right: Self) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// A moment as PAX writes it: `[-]seconds[.fraction]`; digits beyond nanoseconds are dropped. Nil for anything else.
    init?(pax text: some Collection<UInt8>) {
        var digits = text[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits = digits.dropFirst() }
        let whole = digits.prefix { $0 != UInt8(ascii: ".") }
        guard let seconds = TarField.decimal(whole) else { return nil }
        var fraction: Int32 = 0
        var scale: Int32 = 100_000_000
        for digit in digits.dropFirst(whole.count + 1) {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            fraction += Int32(digit - UInt8(ascii: "0")) * scale
            scale /= 10
        }
        switch (isNegative, fraction) {
        case (false, _): self.init(seconds: seconds, nanoseconds: fraction)
        case (true, 0): self.init(seconds: -seconds)
        case (true, _): self.init(seconds: -seconds - 1, nanoseconds: 1_000_000_000 - fraction)
        }
    }

    /// The moment as PAX writes it.
    var paxText: String {
        if nanoseconds == 0 { return "\(seconds)" }
        let isNegative = seconds < 0
        let whole = isNegative ? -(seconds + 1) : seconds
        let fraction = String(isNegative ? 1_000_000_000 - nanoseconds : nanoseconds)
        var digits = Substring(String(repeating: "0", count: 9 - fraction.count) + fraction)
        while digits.last == "0" { digits.removeLast() }
        return "\(isNegative ? "-" : "")\(whole).\(digits)"
    }
}

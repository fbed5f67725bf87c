import FoundationEssentials
public import Reporting

/// A moment, in RFC 3339 as Docker writes it: UTC, nanoseconds without trailing zeros.
///
/// A text that was read is kept as it was; two values are equal when they are the same moment.
public struct Timestamp: Sendable {
    /// Since 1970-01-01T00:00:00Z, leap seconds not counted.
    public let seconds: Int64
    /// 0 to 999,999,999, added to `seconds`.
    public let nanoseconds: Int32
    /// The text, as it was read or as Docker would write it.
    public let text: String

    /// Makes one from its parts.
    public init(epochSeconds seconds: Int64, nanoseconds: Int32 = 0) {
        precondition((0..<1_000_000_000).contains(nanoseconds))
        self.seconds = min(max(seconds, Self.earliest), Self.latest)
        self.nanoseconds = nanoseconds
        text = Self.format(self.seconds, nanoseconds)
    }

    /// From nanoseconds since 1970, as the store keeps times.
    public init(epochNanoseconds nanoseconds: Int64) {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        self.init(
            epochSeconds: rest < 0 ? seconds - 1 : seconds,
            nanoseconds: Int32(rest < 0 ? rest + 1_000_000_000 : rest)
        )
    }

    /// The clock's time.
    public static var now: Timestamp {
        let interval = Date().timeIntervalSince1970
        let whole = interval.rounded(.down)
        let fraction = min(Int32((interval - whole) * 1e9), 999_999_999)
        return Timestamp(epochSeconds: Int64(whole), nanoseconds: fraction)
    }

    /// The year 1: how Go says "no time".
    public static let zero = Timestamp(epochSeconds: earliest)

    /// Whether it is the year 1, which says "no time".
    public var isZero: Bool { seconds == Self.earliest && nanoseconds == 0 }

    /// Nanoseconds since 1970, clamped to what 64 bits hold (1677 to 2262).
    public var epochNanoseconds: Int64 {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowToo) = product.addingReportingOverflow(Int64(nanoseconds))
        return overflow || overflowToo ? (seconds < 0 ? .min : .max) : sum
    }

    private static let earliest: Int64 = -62_135_596_800
    private static let latest: Int64 = 253_402_300_799

    private static func format(_ seconds: Int64, _ nanoseconds: Int32) -> String {
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let second = seconds - days * 86_400
        let (year, month, day) = CivilDay.date(days)
        var text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
        text += "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        if nanoseconds > 0 {
            var fraction = padded(Int64(nanoseconds), 9)
            while fraction.hasSuffix("0") { fraction.removeLast() }
            text += ".\(fraction)"
        }
        return text + "Z"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Timestamp: Hashable, Comparable, CustomStringConvertible {
    /// Whether both are the same.
    public static func == (left: Timestamp, right: Timestamp) -> Bool {
        left.seconds == right.seconds && left.nanoseconds == right.nanoseconds
    }

    /// Whether the left one comes first.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// Adds what makes it the same as another.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(seconds)
        hasher.combine(nanoseconds)
    }

    /// The text that stands for it.
    public var description: String { text }
}

extension Timestamp {
    /// Reads RFC 3339: `2024-05-06T07:08:09.5Z`, `2024-05-06T07:08:09+02:00`.
    public init(_ text: String) throws(TimestampError) {
        var reader = Reader(bytes: Array(text.utf8))
        guard let (seconds, nanoseconds) = reader.moment(),
            (Self.earliest...Self.latest).contains(seconds)
        else { throw TimestampError(text: String(text.prefix(100))) }
        self.seconds = seconds
        self.nanoseconds = nanoseconds
        self.text = text
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func moment() -> (Int64, Int32)? {
            guard let year = digits(4), take("-"), let month = digits(2), take("-"), let day = digits(2),
                take("T") || take("t") || take(" "), let hour = digits(2), take(":"), let minute = digits(2),
                take(":"), let second = digits(2)
            else { return nil }
            guard let nanoseconds = fraction(), let offset = zone(), position == bytes.count,
                (1...12).contains(month), (1...CivilDay.length(ofMonth: month, year)).contains(day), hour < 24,
                minute < 60, second < 61
            else { return nil }
            let days = CivilDay.number(year, month, day)
            return (days * 86_400 + hour * 3600 + minute * 60 + second - offset, nanoseconds)
        }

        private mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        private mutating func digits(_ count: Int) -> Int64? {
            guard bytes.count - position >= count else { return nil }
            var value: Int64 = 0
            for byte in bytes[position..<position + count] {
                guard ReferenceGrammar.isDigit(byte) else { return nil }
                value = value * 10 + Int64(byte - 48)
            }
            position += count
            return value
        }

        /// Nanoseconds; more digits than nine are read and dropped.
        private mutating func fraction() -> Int32? {
            guard take(".") else { return 0 }
            var value: Int32 = 0
            var count = 0
            while position < bytes.count, ReferenceGrammar.isDigit(bytes[position]) {
                if count < 9 { value = value * 10 + Int32(bytes[position] - 48) }
                count += 1
                position += 1
            }
            guard count > 0 else { return nil }
            for _ in 0..<max(0, 9 - count) { value *= 10 }
            return value
        }

        /// Seconds east of Greenwich.
        private mutating func zone() -> Int64? {
            if take("Z") || take("z") { return 0 }
            let isEast = take("+")
            guard isEast || take("-"), let hours = digits(2), take(":"), let minutes = digits(2), hours < 24,
                minutes < 60
            else { return nil }
            return (hours * 3600 + minutes * 60) * (isEast ? 1 : -1)
        }
    }
}

/// Days of the Gregorian calendar, counted from 1970-01-01.
private enum CivilDay {
    /// Howard Hinnant's `days_from_civil`: years start in March, eras have 400 years.
    static func number(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    static func length(ofMonth month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }
}

/// Text that is not a moment.
public struct TimestampError: Failure, Hashable {
    /// The text that was given.
    public var text: String

    /// What sort of failure it is.
    public var kind: FailureKind { .invalidArgument }
    /// The text that stands for it.
    public var description: String { "invalid time \"\(text)\": RFC 3339 was expected, such as 2024-05-06T07:08:09Z" }
}

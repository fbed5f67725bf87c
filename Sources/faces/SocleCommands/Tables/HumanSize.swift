/// Sizes for people, as Docker writes them.
enum HumanSize {
    private static let decimalUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"]
    private static let binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"]

    /// Powers of 1000, so many significant digits: `762kB`, `1.24GB`.
    static func decimal(_ size: Int64, digits: Int = 3) -> String {
        text(Double(size), base: 1000, decimalUnits, digits)
    }

    /// Powers of 1024: `23.54GiB`.
    static func binary(_ size: Int64, digits: Int = 4) -> String {
        text(Double(size), base: 1024, binaryUnits, digits)
    }

    private static func text(_ size: Double, base: Double, _ units: [String], _ digits: Int) -> String {
        var size = size
        var unit = 0
        while size >= base, unit < units.count - 1 {
            size /= base
            unit += 1
        }
        // Rounding may reach the next unit: 999,999 is 1MB, where Go's %.3g says 1e+03kB.
        if GoNumber.significant(size, digits: digits).hasPrefix("1e+"), unit < units.count - 1 {
            size /= base
            unit += 1
        }
        return GoNumber.significant(size, digits: digits) + units[unit]
    }
}

/// How long ago something was, for people, as Docker writes it.
enum HumanDuration {
    /// `About an hour`, `2 weeks`; `seconds` of a time that has passed.
    static func text(seconds: Double) -> String {
        let whole = Int(seconds)
        let minutes = whole / 60
        let hours = Int(seconds / 3600 + 0.5)
        switch true {
        case whole < 1: return "Less than a second"
        case whole == 1: return "1 second"
        case whole < 60: return "\(whole) seconds"
        case minutes == 1: return "About a minute"
        case minutes < 60: return "\(minutes) minutes"
        case hours == 1: return "About an hour"
        case hours < 48: return "\(hours) hours"
        case hours < 24 * 7 * 2: return "\(hours / 24) days"
        case hours < 24 * 30 * 2: return "\(hours / 24 / 7) weeks"
        case hours < 24 * 365 * 2: return "\(hours / 24 / 30) months"
        default: return "\(hours / 24 / 365) years"
        }
    }

    /// `2 weeks ago`
    static func ago(seconds: Double) -> String { text(seconds: seconds) + " ago" }
}

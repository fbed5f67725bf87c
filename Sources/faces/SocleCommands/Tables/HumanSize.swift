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

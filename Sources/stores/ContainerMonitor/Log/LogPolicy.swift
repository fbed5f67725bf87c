package import Reporting

/// Where a container's output is kept, and how much of it: `--log-driver`, `--log-opt`.
package struct LogPolicy: Codable, Hashable, Sendable {
    package enum Driver: String, Codable, Sendable {
        case jsonFile = "json-file"
        case local
        case none
    }

    package var driver: Driver
    /// The options as they were given, for `inspect`.
    package var options: [String: String]
    /// A file that has this many bytes is followed by a new one; nil is without limit.
    package var maximumSize: Int64?
    package var maximumFiles: Int
    /// What stands beside each line; nil as nothing.
    package var attributes: [String: String]?

    package static let standard = LogPolicy(driver: .jsonFile)

    private init(driver: Driver) {
        self.driver = driver
        options = [:]
        maximumFiles = 1
    }

    /// From what the user wrote; what Docker refuses is refused.
    package init(driver name: String, options: [String: String]) throws(PlainFailure) {
        guard let driver = Driver(rawValue: name.isEmpty ? Driver.jsonFile.rawValue : name) else {
            throw PlainFailure(
                .unsupported,
                "logger: no log driver named '\(name)' is registered",
                hint: "json-file, local and none are"
            )
        }
        self.init(driver: driver)
        self.options = options
        if driver == .local { (maximumSize, maximumFiles) = (20 << 20, 5) }
        for (key, value) in options.sorted(by: { $0.key < $1.key }) {
            switch key {
            case "max-size" where driver != .none: maximumSize = try Self.size(value)
            case "max-file" where driver != .none: maximumFiles = try Self.count(value)
            case "labels" where driver == .jsonFile, "env" where driver == .jsonFile: continue
            case "tag" where driver == .jsonFile: try Self.check(tag: value)
            case "mode" where value == "blocking": continue
            default:
                throw PlainFailure(.invalidArgument, "unknown log opt '\(key)' for \(driver.rawValue) log driver")
            }
        }
    }

    private static func count(_ text: String) throws(PlainFailure) -> Int {
        guard let count = Int(text) else {
            throw PlainFailure(.invalidArgument, "strconv.Atoi: parsing \"\(text)\": invalid syntax")
        }
        if count < 1 { throw PlainFailure(.invalidArgument, "max-file cannot be less than 1") }
        return min(count, 10_000)
    }

    /// `10m`, `1g`, `500k`: powers of 1000, as Docker has it; -1 is without limit.
    private static func size(_ text: String) throws(PlainFailure) -> Int64? {
        if text == "-1" { return nil }
        var digits = text.lowercased()[...]
        if digits.hasSuffix("b") { digits.removeLast() }
        let units: [Character: Int64] = ["k": 1_000, "m": 1_000_000, "g": 1_000_000_000, "t": 1_000_000_000_000]
        var unit: Int64 = 1
        if let last = digits.last, let found = units[last] {
            unit = found
            digits.removeLast()
        }
        guard let number = Int64(digits), number > 0, !number.multipliedReportingOverflow(by: unit).overflow else {
            throw PlainFailure(.invalidArgument, "invalid size: '\(text)'")
        }
        return number * unit
    }

    /// The log's place in a container's folder; nil where nothing is kept.
    package func file(id: String) -> String? { driver == .none ? nil : "\(id)-json.log" }
}

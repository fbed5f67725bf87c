private import LinuxSystem
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
    /// Whether the files that are full are compressed; nil as no.
    package var compresses: Bool?
    /// So much waits for the disk before lines are dropped; nil where the container waits for it.
    package var bufferSize: Int64?
    /// What stands beside each line; nil as nothing.
    package var attributes: [String: String]?

    package static let standard = LogPolicy(driver: .jsonFile)

    private init(driver: Driver) {
        self.driver = driver
        options = [:]
        maximumFiles = 1
    }

    /// From what the user wrote; what Docker refuses is refused, in its words.
    package init(driver name: String, options: [String: String]) throws(PlainFailure) {
        guard let driver = Driver(rawValue: name.isEmpty ? Driver.jsonFile.rawValue : name) else {
            throw PlainFailure(
                .unsupported,
                "error looking up logging plugin \(name): plugin \"\(name)\" not found",
                hint: "json-file, local and none are"
            )
        }
        self.init(driver: driver)
        self.options = options
        if driver == .none {
            if options.isEmpty { return }
            throw PlainFailure(.invalidArgument, "invalid logging opts for driver none")
        }
        bufferSize = try Self.bufferSize(options)
        try checkNames()
        do throws(PlainFailure) { try takeValues() } catch {
            throw PlainFailure(
                error.kind,
                "failed to initialize logging driver: \(error.description)",
                hint: error.hint
            )
        }
    }

    /// `mode` and `max-buffer-size`.
    private static func bufferSize(_ options: [String: String]) throws(PlainFailure) -> Int64? {
        let size = options["max-buffer-size"]
        switch options["mode"] ?? "" {
        case "", "blocking":
            if size == nil { return nil }
            throw PlainFailure(
                .invalidArgument,
                "logger: max-buffer-size option is only supported with 'mode=non-blocking'"
            )
        case "non-blocking":
            guard let size else { return 1 << 20 }
            guard let bytes = LogSize.bytes(size, thousand: 1_024) else {
                throw PlainFailure(.invalidArgument, "error parsing option max-buffer-size: invalid size: '\(size)'")
            }
            // Docker's own limit for none.
            return bytes == 0 ? 1 << 20 : bytes
        case let mode: throw PlainFailure(.invalidArgument, "logger: logging mode not supported: \(mode)")
        }
    }

    private func checkNames() throws(PlainFailure) {
        let general: Set = ["mode", "max-buffer-size", "max-size", "max-file", "compress"]
        let ofJSON: Set = ["labels", "labels-regex", "env", "env-regex", "tag"]
        for key in options.keys.sorted() where !general.contains(key) {
            if driver == .jsonFile, ofJSON.contains(key) { continue }
            let place = driver == .jsonFile ? "json-file log driver" : "log driver \(driver.rawValue)"
            throw PlainFailure(.invalidArgument, "unknown log opt '\(key)' for \(place)")
        }
    }

    private mutating func takeValues() throws(PlainFailure) {
        let isLocal = driver == .local
        if isLocal { (maximumSize, maximumFiles, compresses) = (20 << 20, 5, true) }
        if let text = options["max-size"] {
            guard let size = LogSize.bytes(text, thousand: isLocal ? 1_024 : 1_000) else {
                throw Self.invalid(isLocal ? "max-size: \(text)" : nil, "invalid size: '\(text)'")
            }
            if size == 0 { throw PlainFailure(.invalidArgument, "max-size must be a positive number") }
            maximumSize = size
        }
        if let text = options["max-file"] {
            guard let count = Int(text) else {
                throw Self.invalid(
                    isLocal ? "max-file: \(text)" : nil,
                    "strconv.Atoi: parsing \"\(text)\": invalid syntax"
                )
            }
            if count < 1 { throw PlainFailure(.invalidArgument, "max-file cannot be less than 1") }
            maximumFiles = min(count, 10_000)
        }
        if let text = options["compress"] {
            guard let compresses = Bool(goText: text) else {
                let reason = "strconv.ParseBool: parsing \"\(text)\": invalid syntax"
                throw PlainFailure(.invalidArgument, isLocal ? "error reading compress log option: \(reason)" : reason)
            }
            self.compresses = compresses
        }
        if compresses == true, maximumFiles < 2 || maximumSize == nil {
            throw PlainFailure(
                .invalidArgument,
                isLocal
                    ? "compression cannot be enabled when max file count is 1"
                    : "compress cannot be true when max-file is less than 2 or max-size is not set"
            )
        }
        for option in ["labels-regex", "env-regex"] {
            guard let pattern = options[option], ExtendedExpression(pattern) == nil else { continue }
            throw PlainFailure(.invalidArgument, "error parsing regexp: `\(pattern)`")
        }
        if let tag = options["tag"] { try Self.check(tag: tag) }
    }

    private static func invalid(_ place: String?, _ reason: String) -> PlainFailure {
        PlainFailure(.invalidArgument, place.map { "invalid value for \($0): \(reason)" } ?? reason)
    }

    /// The log's place in a container's folder; nil where nothing is kept.
    package func file(id: String) -> String? { driver == .none ? nil : "\(id)-json.log" }
}

/// `10m`, `1.5g`, `500kB` among the options of logs.
private enum LogSize {
    static func bytes(_ text: String, thousand: Double) -> Int64? {
        var digits = text.lowercased()[...]
        if digits.hasSuffix("b") { digits.removeLast() }
        if digits.hasSuffix("i") { digits.removeLast() }
        var unit = 1.0
        if let last = digits.last, let power = ["k", "m", "g", "t", "p"].firstIndex(of: last) {
            for _ in 0...power { unit *= thousand }
            digits.removeLast()
            if digits.hasSuffix(" ") { digits.removeLast() }
        }
        guard digits.first?.isNumber == true, digits.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 }),
            let number = Double(digits), number * unit < 9e18
        else { return nil }
        return Int64(number * unit)
    }
}

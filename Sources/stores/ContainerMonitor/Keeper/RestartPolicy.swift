package import Reporting

/// Whether a container that ended is started again: `--restart`.
package struct RestartPolicy: Codable, Hashable, Sendable {
    package enum Name: String, Codable, Sendable {
        case no
        case always
        case onFailure = "on-failure"
        case unlessStopped = "unless-stopped"
    }

    package var name: Name
    /// How often at most, for `on-failure`; 0 is without limit.
    package var maximum: Int

    package static let never = RestartPolicy(name: .no, maximum: 0)

    package init(name: Name, maximum: Int) {
        self.name = name
        self.maximum = maximum
    }

    /// `on-failure:3`, `always`.
    package init(_ text: String) throws(PlainFailure) {
        if text.isEmpty {
            self = .never
            return
        }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if let reason = Self.unreadable(text) { throw PlainFailure(.invalidArgument, reason) }
        guard let name = Name(rawValue: parts[0]) else {
            throw PlainFailure(
                .invalidArgument,
                "invalid restart policy '\(parts[0])'",
                hint: "no, always, on-failure and unless-stopped are"
            )
        }
        self.init(name: name, maximum: 0)
        let count = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
        guard name == .onFailure || count == 0 else {
            throw PlainFailure(
                .invalidArgument,
                "maximum retry count cannot be used with restart policy '\(name.rawValue)'"
            )
        }
        if count < 0 { throw PlainFailure(.invalidArgument, "maximum retry count cannot be negative") }
        maximum = count
    }

    /// What is wrong with the form of a policy; nil for one that can be read.
    package static func unreadable(_ text: String) -> String? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count > 2 { return "invalid restart policy format" }
        return parts.count == 2 && Int(parts[1]) == nil ? "maximum retry count must be an integer" : nil
    }

    package var text: String { maximum > 0 ? "\(name.rawValue):\(maximum)" : name.rawValue }

    /// Whether to start again after an end with `code`, when that has been done `count` times.
    func restarts(after code: Int32, count: Int) -> Bool {
        switch name {
        case .no: false
        case .always, .unlessStopped: true
        case .onFailure: code != 0 && (maximum == 0 || count < maximum)
        }
    }

    /// How long to wait before, in milliseconds: twice as long each time, from 100 to a minute; from the beginning where
    /// the container ran for ten seconds.
    static func delay(after previous: Int, ranFor nanoseconds: Int64) -> Int {
        previous == 0 || nanoseconds >= 10_000_000_000 ? 100 : min(previous * 2, 60_000)
    }
}

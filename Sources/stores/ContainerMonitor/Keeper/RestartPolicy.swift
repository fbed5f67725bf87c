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
        guard let name = Name(rawValue: parts[0]) else {
            throw PlainFailure(.invalidArgument, "invalid restart policy: unknown policy '\(parts[0])'; use one of "
                + "'no', 'always', 'on-failure', or 'unless-stopped'")
        }
        self.init(name: name, maximum: 0)
        guard parts.count == 2 else { return }
        guard let count = Int(parts[1]) else {
            throw PlainFailure(.invalidArgument, "invalid restart policy format: maximum retry count must be an integer")
        }
        guard name == .onFailure || count == 0 else {
            throw PlainFailure(
                .invalidArgument,
                "invalid restart policy: maximum retry count can only be used with 'on-failure'"
            )
        }
        if count < 0 {
            throw PlainFailure(.invalidArgument, "invalid restart policy: maximum retry count cannot be negative")
        }
        maximum = count
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

/// How to find out whether a container is well: HEALTHCHECK. Times are in nanoseconds.
package struct HealthPlan: Codable, Hashable, Sendable {
    /// The program that is run inside.
    package var arguments: [String]
    package var interval: Int64 = 30_000_000_000
    package var timeout: Int64 = 30_000_000_000
    /// How long after the start failures don't count.
    package var startPeriod: Int64 = 0
    /// Between two tests in the start period.
    package var startInterval: Int64 = 5_000_000_000
    /// So many failures in a row make it unwell.
    package var retries = 3

    package init(_ arguments: [String]) { self.arguments = arguments }
}

/// What is known of a container's health: `health.json`, written by its monitor.
package struct HealthRecord: Codable, Hashable, Sendable {
    package enum Status: String, Codable, Sendable { case starting, healthy, unhealthy }

    /// One test.
    package struct Probe: Codable, Hashable, Sendable {
        /// Nanoseconds since 1970.
        package var start: Int64
        package var end: Int64
        /// -1 where the program couldn't be run or took too long.
        package var code: Int32
        package var output: String
    }

    package var status = Status.starting
    package var failures = 0
    /// The last five.
    package var log: [Probe] = []

    package static let logSize = 5

    package init() {}

    /// Takes the result of a test; whether the status is another one now.
    mutating func take(_ probe: Probe, plan: HealthPlan, startedAt: Int64) -> Bool {
        let before = status
        log = log.suffix(Self.logSize - 1) + [probe]
        if probe.code == 0 {
            failures = 0
            status = .healthy
        } else if status != .starting || probe.start - startedAt >= plan.startPeriod {
            failures += 1
            if failures >= plan.retries { status = .unhealthy }
        }
        return status != before
    }
}

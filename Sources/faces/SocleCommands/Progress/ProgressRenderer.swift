import Reporting

/// Turns events into text.
///
/// It is a value that knows neither the clock nor the terminal, so tests read what it writes.
protocol ProgressRenderer: Sendable {
    /// Whether it wants to draw while nothing happens: clocks that run.
    var ticks: Bool { get }

    /// The text for events that happened, each with its time since the start.
    mutating func render(_ events: [(event: ProgressEvent, time: Duration)], now: Duration) -> String

    /// The last text; nothing comes after it.
    mutating func finish(now: Duration) -> String
}

/// How progress is shown: `--progress`.
enum ProgressMode: String, Sendable, CaseIterable, ArgumentValue {
    case auto, plain, tty, quiet

    /// Whether what is shown may be followed by words for people.
    var isForPeople: Bool { self != .quiet }

    init(argument: String) throws(ArgumentError) {
        guard let mode = ProgressMode(rawValue: argument) else {
            throw ArgumentError(
                "unknown progress type \(GoText.quoted(argument))",
                hint: "one of \(Self.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        self = mode
    }
}

/// Shows nothing.
struct SilentProgress: ProgressRenderer {
    let ticks = false

    init() {}

    func render(_ events: [(event: ProgressEvent, time: Duration)], now: Duration) -> String { "" }
    func finish(now: Duration) -> String { "" }
}

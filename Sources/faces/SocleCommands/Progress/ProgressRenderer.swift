import Reporting

/// Turns events into text.
///
/// It is a value that knows neither the clock nor the terminal, so tests read what it writes.
protocol ProgressRenderer: Sendable {
    /// Whether it wants to draw while nothing happens: clocks that run.
    var ticks: Bool { get }

    /// Whether it writes all that programs say; then they wait for it where it is slow.
    var needsEveryLine: Bool { get }

    /// The terminal has another size now.
    mutating func resize(rows: Int, columns: Int)

    /// The text for events that happened, each with its time since the start.
    mutating func render(_ events: [(event: ProgressEvent, time: Duration)], now: Duration) -> String

    /// The last text; nothing comes after it.
    mutating func finish(now: Duration) -> String
}

extension ProgressRenderer {
    var needsEveryLine: Bool { true }
    func resize(rows: Int, columns: Int) {}
}

/// How progress is shown: `--progress`.
enum ProgressMode: String, Sendable, CaseIterable, ArgumentValue {
    case auto, plain, tty, quiet, rawjson, none

    init(argument: String) throws(ArgumentError) {
        guard let mode = ProgressMode(rawValue: argument) else {
            throw ArgumentError(
                "unknown progress type \(GoText.quoted(argument))",
                hint: "one of \(Self.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        self = mode
    }

    /// What counts: the flag, else the caller's `BUILDKIT_PROGRESS`.
    static func chosen(_ flag: ProgressMode?, quiet: Bool) throws(ArgumentError) -> ProgressMode {
        if quiet {
            if let flag, flag != .auto, flag != .quiet {
                throw ArgumentError("progress=\(flag.rawValue) and quiet cannot be used together")
            }
            return .quiet
        }
        if let flag { return flag }
        guard let text = Terminal.environment("BUILDKIT_PROGRESS"), !text.isEmpty else { return .auto }
        return try ProgressMode(argument: text)
    }

    /// Whether what is shown may be followed by words for people.
    var isForPeople: Bool {
        switch self {
        case .auto, .plain, .tty: true
        case .quiet, .rawjson, .none: false
        }
    }
}

/// Shows nothing.
struct SilentProgress: ProgressRenderer {
    let ticks = false

    init() {}

    func render(_ events: [(event: ProgressEvent, time: Duration)], now: Duration) -> String { "" }
    func finish(now: Duration) -> String { "" }
}

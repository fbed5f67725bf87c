import ContainerManagement
import ContainerMonitor
import LinuxSystem
import OCISpec
import SocleEngine

/// `socle logs`.
struct LogsCommand: Command {
    static let usage = Usage("CONTAINER", 1...1, "Fetch the logs of a container")
    static var flags: [Flag<Self>] {
        Flag.toggle("details", \.showsDetails, "Show extra details provided to logs")
        Flag.toggle("follow", short: "f", \.follows, "Follow log output")
        Flag.value("since", \.since, "Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m)")
        Flag.value("tail", short: "n", \.tail, "Number of lines to show from the end of the logs (default \"all\")")
        Flag.toggle("timestamps", short: "t", \.showsTimes, "Show timestamps")
        Flag.value("until", \.until, "Show logs before a timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m)")
    }
    var operands: [String] = []
    var showsDetails = false
    var follows = false
    var since: String?
    var tail: String?
    var showsTimes = false
    var until: String?

    func run(in session: Session) throws -> ExitCode {
        var query = LogQuery()
        query.follows = follows
        let containers = try session.engine().containers
        // Before the other words are looked at, as with Docker.
        _ = try containers.find(operands[0])
        query.since = try Self.moment(since, "since")
        query.until = try Self.moment(until, "until")
        // As with Docker, what is no number, and a negative one, is all.
        query.tail = tail.flatMap(Int.init).flatMap { $0 < 0 ? nil : $0 }
        var writer = LogOutput()
        try containers.logs(operands[0], query, pause: { writer.flush() }) { record in
            writer.write(record, showsTime: showsTimes, showsDetails: showsDetails)
        }
        writer.flush()
        return .success
    }

    private static func moment(_ text: String?, _ flag: String) throws(ArgumentError) -> Timestamp? {
        guard let text, !text.isEmpty else { return nil }
        do throws(ArgumentError) { return try Moment.parse(text, now: .now) } catch {
            throw ArgumentError("invalid value for \(GoText.quoted(flag)): \(error.description)")
        }
    }
}

/// Writes records to standard output and standard error, many at once.
private struct LogOutput {
    private var waiting: [UInt8] = []
    private var target: CInt = 1
    private var isBroken = false

    /// Whether somebody still reads.
    mutating func write(_ record: LogRecord, showsTime: Bool, showsDetails: Bool) -> Bool {
        let target: CInt = record.stream == .output ? 1 : 2
        if target != self.target || waiting.count > 1 << 16 { flush() }
        self.target = target
        if showsTime {
            waiting += Self.fixed(record.time).utf8
            waiting.append(0x20)
        }
        if showsDetails {
            waiting += Self.details(record.attributes).utf8
            waiting.append(0x20)
        }
        waiting += record.bytes
        return !isBroken
    }

    mutating func flush() {
        guard !waiting.isEmpty else { return }
        do { try DescriptorIO.write(target, waiting.span) } catch { isBroken = true }
        waiting.removeAll(keepingCapacity: true)
    }

    /// `a=b,c=d`, where what isn't plain is written as in a query.
    private static func details(_ attributes: [String: String]) -> String {
        attributes.sorted { $0.key < $1.key }.map { "\(escaped($0.key))=\(escaped($0.value))" }.joined(separator: ",")
    }

    private static func escaped(_ text: String) -> String { PercentEncoding.encoded(text, blank: "+") }

    /// With nine digits of a second, so that lines stand one below the other.
    private static func fixed(_ time: String) -> String {
        guard time.hasSuffix("Z") else { return time }
        let parts = time.dropLast().split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let digits = parts.count == 2 ? String(parts[1]) : ""
        return "\(parts[0])." + digits + String(repeating: "0", count: max(0, 9 - digits.utf8.count)) + "Z"
    }
}

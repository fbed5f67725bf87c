import ByteStreams
import DockerfileSyntax
import OCISpec
import Reporting

/// Progress for programs: BuildKit's `SolveStatus` documents, one a line.
struct StatusProgress: ProgressRenderer {
    let ticks = false

    private struct Step {
        var digest: String
        var title: String
        var start: Duration
    }

    /// The time at which the clock of the events stood at zero.
    private let epoch: Timestamp
    private var steps: [ProgressEvent.TaskID: Step] = [:]
    private var parts: [ProgressEvent.TaskID: [String: Duration]] = [:]

    init(epoch: Timestamp = .now) {
        self.epoch = epoch
    }

    mutating func render(_ events: [(event: ProgressEvent, time: Duration)], now: Duration) -> String {
        events.compactMap { document(for: $0.event, at: $0.time) }.map { $0.serialized() + "\n" }.joined()
    }

    func finish(now: Duration) -> String { "" }

    private mutating func document(for event: ProgressEvent, at time: Duration) -> JSONValue? {
        switch event {
        case .started(let id, let title):
            let step = Step(digest: Self.digest(id, title), title: title, start: time)
            steps[id] = step
            return Self.status("vertexes", vertex(step))
        case .finished(let id, let outcome):
            return steps[id].map { Self.status("vertexes", vertex($0, ended: time, outcome)) }
        case .log(let id, let bytes, let stream): return log(id, bytes, stream, at: time)
        case .amount(let id, let done, let total):
            return status(of: id, ProgressEvent.Part("transferring", done: done, total: total), at: time)
        case .part(let id, let part): return status(of: id, part, at: time)
        case .warning(let warning): return Self.status("warnings", Self.warning(warning))
        case .planned, .recorded, .note: return nil
        }
    }

    private static func status(_ kind: String, _ entry: JSONValue) -> JSONValue {
        AnswerJSON.object([(kind, .array([entry]))])
    }

    private func time(_ time: Duration) -> JSONValue {
        let (seconds, fraction) = time.components
        let nanoseconds = epoch.epochNanoseconds + seconds * 1_000_000_000 + fraction / 1_000_000_000
        return .string(Timestamp(epochNanoseconds: nanoseconds).text)
    }

    private func vertex(
        _ step: Step,
        ended: Duration? = nil,
        _ outcome: ProgressEvent.Outcome? = nil
    ) -> JSONValue {
        let error: String? =
            switch outcome {
            case .failed(let message): message
            case .cancelled: "context canceled"
            case .done, .cached, nil: nil
            }
        return AnswerJSON.object([
            ("digest", .string(step.digest)), ("name", .string(step.title)), ("started", time(step.start)),
            ("completed", ended.map(time)), ("cached", .bool(outcome == .cached)),
            ("error", error.map(JSONValue.string)),
        ])
    }

    private func log(
        _ id: ProgressEvent.TaskID,
        _ bytes: [UInt8],
        _ stream: ProgressEvent.LogStream,
        at time: Duration
    ) -> JSONValue? {
        guard let step = steps[id] else { return nil }
        let entry = AnswerJSON.object([
            ("vertex", .string(step.digest)), ("stream", .integer(stream == .output ? 1 : 2)),
            ("data", .string(Base64.text(bytes))), ("timestamp", self.time(time)),
        ])
        return Self.status("logs", entry)
    }

    private mutating func status(of id: ProgressEvent.TaskID, _ part: ProgressEvent.Part, at time: Duration)
        -> JSONValue?
    {
        guard let step = steps[id] else { return nil }
        let start = parts[id]?[part.name] ?? time
        parts[id, default: [:]][part.name] = start
        var entry = JSONObject()
        entry["id"] = .string(part.name)
        entry["vertex"] = .string(step.digest)
        if let total = part.total { entry["total"] = .integer(total) }
        entry["current"] = .integer(part.done ?? 0)
        entry["timestamp"] = self.time(time)
        entry["started"] = self.time(start)
        if part.isFinished { entry["completed"] = self.time(time) }
        return Self.status("statuses", .object(entry))
    }

    private static func warning(_ warning: Diagnostic) -> JSONValue {
        let place = warning.ranges.first.map { " (line \($0.start.line))" } ?? ""
        let short = (warning.rule.map { "\($0): " } ?? "") + warning.message + place
        let detail = warning.rule.flatMap(LintRule.named)?.summary ?? warning.hint
        let source = AnswerJSON.object([("filename", .string(warning.file)), ("language", .string("Dockerfile"))])
        return AnswerJSON.object([
            ("level", .integer(1)), ("short", .string(Base64.text(Array(short.utf8)))),
            ("detail", detail.map { .array([.string(Base64.text(Array($0.utf8)))]) }),
            ("url", warning.url.map(JSONValue.string)), ("sourceInfo", source),
            ("range", AnswerJSON.location(warning.ranges)["ranges"]),
        ])
    }

    /// A name for a task that looks like a vertex's digest.
    private static func digest(_ id: ProgressEvent.TaskID, _ title: String) -> String {
        Digest.of(Array("\(id) \(title)".utf8)).description
    }
}

import LinuxSystem
import Reporting

/// Stands between those who report progress and the terminal: keeps a bounded number of events, and has them drawn on a
/// thread of its own.
///
/// Whose output comes faster than it can be written waits until there is room, where every line is to be shown; where only
/// the end of it is, the rest is let go.
final class ProgressFeed: Sendable {
    fileprivate struct State {
        var waiting: [(event: ProgressEvent, time: Duration)] = []
        var logBytes = 0
        var wakeups = 0
        var isClosed = false
        var isDone = false
        var steps = FailedSteps()
        var warnings: [Diagnostic] = []
        var recordName: String?
    }

    private let state = Guarded(State())
    private let start = ContinuousClock.now
    private let needsEveryLine: Bool

    /// Output of steps that waits to be drawn; more has to wait outside.
    private static let longestWait = 1 << 20

    /// Draws with `renderer` and hands its text to `write`, which may block.
    ///
    /// What redraws itself does so once a `tick`; `size`, the terminal's, is asked before each drawing.
    init(
        _ renderer: any ProgressRenderer,
        tick: Duration = .milliseconds(100),
        size: @escaping @Sendable () -> (rows: Int, columns: Int)? = { nil },
        write: @escaping @Sendable (String) -> Void
    ) {
        needsEveryLine = renderer.needsEveryLine
        let draw: @Sendable () -> Void = { [self] in self.draw(renderer, size, write) }
        if renderer is SilentProgress {
            state.update { $0.isDone = true }
        } else if !DetachedThread.start(draw) {
            // Without a thread nothing is drawn; the work goes on.
            state.update { $0.isDone = true }
        } else if renderer.ticks {
            _ = DetachedThread.start { [self] in self.wake(every: tick) }
        }
    }

    /// Where events go.
    var sink: ProgressSink { { [self] event in self.take(event) } }

    /// Waits until everything is drawn.
    func finish() {
        state.update { $0.isClosed = true }
        state.wait { $0.isDone ? () : nil }
    }

    /// What the steps that failed had said last.
    var failedSteps: FailedSteps { state.wait { $0.steps } }

    /// The warnings so far.
    var warnings: [Diagnostic] { state.wait { $0.warnings } }

    /// The name under which all that was said is kept; nil where nobody keeps it.
    var recordName: String? { state.wait { .some($0.recordName) } }

    private func take(_ event: ProgressEvent) {
        let time = ContinuousClock.now - start
        state.wait { state in
            guard case .log(let id, let bytes, let stream) = event, !state.isDone else {
                state.note(event, at: time)
                return ()
            }
            if state.logBytes > 0, state.logBytes + bytes.count > Self.longestWait {
                if needsEveryLine, !state.isClosed { return nil }
                state.forgetLogs(keeping: Self.longestWait / 2)
            }
            state.logBytes += bytes.count
            state.note(.log(id, bytes: bytes, stream: stream), at: time)
            return ()
        }
    }

    private func draw(
        _ renderer: some ProgressRenderer,
        _ size: @Sendable () -> (rows: Int, columns: Int)?,
        _ write: (String) -> Void
    ) {
        var renderer = renderer
        var seen = 0
        while true {
            let (events, isClosed) = state.wait { state -> ([(event: ProgressEvent, time: Duration)], Bool)? in
                let isAwake = renderer.ticks && state.wakeups != seen
                // What redraws itself does so at its own pace, however much happens.
                let isDue = renderer.ticks ? isAwake : !state.waiting.isEmpty
                guard isDue || state.isClosed else { return nil }
                defer {
                    seen = state.wakeups
                    state.waiting = []
                    state.logBytes = 0
                }
                return (state.waiting, state.isClosed)
            }
            let now = ContinuousClock.now - start
            if let size = size() { renderer.resize(rows: size.rows, columns: size.columns) }
            let text = renderer.render(events, now: now) + (isClosed ? renderer.finish(now: now) : "")
            if !text.isEmpty { write(text) }
            if isClosed { return state.update { $0.isDone = true } }
        }
    }

    private func wake(every tick: Duration) {
        while !state.wait({ $0.isClosed }) {
            Terminal.sleep(tick)
            state.update { $0.wakeups += 1 }
        }
    }
}

extension ProgressFeed.State {
    /// Takes an event that there is room for.
    fileprivate mutating func note(_ event: ProgressEvent, at time: Duration) {
        steps.take(event, at: time)
        switch event {
        case .warning(let warning): warnings.append(warning)
        case .recorded(let name): recordName = name
        default: break
        }
        if isDone { return }
        if case .amount(let id, _, _) = event, case .amount(id, _, _)? = waiting.last?.event { waiting.removeLast() }
        waiting.append((event, time))
    }

    /// Lets the oldest output go.
    fileprivate mutating func forgetLogs(keeping limit: Int) {
        waiting.removeAll { entry in
            guard logBytes > limit, case .log(_, let bytes, _) = entry.event else { return false }
            logBytes -= bytes.count
            return true
        }
    }
}

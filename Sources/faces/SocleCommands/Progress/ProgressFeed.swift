import LinuxSystem
import Reporting

/// Stands between those who report progress and the terminal: takes events without blocking, keeps a bounded number of
/// them, and has them drawn on a thread of its own.
final class ProgressFeed: Sendable {
    private struct State {
        var waiting: [(event: ProgressEvent, time: Duration)] = []
        var logBytes = 0
        var isClipped = false
        var wakeups = 0
        var isClosed = false
        var isDone = false
        var steps = FailedSteps()
        var warnings: [Diagnostic] = []
    }

    private let state = Guarded(State())
    private let start = ContinuousClock.now

    /// Output of steps that waits to be written; what comes while so much waits is left out, and said to be.
    private static let longestWait = 4 << 20
    private static let tick = Duration.milliseconds(100)

    /// Draws with `renderer` and hands its text to `write`, which may block.
    init(_ renderer: any ProgressRenderer, write: @escaping @Sendable (String) -> Void) {
        let draw: @Sendable () -> Void = { [self] in self.draw(renderer, write) }
        if renderer is SilentProgress {
            state.update { $0.isDone = true }
        } else if !DetachedThread.start(draw) {
            // Without a thread nothing is drawn; the work goes on.
            state.update { $0.isDone = true }
        } else if renderer.ticks {
            _ = DetachedThread.start { [self] in self.wake() }
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

    private func take(_ event: ProgressEvent) {
        let time = ContinuousClock.now - start
        state.update { state in
            state.steps.take(event, at: time)
            if case .warning(let warning) = event { state.warnings.append(warning) }
            if state.isDone { return }
            if case .log(let id, let bytes, let stream) = event {
                if state.logBytes > Self.longestWait {
                    if state.isClipped { return }
                    state.isClipped = true
                    let text = Array("[output clipped: it comes faster than it can be written]\n".utf8)
                    state.waiting.append((.log(id, bytes: text, stream: stream), time))
                    return
                }
                state.logBytes += bytes.count
            }
            if case .amount(let id, _, _) = event, case .amount(id, _, _)? = state.waiting.last?.event {
                state.waiting.removeLast()
            }
            state.waiting.append((event, time))
        }
    }

    private func draw(_ renderer: some ProgressRenderer, _ write: (String) -> Void) {
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
                    state.isClipped = false
                }
                return (state.waiting, state.isClosed)
            }
            let now = ContinuousClock.now - start
            let text = renderer.render(events, now: now) + (isClosed ? renderer.finish(now: now) : "")
            if !text.isEmpty { write(text) }
            if isClosed { return state.update { $0.isDone = true } }
        }
    }

    private func wake() {
        while !state.wait({ $0.isClosed }) {
            Terminal.sleep(Self.tick)
            state.update { $0.wakeups += 1 }
        }
    }
}

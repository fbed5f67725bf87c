import Reporting

/// Remembers the end of every running step's output, to be shown again under the error when the step fails.
struct FailedSteps: Sendable {
    private struct Step: Sendable {
        var title: String
        var start: Duration
        var lines = StepLines()
    }

    private var steps: [ProgressEvent.TaskID: Step] = [:]
    /// The frames of the steps that failed.
    private(set) var frames: [String] = []

    init() {}

    mutating func take(_ event: ProgressEvent, at time: Duration) {
        switch event {
        case .started(let id, let title): steps[id] = Step(title: title, start: time)
        case .log(let id, let bytes, _):
            guard let start = steps[id]?.start else { return }
            steps[id]?.lines.skim(bytes, stamp: StepClock.stamp(time - start))
        case .finished(let id, .failed):
            guard var step = steps.removeValue(forKey: id) else { return }
            _ = step.lines.end(stamp: StepClock.stamp(time - step.start))
            // A step that said nothing has its error alone.
            if step.lines.tail.isEmpty { return }
            let lines = step.lines.tail.map { "\($0.stamp) \($0.text)\n" }.joined()
            frames.append("------\n > \(GoText.visible(step.title)):\n\(lines)------\n")
        case .finished(let id, _): steps[id] = nil
        case .amount, .part, .planned, .recorded, .warning, .note: break
        }
    }
}

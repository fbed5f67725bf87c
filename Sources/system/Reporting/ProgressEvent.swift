/// What happens while a verb is at work, told upward only. A face puts a buffer behind its sink and draws.
public enum ProgressEvent: Sendable {
    /// Identifies one task of a verb: a build step, a layer. Numbers grow in the order in which tasks are announced.
    public typealias TaskID = Int

    public enum Outcome: Sendable, Hashable {
        case done, cached, cancelled
        case failed(String)
    }

    /// Which of a program's two streams a piece of its output came from.
    public enum LogStream: Sendable, Hashable { case output, error }

    case started(TaskID, title: String)
    /// `total` is nil where it isn't known; both are in bytes.
    case amount(TaskID, done: Int64, total: Int64?)
    case log(TaskID, bytes: [UInt8], stream: LogStream)
    case warning(Diagnostic)
    /// A note for the user that belongs to no task.
    case note(String)
    case finished(TaskID, Outcome)
}

/// Takes events without blocking; may be called from any thread.
public typealias ProgressSink = @Sendable (ProgressEvent) -> Void

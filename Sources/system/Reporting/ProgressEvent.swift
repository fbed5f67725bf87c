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

    /// A part of a task that has a name of its own: `transferring dockerfile`.
    public struct Part: Sendable, Hashable {
        public var name: String
        /// In bytes; nil where there is nothing to count.
        public var done: Int64?
        public var total: Int64?
        public var isFinished: Bool

        public init(_ name: String, done: Int64? = nil, total: Int64? = nil, isFinished: Bool = false) {
            self.name = name
            self.done = done
            self.total = total
            self.isFinished = isFinished
        }
    }

    /// How many tasks there will be, as far as that is known.
    case planned(Int)
    case started(TaskID, title: String)
    /// `total` is nil where it isn't known; both are in bytes.
    case amount(TaskID, done: Int64, total: Int64?)
    case part(TaskID, Part)
    case log(TaskID, bytes: [UInt8], stream: LogStream)
    case warning(Diagnostic)
    /// The name under which everything that is said here can be read later.
    case recorded(String)
    /// A note for the user that belongs to no task.
    case note(String)
    case finished(TaskID, Outcome)
}

/// Takes events; may be called from any thread. Where a program's output comes faster than it can be written, the call
/// for it lasts longer: that holds the program up, and nothing is lost.
public typealias ProgressSink = @Sendable (ProgressEvent) -> Void

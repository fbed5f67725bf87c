import ByteStreams
import Reporting

/// Tells how many bytes were read, now and then.
final class ProgressSource: ByteSource {
    private let upstream: any ByteSource
    private let task: ProgressEvent.TaskID
    private let progress: ProgressSink
    private var count: Int64 = 0
    private var told: Int64 = 0

    /// How many bytes pass between two events.
    private static let step: Int64 = 4 << 20

    init(_ upstream: any ByteSource, task: ProgressEvent.TaskID, title: String, progress: @escaping ProgressSink) {
        self.upstream = upstream
        self.task = task
        self.progress = progress
        progress(.started(task, title: title))
    }

    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        let more = try upstream.read(into: &buffer, from: start)
        count += Int64(more)
        if count - told >= Self.step || more == 0 {
            told = count
            progress(.amount(task, done: count, total: nil))
        }
        return more
    }
}

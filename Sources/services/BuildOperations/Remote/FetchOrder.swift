import ByteStreams
import Reporting

/// Who wants something fetched, and how.
struct FetchOrder: Sendable {
    /// The step as progress knows it.
    var task: ProgressEvent.TaskID
    /// Whether what was fetched before doesn't count.
    var ignoresCache = false
    /// Ends the fetching when nobody wants it any more.
    var cancellation = Cancellation()
}

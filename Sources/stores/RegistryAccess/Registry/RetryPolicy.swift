package import ByteStreams
private import LinuxSystem

/// How often and after how long a request is made again.
package struct RetryPolicy: Sendable {
    /// How often something is tried at most.
    package var attempts = 5
    /// Before the second attempt, in milliseconds; doubled for each that follows.
    package var firstPause = 200
    /// No pause is longer, in milliseconds, unless the server asks for it.
    package var longestPause = 10_000
    /// What a server may ask us to wait, in seconds; who asks for more gets an error at once.
    package var longestWish: Int64 = 30
    /// Waits a number of milliseconds; returns early when the work is called off.
    package var pause: @Sendable (Int, Cancellation?) -> Void

    package init(pause: @escaping @Sendable (Int, Cancellation?) -> Void = RetryPolicy.sleep) { self.pause = pause }

    /// The pause after an attempt, counted from 1, in milliseconds; nil where there is to be no further one.
    func pause(after attempt: Int, wish: Int64?) -> Int? {
        guard attempt < attempts else { return nil }
        if let wish { return wish > longestWish ? nil : Int(wish) * 1_000 }
        return min(firstPause << (attempt - 1), longestPause)
    }

    /// Sleeps, in pieces.
    package static func sleep(milliseconds: Int, cancellation: Cancellation?) {
        var left = milliseconds
        while left > 0, cancellation?.isCancelled != true {
            Pause.milliseconds(min(left, 100))
            left -= 100
        }
    }
}

private import Glibc
private import SystemPackage

/// A thread of the system for work that blocks; it ends when its work does, and nobody joins it.
package enum DetachedThread {
    /// Starts `body` on a new thread with all signals blocked, so that they reach the threads that expect them.
    ///
    /// False where the system has no thread to give.
    package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        let work = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            },
            work.toOpaque()
        )
        if code != 0 {
            work.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    /// Does work that changes its thread on one of its own, and waits for it.
    ///
    /// - Parameter failure: what to throw where the system has no thread to give.
    static func value<Value: Sendable, Failure: Error>(
        orThrow failure: Failure,
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let result = Guarded<Result<Value, Failure>?>(nil)
        let isStarted = start {
            let value = Result(catching: body)
            result.update { $0 = value }
        }
        guard isStarted else { throw failure }
        return try result.wait { $0 }.get()
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

extension SystemError {
    /// Where a thread is needed and the system has none.
    static let noThread = SystemError("pthread_create", nil, .resourceTemporarilyUnavailable)
}

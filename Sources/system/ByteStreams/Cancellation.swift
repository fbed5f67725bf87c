private import LinuxSystem

/// Tells work that blocks, on any number of threads, that nobody wants its result any more.
///
/// Swift's own cancellation belongs to a task; this belongs to a piece of work, and can wake what waits in the kernel.
public final class Cancellation: Sendable {
    private struct State {
        var isCancelled = false
        var actions: [Int: @Sendable () -> Void] = [:]
        var count = 0
    }

    private let state = Guarded(State())

    /// Makes one that nobody has cancelled.
    public init() {}

    /// Whether the work was called off.
    public var isCancelled: Bool { state.wait { $0.isCancelled } }

    /// Throws if the work was called off.
    public func check() throws(CancellationError) { if isCancelled { throw CancellationError() } }

    /// Calls the work off; more than once is the same as once.
    public func cancel() {
        state.update { state in
            if state.isCancelled { return }
            state.isCancelled = true
            state.actions.values.forEach { $0() }
            state.actions = [:]
        }
    }

    /// Runs `body`; `action` ends what it waits for, should the work be called off meanwhile or before.
    ///
    /// The action runs at most once, and never after this returned. It must not use the cancellation itself.
    public func whenCancelled<Result>(
        _ action: @escaping @Sendable () -> Void,
        during body: () throws -> Result
    ) rethrows -> Result {
        let number = state.update { state -> Int in
            state.count += 1
            if state.isCancelled { action() } else { state.actions[state.count] = action }
            return state.count
        }
        defer { state.update { $0.actions[number] = nil } }
        return try body()
    }
}

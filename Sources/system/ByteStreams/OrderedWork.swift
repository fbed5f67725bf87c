private import LinuxSystem

/// Pieces of work that some threads carry out at the same time, whose results are taken in order.
public enum OrderedWork {
    private struct State<Output> {
        var next = 0
        var results: [Int: Result<Output, any Error>] = [:]
        var working: Int
        var isStopped = false
    }

    /// Calls `work` for 0..<count on at most `width` threads, and `take` with each result in order, on the caller's thread, as
    /// soon as it and all before it are there.
    ///
    /// The first error, of whichever, is thrown when all threads have ended; `stop` is called before the waiting, to end what is
    /// under way.
    public static func run<Output: Sendable>(
        count: Int,
        width: Int,
        work: @escaping @Sendable (Int) throws -> Output,
        take: (Int, Output) throws -> Void,
        stop: () -> Void
    ) throws {
        if count == 0 { return }
        let threads = min(max(width, 1), count)
        let state = Guarded(State<Output>(working: threads))
        for _ in 0..<threads where !DetachedThread.start({ serve(state, count, work) }) {
            state.update { $0.working -= 1 }
        }
        defer {
            state.update { $0.isStopped = true }
            state.wait { $0.working == 0 ? () : nil }
        }
        do {
            for index in 0..<count { try take(index, result(index, state, work).get()) }
        } catch {
            stop()
            throw error
        }
    }

    /// The life of one thread.
    private static func serve<Output: Sendable>(
        _ state: Guarded<State<Output>>,
        _ count: Int,
        _ work: @Sendable (Int) throws -> Output
    ) {
        while let index = begin(state, count) {
            let result = Result { try work(index) }
            state.update { state in
                state.results[index] = result
                // What comes later isn't wanted any more.
                if case .failure = result { state.isStopped = true }
            }
        }
        state.update { $0.working -= 1 }
    }

    private static func begin<Output>(_ state: Guarded<State<Output>>, _ count: Int) -> Int? {
        state.update { state in
            guard !state.isStopped, state.next < count else { return nil }
            state.next += 1
            return state.next - 1
        }
    }

    /// The result of one piece; a failure of any other piece comes at once. Without a thread the caller works itself.
    private static func result<Output: Sendable>(
        _ index: Int,
        _ state: Guarded<State<Output>>,
        _ work: @Sendable (Int) throws -> Output
    ) -> Result<Output, any Error> {
        let found: Result<Output, any Error>? = state.wait { state -> Result<Output, any Error>?? in
            if let failed = state.results.values.first(where: { if case .failure = $0 { true } else { false } }) {
                return .some(failed)
            }
            if let result = state.results.removeValue(forKey: index) { return .some(result) }
            return state.working == 0 ? .some(nil) : nil
        }
        return found ?? Result { try work(index) }
    }
}

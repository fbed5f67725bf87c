private import LinuxSystem

/// Chunks that go round between two threads: one fills them, the other empties them and gives them back.
///
/// What is given back is filled again, so nothing is allocated after the first round, and a filler that is ahead waits.
final class ChunkRing: Sendable {
    /// A buffer and how much of it is filled.
    struct Chunk {
        var bytes: [UInt8]
        var count: Int
    }

    private struct State {
        var empty: [[UInt8]] = []
        /// How many more buffers may be made.
        var unmade: Int
        /// Oldest first.
        ///
        /// At most `depth`, so taking from the front is cheap.
        var filled: [Chunk] = []
        /// No more chunks will come; with the reason where something went wrong.
        var end: Result<Void, StreamError>?
        /// Nobody takes chunks any more, and why.
        var refusal: StreamError?
    }

    let chunkSize: Int
    private let state: Guarded<State>

    init(chunkSize: Int, depth: Int) {
        precondition(chunkSize > 0 && depth > 0)
        self.chunkSize = chunkSize
        state = Guarded(State(unmade: depth))
    }

    // MARK: - The filling side

    /// A buffer to fill; waits while all are filled.
    ///
    /// Throws what the emptying side refused with.
    func takeEmpty() throws(StreamError) -> [UInt8] {
        let size = chunkSize
        let answer: Result<[UInt8]?, StreamError> = state.wait { state in
            if let refusal = state.refusal { return .failure(refusal) }
            if let bytes = state.empty.popLast() { return .success(bytes) }
            if state.unmade == 0 { return nil }
            state.unmade -= 1
            return .success(nil)
        }
        return try answer.get() ?? [UInt8](repeating: 0, count: size)
    }

    /// Hands over a filled chunk.
    func put(_ chunk: Chunk) { state.update { $0.filled.append(chunk) } }

    /// Says that no more chunks will come.
    func end(_ result: Result<Void, StreamError>) {
        state.update { if $0.end == nil { $0.end = result } }
    }

    // MARK: - The emptying side

    /// The oldest filled chunk; waits for one.
    ///
    /// Nil at the end; throws what the filling side failed with, after its chunks.
    func takeFilled() throws(StreamError) -> Chunk? {
        let answer: Result<Chunk?, StreamError> = state.wait { state in
            if !state.filled.isEmpty { return .success(state.filled.removeFirst()) }
            return state.end?.map { nil }
        }
        return try answer.get()
    }

    /// Gives a buffer back to be filled again.
    func give(_ bytes: [UInt8]) { state.update { $0.empty.append(bytes) } }

    /// Says that no more chunks will be taken; what is filled is dropped.
    func refuse(_ error: StreamError) {
        state.update { state in
            if state.refusal == nil { state.refusal = error }
            state.filled = []
        }
    }

    /// Waits until the emptying side has said that it is done.
    func waitForRefusal() -> StreamError { state.wait { $0.refusal } }
}

/// Carries a source or sink to the one thread that uses it from then on.
struct Handover<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}

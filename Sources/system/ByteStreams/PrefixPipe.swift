private import LinuxSystem

/// A pipe whose writer never waits: a reader that can't keep up gets the stream's beginning, and knows how much that is.
///
/// For who does something with the bytes anyway and has them afterwards: a slow reader must not hold it up, nor may what
/// waits for the reader grow without bound.
public final class PrefixPipe: Sendable {
    private struct State {
        /// Oldest first.
        var waiting: [[UInt8]] = []
        /// Of `waiting`.
        var size = 0
        /// How many bytes the reader took.
        var taken: Int64 = 0
        /// No more bytes will come; with the reason where the reader shall not take them for a beginning of anything.
        var end: Result<Void, StreamError>?

        mutating func drop() {
            waiting = []
            size = 0
        }
    }

    private let state = Guarded(State())
    private let capacity: Int

    /// - Parameter capacity: how many bytes may wait for the reader before the pipe ends.
    public init(capacity: Int) { self.capacity = capacity }

    /// How many bytes the reader took.
    public var taken: Int64 { state.update { $0.taken } }

    // MARK: - The writing side

    /// Takes a copy of `bytes` if there is room, else ends the pipe; after its end it takes nothing more.
    public func offer(_ bytes: Span<UInt8>) {
        state.update { state in
            guard state.end == nil, !bytes.isEmpty else { return }
            guard state.size + bytes.count <= capacity else {
                state.end = .success(())
                return
            }
            state.waiting.append(bytes.withUnsafeBufferPointer { Array($0) })
            state.size += bytes.count
        }
    }

    /// Says that this was all. Where something was lost, what waits is dropped as well: the reader had better fetch all the
    /// rest from where it is whole.
    public func end() {
        state.update { state in
            if state.end == nil {
                state.end = .success(())
            } else {
                state.drop()
            }
        }
    }

    /// Drops what waits; the reader gets the error.
    public func fail(_ error: StreamError) {
        state.update { state in
            state.end = .failure(error)
            state.drop()
        }
    }

    // MARK: - The reading side

    /// What comes out. There is one reader.
    public func source() -> any ByteSource { Outlet(self) }

    private func next() throws(StreamError) -> [UInt8]? {
        let answer: Result<[UInt8]?, StreamError> = state.wait { state in
            if state.waiting.isEmpty { return state.end?.map { nil } }
            let chunk = state.waiting.removeFirst()
            state.size -= chunk.count
            state.taken += Int64(chunk.count)
            return .success(chunk)
        }
        return try answer.get()
    }

    private final class Outlet: ByteSource {
        private let pipe: PrefixPipe
        private var chunk = MemorySource([])

        init(_ pipe: PrefixPipe) { self.pipe = pipe }

        func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
            while true {
                let count = try chunk.read(into: &buffer, from: start)
                if count > 0 { return count }
                guard let next = try pipe.next() else { return 0 }
                chunk = MemorySource(next)
            }
        }
    }
}

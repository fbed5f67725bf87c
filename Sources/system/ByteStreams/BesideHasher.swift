private import Crypto
private import LinuxSystem

/// SHA-256 of chunks, worked out on a thread of its own while whoever has a chunk does something else with it.
///
/// One thread uses it at a time. Short streams and systems without a thread to give cost no thread: they are digested by the
/// caller.
public final class BesideHasher {
    private struct State {
        var sha256 = SHA256()
        /// What the thread is to digest: bytes that the caller lends until it is nil again.
        var chunk: UnsafeRawBufferPointer?
        var isClosed = false
    }

    /// How the work is shared.
    private enum Mode { case undecided, alone, shared }

    private let state = Guarded(State())
    private var mode = Mode.undecided
    /// How many bytes were taken so far.
    public private(set) var count: Int64 = 0

    /// Below this many bytes waking another thread costs more than it gives.
    private static let leastChunk = 65_536
    /// What must have come before a thread is started.
    private static let leastStream: Int64 = 1 << 20

    /// Nothing is taken yet.
    public init() {}

    deinit { state.update { $0.isClosed = true } }

    /// Takes the next chunk, and does `work` meanwhile.
    public func update(_ bytes: Span<UInt8>, beside work: () throws(StreamError) -> Void) throws(StreamError) {
        defer { count += Int64(bytes.count) }
        guard bytes.count >= Self.leastChunk, isShared() else {
            bytes.withUnsafeBufferPointer { chunk in
                state.update { $0.sha256.update(bufferPointer: UnsafeRawBufferPointer(chunk)) }
            }
            return try work()
        }
        let result = bytes.withUnsafeBufferPointer { chunk in
            state.update { $0.chunk = UnsafeRawBufferPointer(chunk) }
            let result = Result(catching: work)
            // The bytes are lent: not before the thread is done with them does this return.
            state.wait { $0.chunk == nil ? () : nil }
            return result
        }
        try result.get()
    }

    /// The digest of all that was taken so far: 32 bytes. More may follow.
    public func current() -> [UInt8] { state.update { Array($0.sha256.finalize()) } }

    private func isShared() -> Bool {
        if mode == .undecided, count >= Self.leastStream {
            let state = state
            mode = DetachedThread.start { Self.serve(state) } ? .shared : .alone
        }
        return mode == .shared
    }

    /// The life of the thread.
    private static func serve(_ state: Guarded<State>) {
        var isOpen = true
        while isOpen {
            isOpen = state.wait { state in
                if let chunk = state.chunk {
                    state.sha256.update(bufferPointer: chunk)
                    state.chunk = nil
                    return true
                }
                return state.isClosed ? false : nil
            }
        }
    }
}

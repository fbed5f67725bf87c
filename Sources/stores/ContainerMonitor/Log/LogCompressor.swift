private import ByteStreams
private import CompressionCodecs
import LinuxSystem

/// Compresses the files of a log that are full, on a thread of its own that is there while there is something to do.
///
/// The container never waits for it: files that are written faster than they are compressed stay as they are, as many as the
/// policy allows.
final class LogCompressor: Sendable {
    private struct State {
        var isRunning = false
        /// Whether files came since the thread looked.
        var isAsked = false
        /// How many bytes it may still take; nil is as many as there are.
        var rest: Int?
    }

    /// So much is finished when the container has ended; what is more stays as it is until the container runs again.
    private static let patience = 64 << 20
    private static let block = 1 << 17

    private let archive: LogArchive
    private let state = Guarded(State())

    init(_ archive: LogArchive) { self.archive = archive }

    /// Looks for files that are to be compressed.
    func begin() {
        let starts = state.update { state in
            state.isAsked = true
            state.rest = nil
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if starts, !DetachedThread.start({ self.work() }) { state.update { $0.isRunning = false } }
    }

    /// Returns when nothing of it goes on.
    func settle() {
        state.update { $0.rest = Self.patience }
        state.wait { $0.isRunning ? nil : () }
    }

    private func work() {
        /// Those that can't be compressed.
        var given: Set<FileStatus.Identity> = []
        while state.update({ state in
            state.isRunning = state.isAsked
            defer { state.isAsked = false }
            return state.isRunning
        }) {
            while let file = archive.takePlain(except: given), let status = try? FileStatus(of: file.descriptor.raw) {
                do {
                    try compress(file.descriptor)
                    archive.exchange(status.identity)
                } catch {
                    archive.dropPacked()
                    given.insert(status.identity)
                }
            }
            OwnMemory.trim()
        }
    }

    private func compress(_ file: borrowing OwnedDescriptor) throws {
        let packed = try archive.beginPacked()
        let sink = try Compressor.sink(.gzip, over: FileSink(try packed.duplicate()))
        var offset: Int64 = 0
        while true {
            let bytes = try DescriptorIO.read(file.raw, at: offset, count: Self.block)
            if bytes.isEmpty { break }
            offset += Int64(bytes.count)
            guard mayTake(bytes.count) else { throw StreamError(.cancelled) }
            try sink.write(bytes.span)
        }
        try sink.finish()
        // A machine that goes down must not leave a name without its bytes.
        try DescriptorIO.syncData(packed.raw)
    }

    private func mayTake(_ count: Int) -> Bool {
        state.update { state in
            guard let rest = state.rest else { return true }
            state.rest = rest - count
            return rest >= count
        }
    }
}

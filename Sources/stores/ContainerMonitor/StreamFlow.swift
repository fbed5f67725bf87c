private import Glibc
import LinuxSystem
private import SystemPackage

/// From a pipe that a container writes to, to a stream of this process's.
final class StreamFlow {
    /// So much a pipe takes that can be written to at all: `PIPE_BUF`.
    private static let portion = 4_096
    /// The buffer begins small, since most programs say a few lines and pages that are cleared are paid for, and doubles where it fills.
    private static let bufferSizes = 4_096...65_536

    /// The container's end; borrowed until `begin`.
    let end: CInt
    private let sink: CInt
    /// Whether writing never waits for a reader.
    private let isFile: Bool
    private var pipe: Pipe?
    private let reader: CInt
    private var buffer: [UInt8] = []
    private var pending = 0..<0
    private(set) var isOpen = true

    init(to sink: CInt, _ place: FileStatus) throws(SystemError) {
        self.sink = sink
        isFile = place.kind == .file
        let pipe = try Pipe()
        (reader, end) = (pipe.reading.raw, pipe.writingEnd)
        self.pipe = consume pipe
    }

    func begin(_ poller: inout Poller) throws(SystemError) {
        pipe?.closeWriting()
        try NonBlocking.set(reader)
        poller.watch(reader, .readable)
    }

    func handle(_ descriptor: CInt, _ poller: inout Poller) {
        guard isOpen else { return }
        if descriptor == reader {
            fill()
            if isFile { empty() }
        } else if descriptor == sink {
            empty(Self.portion)
        } else {
            return
        }
        watch(&poller)
    }

    private func watch(_ poller: inout Poller) {
        poller.forget(isOpen && pending.isEmpty ? sink : reader)
        if !isOpen { return poller.forget(sink) }
        poller.watch(pending.isEmpty ? reader : sink, pending.isEmpty ? .readable : .writable)
    }

    /// Reads once; whether there was something.
    @discardableResult private func fill() -> Bool {
        // The last reading left no room, or there was none yet.
        if pending.upperBound == buffer.count, buffer.count < Self.bufferSizes.upperBound {
            buffer = [UInt8](repeating: 0, count: max(buffer.count * 2, Self.bufferSizes.lowerBound))
        }
        do {
            pending = 0..<(try DescriptorIO.read(reader, into: &buffer))
            if pending.isEmpty { close() }
        } catch {
            if error.errno != .wouldBlock { close() }
        }
        return !pending.isEmpty
    }

    /// Writes at most so much of what waits. Where nobody reads any more, the container's next write is told so.
    private func empty(_ most: Int = .max) {
        var rest = most
        while !pending.isEmpty, rest > 0 {
            let count = buffer.withUnsafeBytes {
                Glibc.write(sink, $0.baseAddress.map { $0 + pending.lowerBound }, min(pending.count, rest))
            }
            if count >= 0 {
                pending = (pending.lowerBound + count)..<pending.upperBound
                rest -= count
                continue
            }
            switch currentErrno() {
            case .interrupted: continue
            case .wouldBlock where most < .max: return
            case .wouldBlock: NonBlocking.waitUntilWritable(sink)
            default: return close()
            }
        }
    }

    /// Copies all that is there, whoever has to be waited for.
    func finish(_ poller: inout Poller) {
        empty()
        while isOpen, fill() { empty() }
        watch(&poller)
    }

    func leave() {
        guard isOpen else { return }
        try? StreamDrain.start(reader)
        close()
    }

    private func close() {
        pipe = nil
        pending = 0..<0
        isOpen = false
    }
}

private import Glibc
import LinuxSystem
private import SystemPackage

/// From a stream of this process's to a pipe that a container reads.
final class StreamFeed {
    /// The container's end; borrowed until `begin`.
    let end: CInt
    private let source: CInt
    private var pipe: Pipe?
    /// nil once the container has no more to expect.
    private var writer: OwnedDescriptor?
    private let number: CInt
    private var buffer: [UInt8] = []
    private var pending = 0..<0

    init(_ source: CInt) throws(SystemError) {
        self.source = source
        let pipe = try Pipe()
        let writer = try OwnedDescriptor.duplicate(of: pipe.writingEnd)
        (end, number) = (pipe.reading.raw, writer.raw)
        self.pipe = consume pipe
        self.writer = consume writer
    }

    func begin(_ poller: inout Poller) throws(SystemError) {
        pipe = nil
        try NonBlocking.set(number)
        poller.watch(source, .readable)
    }

    /// Whether the descriptor was one of its own.
    func handle(_ descriptor: CInt, _ poller: inout Poller) -> Bool {
        if descriptor == source { fill() } else if descriptor != number { return false }
        empty()
        poller.forget(source)
        poller.forget(number)
        if writer == nil { return true }
        if pending.isEmpty { poller.watch(source, .readable) } else { poller.watch(number, .writable) }
        return true
    }

    private func fill() {
        if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: 65_536) }
        pending = 0..<((try? DescriptorIO.read(source, into: &buffer)) ?? 0)
        if pending.isEmpty { writer = nil }
    }

    private func empty() {
        while writer != nil, !pending.isEmpty {
            let count = buffer.withUnsafeBytes {
                Glibc.write(number, $0.baseAddress.map { $0 + pending.lowerBound }, pending.count)
            }
            if count >= 0 {
                pending = (pending.lowerBound + count)..<pending.upperBound
                continue
            }
            switch currentErrno() {
            case .interrupted: continue
            case .wouldBlock: return
            default: writer = nil
            }
        }
    }
}

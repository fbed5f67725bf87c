private import Glibc
import LinuxSystem
private import SystemPackage

/// Somebody who is attached to a container, as its monitor sees it.
final class AttachedClient {
    /// So much may wait for a client; beyond that, the container has to wait as well.
    private static let limit = 1 << 20

    let descriptor: OwnedDescriptor
    var streams: AttachedStreams
    private var waiting: [UInt8] = []
    private var sent = 0
    private var frames = FrameReader()

    init(_ descriptor: consuming OwnedDescriptor, _ streams: AttachedStreams) {
        self.descriptor = descriptor
        self.streams = streams
    }

    var isFull: Bool { waiting.count - sent > Self.limit }
    var isDone: Bool { waiting.isEmpty }

    func put(_ kind: MonitorFrame.Kind, _ payload: ArraySlice<UInt8>) {
        waiting += MonitorFrame.header(kind, payload.count)
        waiting += payload
    }

    /// Sends what can be sent now; false where the client is gone.
    func flush() -> Bool {
        while sent < waiting.count {
            let count = waiting.withUnsafeBytes { bytes in
                send(
                    descriptor.raw,
                    bytes.baseAddress?.advanced(by: sent),
                    bytes.count - sent,
                    CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL)
                )
            }
            if count < 0 {
                let code = currentErrno()
                if code == .interrupted { continue }
                return code == .wouldBlock || code == .resourceTemporarilyUnavailable
            }
            sent += count
        }
        waiting.removeAll(keepingCapacity: waiting.count < 1 << 17)
        sent = 0
        return true
    }

    /// Reads once; false where the client is gone or sends what it shouldn't.
    func receive(_ body: (MonitorFrame) -> Void) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 32_768)
        let count = buffer.withUnsafeMutableBytes {
            recv(descriptor.raw, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT))
        }
        if count < 0 {
            let code = currentErrno()
            return code == .interrupted || code == .wouldBlock || code == .resourceTemporarilyUnavailable
        }
        if count == 0 { return false }
        frames.append(buffer[0..<count])
        do {
            while let frame = try frames.next() { body(frame) }
        } catch {
            return false
        }
        return true
    }
}

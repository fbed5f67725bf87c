internal import Glibc
internal import LinuxSystem

/// A connection to a port of the host's, and the one to the container that it is passed on to.
final class RelayedConnection {
    private let client: OwnedDescriptor
    private let container: OwnedDescriptor
    private var isConnected = false
    private var inwards = RelayedStream()
    private var outwards = RelayedStream()
    private(set) var isOver = false

    private init(_ client: consuming OwnedDescriptor, _ container: consuming OwnedDescriptor) {
        self.client = client
        self.container = container
    }

    /// nil where the container can't even be asked: the client's connection ends then.
    static func open(_ client: consuming OwnedDescriptor, to target: SocketAddress) -> RelayedConnection? {
        guard let container = NonBlocking.socket(target.family, CInt(SOCK_STREAM.rawValue)) else { return nil }
        try? NonBlocking.set(client.raw)
        let raw = container.raw
        let isConnected = target.withPointer { connect(raw, $0, $1) } == 0
        if !isConnected, Glibc.errno != EINPROGRESS { return nil }
        let connection = RelayedConnection(client, container)
        connection.isConnected = isConnected
        return connection
    }

    /// What to wait for: of the client, and of the container.
    var interests: [pollfd] {
        if !isConnected {
            // A client that goes away meanwhile is noticed without asking.
            return [
                pollfd(fd: client.raw, events: 0, revents: 0),
                pollfd(fd: container.raw, events: Int16(POLLOUT), revents: 0),
            ]
        }
        return [
            Self.interest(client.raw, reading: inwards, writing: outwards),
            Self.interest(container.raw, reading: outwards, writing: inwards),
        ]
    }

    private static func interest(_ descriptor: CInt, reading: RelayedStream, writing: RelayedStream) -> pollfd {
        let events = (reading.wantsMore ? Int16(POLLIN) : 0) | (writing.hasSome ? Int16(POLLOUT) : 0)
        // One that has hung up says so for ever, asked or not; a negative number isn't looked at.
        return pollfd(fd: events == 0 ? -1 : descriptor, events: events, revents: 0)
    }

    /// Does what can be done now.
    func goOn(_ ofClient: Int16, _ ofContainer: Int16) {
        if ofClient | ofContainer == 0 { return }
        let broken = Int16(POLLERR) | Int16(POLLNVAL)
        if !isConnected {
            isOver = ofClient & (broken | Int16(POLLHUP)) != 0 || ofContainer & (broken | Int16(POLLHUP)) != 0
            isConnected = !isOver && ofContainer & Int16(POLLOUT) != 0
            return
        }
        if (ofClient | ofContainer) & broken != 0 {
            isOver = true
            return
        }
        let isWhole =
            inwards.move(from: client.raw, to: container.raw) && outwards.move(from: container.raw, to: client.raw)
        isOver = !isWhole || inwards.isOver && outwards.isOver
    }
}

/// One direction of a connection.
struct RelayedStream {
    private static let size = 64 << 10
    /// How many buffers are moved before it is another connection's turn.
    private static let turn = 16
    private var buffer: [UInt8] = []
    /// What of the buffer is still to be written.
    private var rest = 0..<0
    private var hasEnded = false
    /// Whether the end was passed on.
    private(set) var isOver = false

    var hasSome: Bool { !rest.isEmpty }
    var wantsMore: Bool { rest.isEmpty && !hasEnded }

    /// Reads and writes as much as is possible without waiting; false where the connection is broken.
    mutating func move(from source: CInt, to sink: CInt) -> Bool {
        for _ in 0..<Self.turn where !isOver {
            if wantsMore {
                if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: Self.size) }
                let count = buffer.withUnsafeMutableBytes { recv(source, $0.baseAddress, $0.count, 0) }
                if count < 0 { return Self.isPatient }
                if count == 0 { hasEnded = true } else { rest = 0..<count }
            }
            if hasSome {
                let count = buffer.withUnsafeBytes { bytes in
                    send(sink, bytes.baseAddress.map { $0 + rest.lowerBound }, rest.count, CInt(MSG_NOSIGNAL))
                }
                if count < 0 { return Self.isPatient }
                rest = rest.dropFirst(count)
            } else if hasEnded {
                shutdown(sink, CInt(SHUT_WR))
                buffer = []
                isOver = true
            }
        }
        return true
    }

    /// Whether the last call would have had to wait, and nothing is wrong.
    private static var isPatient: Bool { [EAGAIN, EWOULDBLOCK, EINTR].contains(Glibc.errno) }
}

internal import Glibc
internal import LinuxSystem

/// Datagrams to ports of the host's, and the answers to them.
///
/// Each sender gets a socket of its own to the container, by which answers find back; who is silent for a while loses it.
struct RelayedConversations {
    /// As Docker has it.
    static let patience: Int64 = 90_000
    /// More senders than these make the one go that was silent longest.
    static let largestCount = 128
    /// How many datagrams of one port, or of one answer, are passed on before it is another's turn.
    private static let turn = 64

    private final class Conversation {
        let listener: CInt
        let sender: SocketAddress
        let target: SocketAddress
        let container: OwnedDescriptor
        var lastTime: Int64

        init(
            listener: CInt,
            sender: SocketAddress,
            target: SocketAddress,
            container: consuming OwnedDescriptor,
            now: Int64
        ) {
            self.listener = listener
            self.sender = sender
            self.target = target
            self.container = container
            lastTime = now
        }
    }

    private var all: [Conversation] = []
    private var buffer: [UInt8] = []

    /// What to wait for, in the order that `answer` wants.
    var interests: [pollfd] { all.map { pollfd(fd: $0.container.raw, events: Int16(POLLIN), revents: 0) } }

    /// How long until the first one has been silent for too long; -1 where there is none.
    func patience(now: Int64) -> CInt {
        guard let first = all.map(\.lastTime).min() else { return -1 }
        return CInt(clamping: max(first + Self.patience - now, 0))
    }

    /// Takes the datagrams that wait at a port, and passes them on; nowhere, where the container is nowhere.
    mutating func pass(from listener: CInt, to target: SocketAddress?, now: Int64) {
        makeRoom()
        for _ in 0..<Self.turn {
            guard let (count, sender) = receive(from: listener) else { break }
            guard let target, let conversation = conversation(listener, sender, target, now: now) else { continue }
            conversation.lastTime = now
            // Nobody promises that a datagram arrives.
            _ = buffer.withUnsafeBytes { send(conversation.container.raw, $0.baseAddress, count, CInt(MSG_NOSIGNAL)) }
        }
    }

    /// Passes answers on, and forgets who has been silent.
    mutating func answer(_ events: [Int16], now: Int64) {
        if all.isEmpty { return }
        makeRoom()
        for (conversation, event) in zip(all, events) where event != 0 {
            let raw = conversation.container.raw
            for _ in 0..<Self.turn {
                let count = buffer.withUnsafeMutableBytes { recv(raw, $0.baseAddress, $0.count, 0) }
                // A port that nobody listens at is an error once, and then it is asked again.
                if count < 0 { break }
                conversation.lastTime = now
                _ = conversation.sender.withPointer { address, size in
                    buffer.withUnsafeBytes {
                        sendto(conversation.listener, $0.baseAddress, count, CInt(MSG_NOSIGNAL), address, size)
                    }
                }
            }
        }
        all.removeAll { $0.lastTime + Self.patience <= now }
    }

    private mutating func makeRoom() {
        if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: 65_536) }
    }

    /// The next datagram's size, and who sent it; nil where none waits.
    private mutating func receive(from listener: CInt) -> (Int, SocketAddress)? {
        var room = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let count = buffer.withUnsafeMutableBytes { bytes in
            withUnsafeMutablePointer(to: &room) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(listener, bytes.baseAddress, bytes.count, 0, $0, &size)
                }
            }
        }
        if count < 0 { return nil }
        return (count, SocketAddress(bytes: withUnsafeBytes(of: room) { Array($0.prefix(Int(size))) }))
    }

    private mutating func conversation(
        _ listener: CInt,
        _ sender: SocketAddress,
        _ target: SocketAddress,
        now: Int64
    ) -> Conversation? {
        all.removeAll { $0.listener == listener && $0.sender == sender && $0.target != target }
        if let known = all.first(where: { $0.listener == listener && $0.sender == sender }) { return known }
        if all.count >= Self.largestCount, let oldest = all.indices.min(by: { all[$0].lastTime < all[$1].lastTime }) {
            all.remove(at: oldest)
        }
        guard let container = NonBlocking.socket(target.family, CInt(SOCK_DGRAM.rawValue)) else { return nil }
        let raw = container.raw
        guard target.withPointer({ connect(raw, $0, $1) }) == 0 else { return nil }
        let conversation = Conversation(
            listener: listener,
            sender: sender,
            target: target,
            container: container,
            now: now
        )
        all.append(conversation)
        return conversation
    }
}

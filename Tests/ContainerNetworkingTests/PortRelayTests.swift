import Glibc
import Testing

@testable import ContainerNetworking

/// What arrives at an address of version 6 comes to a program at one of version 4, and the answers come back.
@Suite(.enabled(if: PortReservation.hostSpeaksIPv6(), "the machine speaks no IPv6"))
struct PortRelayTests {
    /// A socket of the test's own at a loopback address, and its port.
    private final class Socket {
        let raw: CInt
        let port: UInt16

        init(_ address: String, _ type: __socket_type, connectedTo target: UInt16? = nil) throws {
            let address = try #require(IPAddress(address))
            raw = socket(SocketAddress(address, port: 0).family, CInt(type.rawValue), 0)
            var time = timeval(tv_sec: 30, tv_usec: 0)
            setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
            let own = raw
            if let target {
                try #require(SocketAddress(address, port: target).withPointer { connect(own, $0, $1) } == 0)
            } else {
                try #require(SocketAddress(address, port: 0).withPointer { bind(own, $0, $1) } == 0)
                if type == SOCK_STREAM { try #require(listen(own, 8) == 0) }
            }
            var place = sockaddr_storage()
            var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let code = withUnsafeMutablePointer(to: &place) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(own, $0, &size) }
            }
            try #require(code == 0)
            port = UInt16(bigEndian: withUnsafeBytes(of: place) { $0.load(fromByteOffset: 2, as: UInt16.self) })
        }

        init(adopting raw: CInt) {
            self.raw = raw
            port = 0
        }

        deinit { close(raw) }

        func send(_ text: String) {
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes { Glibc.send(raw, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
                if count < 0 { return }
                bytes = bytes.dropFirst(count)
            }
        }

        func receive() -> String {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(raw, &buffer, buffer.count, 0)
            return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
        }

        /// Everything until the other end says that nothing more comes.
        func receiveAll() -> String {
            var text = ""
            while case let part = receive(), !part.isEmpty { text += part }
            return text
        }
    }

    private static func plan(_ kind: PortProtocol, _ port: UInt16) -> RelayPlan {
        RelayPlan(routes: [.init(listener: 0, container: ContainerPort(port, kind), address: "127.0.0.1")])
    }

    @Test func connectionsArePassedOnToTheirEnds() throws {
        let (listener, server) = (try Socket("::1", SOCK_STREAM), try Socket("127.0.0.1", SOCK_STREAM))
        let relay = try PortRelay(Self.plan(.tcp, server.port), listeners: [listener.raw])
        let (first, second) = (
            try Socket("::1", SOCK_STREAM, connectedTo: listener.port),
            try Socket("::1", SOCK_STREAM, connectedTo: listener.port)
        )
        first.send("question")
        let one = Socket(adopting: accept(server.raw, nil, nil))
        let two = Socket(adopting: accept(server.raw, nil, nil))
        // Which of the two came first is the relay's business.
        second.send("other")
        shutdown(first.raw, CInt(SHUT_WR))
        shutdown(second.raw, CInt(SHUT_WR))
        let questions = [one.receiveAll(), two.receiveAll()]
        #expect(Set(questions) == ["question", "other"])
        // The way back is open still, also for much more than any buffer on the way has room for.
        let much = String(repeating: "0123456789", count: 1_000_000)
        let (long, short) = questions[0] == "question" ? (one, two) : (two, one)
        let raw = long.raw
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Sending(Socket(adopting: dup(raw)), much))
        pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                let work = Unmanaged<Sending>.fromOpaque(argument).takeRetainedValue()
                work.socket.send(work.text)
                shutdown(work.socket.raw, CInt(SHUT_WR))
                return nil
            },
            work.toOpaque()
        )
        // One that says nothing holds nobody up.
        #expect(first.receiveAll() == much)
        pthread_join(thread, nil)
        short.send("answer")
        shutdown(short.raw, CInt(SHUT_WR))
        #expect(second.receiveAll() == "answer")
        relay.stop()
    }

    private final class Sending {
        let socket: Socket
        let text: String
        init(_ socket: Socket, _ text: String) { (self.socket, self.text) = (socket, text) }
    }

    @Test func aConnectionThatNobodyTakesEnds() throws {
        let listener = try Socket("::1", SOCK_STREAM)
        let port = try Socket("127.0.0.1", SOCK_STREAM).port  // closed by now
        let relay = try PortRelay(Self.plan(.tcp, port), listeners: [listener.raw])
        let client = try Socket("::1", SOCK_STREAM, connectedTo: listener.port)
        #expect(client.receiveAll() == "")
        relay.stop()
        relay.stop()
    }

    @Test func datagramsFindBack() throws {
        let (listener, server) = (try Socket("::1", SOCK_DGRAM), try Socket("127.0.0.1", SOCK_DGRAM))
        let relay = try PortRelay(Self.plan(.udp, server.port), listeners: [listener.raw])
        let clients = try (0..<2).map { _ in try Socket("::1", SOCK_DGRAM, connectedTo: listener.port) }
        for (number, client) in clients.enumerated() {
            client.send("question \(number)")
            var buffer = [UInt8](repeating: 0, count: 100)
            var place = sockaddr_storage()
            var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let raw = server.raw
            withUnsafeMutablePointer(to: &place) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    let count = recvfrom(raw, &buffer, buffer.count, 0, address, &size)
                    #expect(String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self) == "question \(number)")
                    _ = sendto(raw, buffer, max(count, 0), 0, address, size)
                }
            }
        }
        for (number, client) in clients.enumerated() { #expect(client.receive() == "question \(number)") }
        relay.stop()
    }
}

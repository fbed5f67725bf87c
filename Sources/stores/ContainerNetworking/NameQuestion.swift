private import Glibc
internal import LinuxSystem
package import SystemPackage

/// A question for a container's address, by which one learns that a name server knows it.
package struct NameQuestion: Hashable, Sendable {
    package var name: String
    package var server: IPv4Address

    package init(_ name: String, of server: IPv4Address) {
        self.name = name
        self.server = server
    }

    /// One that nobody waits for an answer to but us.
    private static let number: [UInt8] = [0x50, 0xc1]

    /// RFC 1035: a header, and one question for addresses of version 4. The last bit of the flags says that the server asks others
    /// where it has to; it does so for no name without a dot.
    var packet: [UInt8] {
        let labels = name.split(separator: ".").flatMap { [UInt8(clamping: $0.utf8.count)] + Array($0.utf8) }
        return Self.number + [1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + labels + [0, 0, 1, 0, 1]
    }

    /// Whether a packet has an answer to it.
    func isAnswered(by packet: some RandomAccessCollection<UInt8>) -> Bool {
        let header = Array(packet.prefix(12))
        guard header.count == 12, Array(header[0..<2]) == Self.number else { return false }
        let (isAnswer, isWithoutError) = (header[2] & 0x80 != 0, header[3] & 0x0f == 0)
        return isAnswer && isWithoutError && (header[6] != 0 || header[7] != 0)
    }

    /// Asks from a network namespace until the server knows the name, or a moment has passed.
    package func wait(in namespace: FilePath, milliseconds: Int64 = 2_000) throws(NetworkError) {
        let question = self
        try NetworkNamespace.within(namespace) { () throws(NetworkError) in
            let end = Monotonic.milliseconds() + milliseconds
            while Monotonic.milliseconds() < end, !question.isKnown() { usleep(1_000) }
        }
    }

    /// Asks once. Where nobody listens yet, or nobody answers for a while, it isn't known.
    private func isKnown() -> Bool {
        guard let socket = NonBlocking.socket(AF_INET, CInt(SOCK_DGRAM.rawValue)) else { return false }
        let raw = socket.raw
        guard SocketAddress(.v4(server), port: 53).withPointer({ connect(raw, $0, $1) }) == 0 else { return false }
        let packet = packet
        var answer = [UInt8](repeating: 0, count: 512)
        guard send(raw, packet, packet.count, CInt(MSG_NOSIGNAL)) == packet.count else { return false }
        var waiting = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 50) > 0 else { return false }
        let count = recv(raw, &answer, answer.count, 0)
        return count > 0 && isAnswered(by: answer.prefix(count))
    }
}

/// The time since the machine was started.
enum Monotonic {
    static func milliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}

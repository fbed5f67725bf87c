import Glibc
import LinuxSystem
import SocleTesting
import SystemPackage
import Testing

@testable import ContainerNetworking

@Suite struct NameQuestionTests {
    private static let question = NameQuestion("0123abcd", of: IPv4Address(127, 0, 0, 1))

    @Test func onlyAnAddressIsAnAnswer() {
        let packet = Self.question.packet
        #expect(packet.count == 12 + 1 + 8 + 1 + 4 && packet[12] == 8 && packet.suffix(5) == [0, 0, 1, 0, 1])
        #expect(!Self.question.isAnswered(by: packet))
        #expect(Self.question.isAnswered(by: Self.answer(to: packet, code: 0, count: 1)))
        #expect(!Self.question.isAnswered(by: Self.answer(to: packet, code: 0, count: 0)))
        #expect(!Self.question.isAnswered(by: Self.answer(to: packet, code: 3, count: 1)))
        #expect(!Self.question.isAnswered(by: [0, 0] + Self.answer(to: packet, code: 0, count: 1).dropFirst(2)))
        #expect(!Self.question.isAnswered(by: packet.prefix(11)))
    }

    private static func answer(to packet: [UInt8], code: UInt8, count: UInt8) -> [UInt8] {
        var answer = packet
        (answer[2], answer[3], answer[7]) = (0x85, code, count)
        return answer
    }

    /// A server that knows the name only when it is asked for the fourth time.
    @Test(.requires(.root)) func itIsAskedUntilItKnowsTheName() throws {
        var template = Array("/tmp/socle-question-XXXXXX".utf8CString)
        let folder = String(cString: try #require(mkdtemp(&template)))
        let path = FilePath(folder).appending("network")
        defer {
            ContainerSpace.unpin(path)
            rmdir(folder)
        }
        _ = try ContainerSpace(pinnedAt: path)
        let listener = Guarded<CInt>(-1)
        try NetworkNamespace.within(path) { () throws(NetworkError) in
            let raw = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
            _ = SocketAddress(.v4(IPv4Address(127, 0, 0, 1)), port: 53).withPointer { bind(raw, $0, $1) }
            listener.update { $0 = raw }
        }
        let raw = listener.update { $0 }
        defer { close(raw) }
        let times = Guarded(0)
        let isStarted = DetachedThread.start {
            for time in 1...4 {
                var room = sockaddr_storage()
                var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
                var packet = [UInt8](repeating: 0, count: 512)
                withUnsafeMutablePointer(to: &room) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { sender in
                        let count = recvfrom(raw, &packet, packet.count, 0, sender, &size)
                        let isKnown = time == 4
                        let answer = Self.answer(
                            to: Array(packet.prefix(count)),
                            code: isKnown ? 0 : 3,
                            count: isKnown ? 1 : 0
                        )
                        times.update { $0 = time }
                        _ = sendto(raw, answer, answer.count, 0, sender, size)
                    }
                }
            }
        }
        #expect(isStarted)
        try Self.question.wait(in: path, milliseconds: 600_000)
        #expect(times.update { $0 } == 4)
    }
}

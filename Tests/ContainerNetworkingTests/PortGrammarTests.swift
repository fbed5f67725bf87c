import Reporting
import Testing

@testable import ContainerNetworking

@Suite struct PortGrammarTests {
    private static func text(_ port: PublishedPort) -> String {
        let host =
            port.hostPorts.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" } ?? "*"
        return "\(port.hostAddress)|\(host)|\(port.container)"
    }

    @Test(arguments: [
        ("80", ["|*|80/tcp"]), ("80/udp", ["|*|80/udp"]), ("8080:80", ["|8080|80/tcp"]), (":80", ["|*|80/tcp"]),
        ("0:80", ["|*|80/tcp"]), ("127.0.0.1:8080:80/TCP", ["127.0.0.1|8080|80/tcp"]),
        ("127.0.0.1::80", ["127.0.0.1|*|80/tcp"]), ("8000-8001:80-81", ["|8000|80/tcp", "|8001|81/tcp"]),
        ("8000-8009:80", ["|8000-8009|80/tcp"]), ("80-81/sctp", ["|*|80/sctp", "|*|81/sctp"]),
        ("target=80,published=8080,protocol=udp", ["|8080|80/udp"]),
    ])
    func formsOfPublish(_ given: String, _ wanted: [String]) throws {
        #expect(try PortGrammar.published(given).map(Self.text) == wanted)
    }

    @Test(arguments: [
        "", ":", "x", "0", "80:", "80:x", "x:80", "65536:80", "80:65536", "8000-8001:80-82", "81-80", "80/icmp",
        "80/tcp/x",
        "1.2.3:80:80", "1:2:3:4", "[::zz]:80:80", "[::1]", "::1:80:80", "[fe80::1%eth0]:80:80", "published=80",
        "target=0", "target=80,mode=none",
    ])
    func whatIsRefused(_ text: String) {
        #expect(throws: PlainFailure.self) { try PortGrammar.published(text) }
    }

    @Test func formsOfExpose() throws {
        #expect(try PortGrammar.exposed("80-82/udp").map(\.description) == ["80/udp", "81/udp", "82/udp"])
        #expect(throws: PlainFailure.self) { try PortGrammar.exposed("80:80") }
    }

    @Test func portsCollideWhereOneAddressIsAny() {
        func binding(_ address: String, _ port: UInt16, _ kind: PortProtocol = .tcp) -> PortBinding {
            PortBinding(hostAddress: address, hostPort: port, container: ContainerPort(80, kind))
        }
        #expect(binding("0.0.0.0", 80).collides(with: binding("127.0.0.1", 80)))
        #expect(binding("127.0.0.1", 80).collides(with: binding("127.0.0.1", 80)))
        #expect(!binding("127.0.0.1", 80).collides(with: binding("127.0.0.2", 80)))
        #expect(!binding("0.0.0.0", 80).collides(with: binding("0.0.0.0", 80, .udp)))
        #expect(
            binding("::", 80).collides(with: binding("::1", 80))
                && !binding("::", 80).collides(with: binding("0.0.0.0", 80))
        )
        #expect(binding("::", 80).host == "[::]:80" && binding("0.0.0.0", 80).host == "0.0.0.0:80")
    }
}

import ContainerNetworking
import Testing

@testable import SocleCommands

/// The column PORTS, as Docker 20.10 fills it.
@Suite struct PortTextTests {
    @Test(arguments: [
        (["80/tcp", "53/udp"], "53/udp, 80/tcp"), (["80/tcp", "81/tcp", "82/tcp"], "80-82/tcp"),
        (["80/tcp", "443/tcp", "53/udp"], "80/tcp, 53/udp, 443/tcp"), ([], ""),
        (["80/tcp", "80/udp"], "80/tcp, 80/udp"),
    ])
    func whatIsOnlyExposed(_ ports: [String], _ text: String) {
        #expect(PortText.list([], exposed: ports.compactMap { ContainerPort($0) }) == text)
    }

    /// As newer Docker: 20.10 writes `:::9000`, and puts no range together beside one of the other version.
    @Test func rangesOfBothVersions() {
        let bindings = [UInt16(9000), 9001].flatMap { port in
            ["0.0.0.0", "::"].map {
                PortBinding(hostAddress: $0, hostPort: port, container: ContainerPort(port - 8910))
            }
        }
        #expect(PortText.list(bindings) == "0.0.0.0:9000-9001->90-91/tcp, [::]:9000-9001->90-91/tcp")
    }
}

import ContainerManagement
import ContainerNetworking
import Reporting
import SocleEngine

/// `socle port`.
struct PortCommand: Command {
    static let usage = Usage(
        "CONTAINER [PRIVATE_PORT[/PROTO]]",
        1...2,
        "List port mappings or a specific mapping for the container"
    )
    var operands: [String] = []

    func run(in session: Session) throws -> ExitCode {
        let ports = try session.engine().containers.find(operands[0]).ports
        guard operands.count == 2 else {
            for port in ports { session.output.print("\(port.container) -> \(port.hostAddress):\(port.hostPort)") }
            return .success
        }
        let wanted = operands[1].contains("/") ? operands[1] : operands[1] + "/tcp"
        let found = ports.filter { "\($0.container)" == wanted }
        if found.isEmpty {
            throw PlainFailure(.notFound, "No public port '\(wanted)' published for \(operands[0])")
        }
        for port in found { session.output.print("\(port.hostAddress):\(port.hostPort)") }
        return .success
    }
}

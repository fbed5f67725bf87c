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
        guard operands.count == 2, let wanted = try Self.port(operands[1]) else {
            for port in ports { session.output.print("\(port.container) -> \(port.host)") }
            return .success
        }
        let found = ports.filter { "\($0.container)" == wanted }
        if found.isEmpty {
            throw PlainFailure(.notFound, "No public port '\(wanted)' published for \(operands[0])")
        }
        for port in found { session.output.print(port.host) }
        return .success
    }

    /// `80/tcp` for `80`; nil where nothing is asked for. What is no number is refused in Go's words, as by Docker.
    private static func port(_ text: String) throws(ArgumentError) -> String? {
        if text.isEmpty { return nil }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let isWhole = parts.count == 2 && !parts[1].isEmpty
        let number = isWhole ? parts[0] : text
        if !number.isEmpty { for end in number.split(separator: "-") { _ = try UInt16(argument: String(end)) } }
        return isWhole ? text : text + "/tcp"
    }
}

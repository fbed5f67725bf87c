import ContainerMonitor
import ContainerNetworking
import LinuxSystem
import OCISpec
import SystemPackage

/// The ports of the host's that a running container was started with. Whoever looks after it has their sockets for as long
/// as it runs, whichever network it is on.
struct StandingPorts {
    var bindings: [PortBinding]
    var sockets: HeldPorts
    private static let file: PathBytes = "ports"

    /// - Parameters:
    ///   - folder: the container's.
    ///   - process: its first one.
    init(in folder: FilePath, process: Int32) {
        let bytes = (try? Directory.open(folder).document(Self.file)) ?? []
        bindings = (try? JSON.decode([PortBinding].self, from: bytes)) ?? []
        sockets = HeldPorts(ofParentOf: process)
    }

    /// Writes down what a container is started with.
    static func write(_ reservations: [PortReservation], in folder: FilePath) throws {
        RelayPlan.settle(in: folder)
        let bindings = reservations.filter { $0.descriptor != nil }.map(\.binding)
        let directory = try Directory.open(folder)
        if bindings.isEmpty { try? directory.remove(file) } else { try directory.replaceDocument(file, JSON.encode(bindings)) }
    }

    /// Has them follow a container that came to a network, or left it: what leads nowhere now is let go of.
    func follow(_ endpoints: [Endpoint], in folder: FilePath) throws {
        if bindings.isEmpty { return }
        let led = endpoints.flatMap(\.document.ports)
        sockets.release(bindings.filter { !led.contains($0) })
        try RelayPlan.move(to: endpoints.first { !$0.document.ports.isEmpty }?.relayAddress, in: folder)
    }
}

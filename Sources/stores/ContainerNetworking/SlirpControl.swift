private import Glibc
internal import LinuxSystem
internal import OCISpec
internal import Reporting
internal import SystemPackage

/// What slirp4netns is told and asked through its socket: a request is a JSON object, and so is the answer
/// (slirp4netns(1), "API socket").
struct SlirpControl: Sendable {
    var socket: FilePath

    private struct Request: Encodable {
        struct Arguments: Encodable {
            var proto: String?
            var host_addr: String?
            var host_port: UInt16?
            var guest_addr: String?
            var guest_port: UInt16?
            var id: Int?
        }

        var execute: String
        var arguments = Arguments()
    }

    private struct Answer: Decodable {
        struct Complaint: Decodable { var desc: String }
        struct Entry: Decodable {
            var id: Int
            var proto: String
            var host_addr: String
            var host_port: UInt16
        }

        var error: Complaint?
        var entries: [Entry]?
    }

    /// The process that listens; nil where nobody does.
    var process: Int32? {
        guard let connection = try? UnixSocket.connect(to: socket) else { return nil }
        return UnixSocket.peer(connection.raw)
    }

    /// Ends the process that listens.
    func end() {
        guard let connection = try? UnixSocket.connect(to: socket), let number = UnixSocket.peer(connection.raw),
            let process = try? ProcessDescriptor.open(number)
        else { return }
        try? ProcessDescriptor.signal(process.raw, SIGKILL)
        // Its ports are free when it has gone.
        _ = ProcessDescriptor.ends(process.raw, withinMilliseconds: 2_000)
        _ = connection.raw
    }

    func add(_ entrance: RouterEntrance, to guest: IPv4Address) throws {
        var request = Request(execute: "add_hostfwd")
        request.arguments.proto = entrance.binding.container.protocol.rawValue
        request.arguments.host_addr = entrance.binding.hostAddress
        request.arguments.host_port = entrance.binding.hostPort
        request.arguments.guest_addr = guest.description
        request.arguments.guest_port = entrance.port
        _ = try ask(request)
    }

    func remove(_ entrances: [RouterEntrance]) throws {
        for entry in try ask(Request(execute: "list_hostfwd")).entries ?? [] {
            let isOne = entrances.contains {
                let binding = $0.binding
                return (entry.proto, entry.host_addr, entry.host_port)
                    == (binding.container.protocol.rawValue, binding.hostAddress, binding.hostPort)
            }
            guard isOne else { continue }
            var request = Request(execute: "remove_hostfwd")
            request.arguments.id = entry.id
            _ = try ask(request)
        }
    }

    private func ask(_ request: Request) throws -> Answer {
        let connection = try UnixSocket.connect(to: socket)
        let words = try JSON.encode(request)
        try DescriptorIO.write(connection.raw, words.span)
        try UnixSocket.endSending(connection.raw)
        let said = try DescriptorIO.readAll(connection.raw, limit: 1 << 20)
        let answer = try JSON.decode(Answer.self, from: said)
        if let complaint = answer.error { throw PlainFailure(.unavailable, complaint.desc) }
        return answer
    }
}

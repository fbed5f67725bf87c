package import ByteStreams
import OCISpec
package import Reporting

/// A Docker daemon of this machine or another one, as far as images go to it and come from it: Docker's Engine API 1.24.
package struct DockerDaemon: Sendable {
    private let transport: any HTTPTransport
    /// Before the paths.
    private let base: String
    private let socket: String?

    private static let standardSocket = "/var/run/docker.sock"
    /// No honest line of its answers is longer, and no answer.
    private static let answerLimit = 64 << 20

    /// - Parameter host: as `DOCKER_HOST` has it: `unix:///path` or `tcp://host:port`; nil for Docker's own socket.
    package init(host: String?, transport: any HTTPTransport) throws(PlainFailure) {
        self.transport = transport
        let host = host.flatMap { $0.isEmpty ? nil : $0 } ?? "unix://\(Self.standardSocket)"
        if host.hasPrefix("unix://") {
            (base, socket) = ("http://localhost", String(host.dropFirst(7)))
        } else if host.hasPrefix("tcp://") {
            (base, socket) = ("http://\(host.dropFirst(6))", nil)
        } else {
            throw PlainFailure(
                .unsupported,
                "the Docker daemon \"\(ShownAddress.hidingCredentials(host))\" can't be reached",
                hint: "unix:///path and tcp://host:port can"
            )
        }
    }

    /// An image as an archive that `load` takes.
    package func save(_ name: String) throws -> any ByteSource {
        let response = try send(HTTPRequest("\(base)/v1.24/images/get?names=\(PercentEncoding.encoded(name))"))
        guard response.status == 200 else { throw failure(response, name) }
        return response.body
    }

    /// Gives the daemon an archive; what it says of it.
    ///
    /// - Parameter open: the archive from its beginning.
    package func load(_ open: @escaping @Sendable () throws(StreamError) -> any ByteSource) throws -> [String] {
        let response = try send(
            HTTPRequest(
                "\(base)/v1.24/images/load",
                method: .post,
                headers: [HTTPHeader("Content-Type", "application/x-tar")],
                body: HTTPBody(length: nil, open: open)
            )
        )
        guard response.status == 200 else { throw failure(response, "the archive") }
        let text = String(decoding: try response.body.readAll(limit: Self.answerLimit), as: UTF8.self)
        return try text.split(whereSeparator: \.isNewline).compactMap { line in
            let document = try JSONValue(parsing: Array(line.utf8))
            if let error = document["error"]?.text { throw PlainFailure(.corrupt, "the Docker daemon says: \(error)") }
            return document["stream"]?.text
        }
    }

    private func send(_ request: HTTPRequest) throws -> HTTPResponse {
        var request = request
        request.socket = socket
        request.redirects = 0
        do throws(HTTPError) { return try transport.send(request) } catch {
            if case .body(let failure) = error.reason { throw failure }
            throw PlainFailure(
                .unavailable,
                "the Docker daemon at \(socket ?? base) doesn't answer: \(error)",
                hint: "DOCKER_HOST says where it is"
            )
        }
    }

    private func failure(_ response: HTTPResponse, _ subject: String) -> PlainFailure {
        let bytes = try? response.body.readAll(limit: 65_536)
        let message = bytes.flatMap { try? JSONValue(parsing: $0)["message"]?.text }
        return PlainFailure(
            response.status == 404 ? .notFound : .unavailable,
            "the Docker daemon says of \(subject): \(message ?? "status \(response.status)")"
        )
    }
}

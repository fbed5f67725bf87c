import ByteStreams
import LinuxSystem
import OCISpec

@testable import RegistryAccess

/// A registry that is a list of answers, and remembers what it was asked.
final class ScriptedRegistry: HTTPTransport {
    struct Answer: Sendable {
        var status = 200
        var headers: [HTTPHeader] = []
        var body: [UInt8] = []
        /// After so many bytes of the body the connection breaks.
        var breaksAfter: Int?

        init(_ status: Int = 200, _ headers: [(String, String)] = [], _ body: String = "") {
            self.status = status
            self.headers = headers.map { HTTPHeader($0.0, $0.1) }
            self.body = Array(body.utf8)
        }
    }

    struct Asked: Sendable {
        var method: HTTPMethod
        var url: String
        var headers: [HTTPHeader]
        var body: [UInt8]
        func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
    }

    private let script: @Sendable (Asked, Int) throws(HTTPError) -> Answer
    private let log = Guarded<[Asked]>([])
    /// Pauses that were made, in milliseconds.
    let pauses = Guarded<[Int]>([])

    /// - Parameter script: what is answered to a request, and which of its address it is, counted from 0.
    init(_ script: @escaping @Sendable (Asked, Int) throws(HTTPError) -> Answer) { self.script = script }

    var asked: [Asked] { log.update { $0 } }
    var lines: [String] { asked.map { "\($0.method.rawValue) \($0.url)" } }

    func send(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
        var body: [UInt8] = []
        do throws(StreamError) { body = try request.body?.open().readAll(limit: 1 << 24) ?? [] } catch {
            throw HTTPError(.body(error), url: request.url)
        }
        let asked = Asked(method: request.method, url: request.url, headers: request.headers, body: body)
        let count = log.update { log in
            defer { log.append(asked) }
            return log.count { $0.url == asked.url && $0.method == asked.method }
        }
        let answer = try script(asked, count)
        let isHead = request.method == .head
        return HTTPResponse(
            status: answer.status,
            contentLength: Int64(answer.body.count),
            finalURL: request.url,
            headers: answer.headers,
            body: BreakingSource(isHead ? [] : answer.body, answer.breaksAfter)
        )
    }

    func repository(
        _ name: String = "registry.test/team/app:1",
        credentials: any CredentialSource = NoCredentials()
    ) throws -> RemoteRepository {
        let retry = RetryPolicy { [pauses] milliseconds, _ in pauses.update { $0.append(milliseconds) } }
        return try Registries(transport: self, credentials: credentials, retry: retry).repository(try ImageReference(name))
    }
}

/// One credential for everybody who asks.
struct KnownCredential: CredentialSource {
    var credential: Credential
    func credential(for host: RegistryHost, repository: String) throws(RegistryError) -> Credential? { credential }
}

private final class BreakingSource: ByteSource {
    private let bytes: [UInt8]
    private let limit: Int?
    private var position = 0

    init(_ bytes: [UInt8], _ limit: Int?) {
        self.bytes = bytes
        self.limit = limit
    }

    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        if let limit, position >= limit { throw StreamError(.corrupt("connection reset"), subject: "registry") }
        let count = min(buffer.count - start, (limit ?? bytes.count) - position, bytes.count - position)
        buffer.replaceSubrange(start..<start + count, with: bytes[position..<position + count])
        position += count
        return count
    }
}

import ByteStreams
import RegistryAccess

/// A web without a net: answers from a list; what isn't in it can't be reached.
struct CannedTransport: HTTPTransport {
    struct Answer: Sendable {
        var status = 200
        var length: Int64?
        var headers: [HTTPHeader] = []
        var body: @Sendable () -> any ByteSource
    }

    var answers: [String: Answer] = [:]

    func send(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
        guard let answer = answers[request.url] else {
            throw HTTPError(.connection("could not resolve host"), url: request.url)
        }
        return HTTPResponse(
            status: answer.status,
            contentLength: answer.length,
            finalURL: request.url,
            headers: answer.headers,
            body: answer.body()
        )
    }
}

/// A body without an end.
final class EndlessSource: ByteSource {
    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int { buffer.count - start }
}

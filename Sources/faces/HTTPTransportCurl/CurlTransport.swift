import ByteStreams
private import CCurl
package import RegistryAccess

/// `HTTPTransport` on libcurl, which is loaded when the first request is made.
///
/// Proxies come from the environment as curl knows them; certificates are the system's. Passwords in `~/.netrc` are not
/// read. At most ten redirects are followed, and only to `http` and `https`. A transfer that stands still for a minute
/// fails; a slow one does not, nor does one that waits for us.
package struct CurlTransport: HTTPTransport {
    /// What servers are told about us.
    private let agent: String

    package init(agent: String) { self.agent = agent }

    package func get(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
        let url = request.url
        try Self.validate(url)
        for header in request.headers { try Self.validate(header, url: url) }
        let body = try CurlBody(request, agent: agent)
        let status = body.status
        if status >= 400 { throw HTTPError(.status(status), url: url) }
        return HTTPResponse(
            status: status,
            contentLength: body.contentLength,
            finalURL: body.finalURL,
            headers: body.headers,
            body: body
        )
    }

    /// A line's end in a header would begin another one.
    private static func validate(_ header: HTTPHeader, url: String) throws(HTTPError) {
        guard (header.name + header.value).utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw HTTPError(.invalidURL("header \(header.name) has control characters"), url: url)
        }
    }

    /// Only what can be a web address reaches the library.
    private static func validate(_ url: String) throws(HTTPError) {
        let lower = url.lowercased()
        guard lower.hasPrefix("http://") || lower.hasPrefix("https://") else {
            throw HTTPError(.invalidURL("only http and https can be fetched"), url: url)
        }
        guard url.utf8.count <= 8192 else { throw HTTPError(.invalidURL("longer than 8192 bytes"), url: "") }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw HTTPError(.invalidURL("white space and control characters must be written as %XX"), url: url)
        }
    }
}

/// The body of an answer, pulled from curl as it is read.
///
/// Dropping it ends the transfer.
private final class CurlBody: ByteSource {
    private let transfer: OpaquePointer
    private let cancellation: Cancellation?
    private let url: String

    init(_ request: HTTPRequest, agent: String) throws(HTTPError) {
        let url = request.url
        var message = [CChar](repeating: 0, count: 512)
        let lines = request.headers.map { "\($0.name): \($0.value)" }
        cancellation = request.cancellation
        let transfer = agent.withCString { agent in
            var limits = socle_transfer_limits()
            limits.agent = agent
            limits.redirects = 10
            limits.connect_seconds = 30
            limits.idle_seconds = 60
            if let cancellation = request.cancellation {
                // The body keeps it alive as long as the transfer.
                limits.user = Unmanaged.passUnretained(cancellation).toOpaque()
                limits.is_cancelled = { user in
                    guard let user else { return 0 }
                    return Unmanaged<Cancellation>.fromOpaque(user).takeUnretainedValue().isCancelled ? 1 : 0
                }
            }
            return Self.withTexts(lines) { socle_transfer_open(url, $0, &limits, &message, message.count) }
        }
        guard let transfer else {
            let words = message.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } } ?? ""
            throw HTTPError(words.hasPrefix("libcurl") ? .unavailable(words) : .connection(words), url: url)
        }
        self.transfer = transfer
        self.url = url
    }

    deinit { socle_transfer_close(transfer) }

    var status: Int { socle_transfer_status(transfer) }

    var contentLength: Int64? {
        let length = socle_transfer_length(transfer)
        return length < 0 ? nil : length
    }

    /// The last answer's head; a line that is no header (the status) is left out.
    var headers: [HTTPHeader] {
        String(cString: socle_transfer_head(transfer)).split(whereSeparator: \.isNewline).compactMap { line in
            guard let colon = line.firstIndex(of: ":"), line.first?.isWhitespace == false else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            return HTTPHeader(String(line[..<colon]), String(value))
        }
    }

    /// Lends texts to C as a list that ends with NULL.
    private static func withTexts<Result>(
        _ texts: [String],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        func next(_ index: Int, _ found: [UnsafePointer<CChar>?]) -> Result {
            if index == texts.count { return (found + [nil]).withUnsafeBufferPointer { body($0.baseAddress) } }
            return texts[index].withCString { next(index + 1, found + [$0]) }
        }
        return next(0, [])
    }

    var finalURL: String { String(cString: socle_transfer_url(transfer)) }

    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        let count = buffer.withUnsafeMutableBytes { bytes in
            socle_transfer_read(transfer, bytes.baseAddress.map { $0 + start }, bytes.count - start)
        }
        if count >= 0 { return count }
        let words = socle_transfer_failure(transfer).map { String(cString: $0) } ?? "transfer failed"
        throw StreamError(.corrupt(words), subject: HTTPError.redacted(url))
    }
}

import ByteStreams
private import CCurl
package import RegistryAccess

/// `HTTPTransport` on libcurl, which is loaded when the first request is made.
///
/// Proxies come from the environment as curl knows them; certificates are the system's. Passwords in `~/.netrc` are not
/// read. Redirects are followed only to `http` and `https`. A transfer that stands still for a minute
/// fails; a slow one does not, nor does one that waits for us.
package struct CurlTransport: HTTPTransport {
    /// What servers are told about us.
    private let agent: String

    package init(agent: String) { self.agent = agent }

    package func send(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
        let url = request.url
        try Self.validate(url)
        for header in request.headers { try Self.validate(header, url: url) }
        let body = try CurlBody(request, agent: agent)
        return HTTPResponse(
            status: body.status,
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
        var code: CInt = 0
        cancellation = request.cancellation
        let sent = try SentBody(request.body, url: url)
        let transfer = agent.withCString { agent in
            var limits = socle_transfer_limits()
            limits.agent = agent
            limits.redirects = request.redirects
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
            return Self.withRequest(request, sent) { socle_transfer_open($0, &limits, &message, message.count, &code) }
        }
        if let transfer, let failure = sent?.failure {
            // What the server made of half a body doesn't matter.
            socle_transfer_close(transfer)
            throw HTTPError(.body(failure), url: url)
        }
        guard let transfer else {
            if let failure = sent?.failure { throw HTTPError(.body(failure), url: url) }
            let words = message.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } } ?? ""
            if words.hasPrefix("libcurl") { throw HTTPError(.unavailable(words), url: url) }
            throw HTTPError(Self.unreachable.contains(code) ? .unreachable(words) : .connection(words), url: url)
        }
        self.transfer = transfer
        self.url = url
    }

    /// curl's numbers for servers that can't be found, don't listen, or aren't who they should be: 5 to 7, and those of TLS.
    private static let unreachable: Set<CInt> = [5, 6, 7, 35, 53, 54, 58, 59, 60, 66, 77, 80, 82, 83, 90, 91]

    /// Lends a request to C.
    private static func withRequest<Result>(
        _ request: HTTPRequest,
        _ sent: SentBody?,
        _ body: (UnsafePointer<socle_transfer_request>) -> Result
    ) -> Result {
        // An empty "Expect" asks the server for no permission: that would cost a second with those who don't know it.
        let lines = request.headers.map { "\($0.name): \($0.value)" } + ["Expect:"]
        let security = request.security
        let texts = [
            request.url, request.method.rawValue, security.authorities, security.certificate ?? "", security.key ?? "",
            request.socket ?? "",
        ]
        return withTexts(lines) { headers in
            withTexts(texts) { texts in
                var record = socle_transfer_request()
                record.url = texts?[0]
                record.method = texts?[1]
                record.headers = headers
                record.authorities = security.authorities.isEmpty ? nil : texts?[2]
                record.certificate = security.certificate == nil ? nil : texts?[3]
                record.key = security.key == nil ? nil : texts?[4]
                record.socket = request.socket == nil ? nil : texts?[5]
                record.is_unverified = security.isUnverified ? 1 : 0
                record.body_length = sent.map { $0.length ?? -2 } ?? -1
                if let sent {
                    record.body = Unmanaged.passUnretained(sent).toOpaque()
                    record.read_body = { user, buffer, size in
                        guard let user, let buffer else { return -1 }
                        return Unmanaged<SentBody>.fromOpaque(user).takeUnretainedValue().read(into: buffer, size)
                    }
                }
                return withExtendedLifetime(sent) { withUnsafePointer(to: record) { body($0) } }
            }
        }
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

/// The body of a request, as curl takes it.
private final class SentBody {
    let length: Int64?
    private let source: any ByteSource
    private var chunk = [UInt8](repeating: 0, count: 262_144)
    private var start = 0
    private var end = 0
    /// Why there are no more bytes.
    private(set) var failure: StreamError?

    init?(_ body: HTTPBody?, url: String) throws(HTTPError) {
        guard let body else { return nil }
        length = body.length
        do throws(StreamError) { source = try body.open() } catch { throw HTTPError(.body(error), url: url) }
    }

    func read(into buffer: UnsafeMutableRawPointer, _ size: Int) -> Int {
        if start == end {
            do throws(StreamError) { (start, end) = (0, try source.read(into: &chunk, from: 0)) } catch {
                failure = error
                return -1
            }
        }
        let count = min(size, end - start)
        chunk.withUnsafeBytes { buffer.copyMemory(from: $0.baseAddress.unsafelyUnwrapped + start, byteCount: count) }
        start += count
        return count
    }
}

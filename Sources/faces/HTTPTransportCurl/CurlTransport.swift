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

    package func get(_ url: String) throws(HTTPError) -> HTTPResponse {
        try Self.validate(url)
        let body = try CurlBody(url: url, agent: agent)
        let status = body.status
        if status >= 400 { throw HTTPError(.status(status), url: url) }
        return HTTPResponse(
            status: status,
            contentLength: body.contentLength,
            finalURL: body.finalURL,
            body: body
        )
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
    private let url: String

    init(url: String, agent: String) throws(HTTPError) {
        var message = [CChar](repeating: 0, count: 512)
        let transfer = agent.withCString { agent in
            var limits = socle_transfer_limits(agent: agent, redirects: 10, connect_seconds: 30, idle_seconds: 60)
            return socle_transfer_open(url, &limits, &message, message.count)
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

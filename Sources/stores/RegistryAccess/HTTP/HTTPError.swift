package import ByteStreams
package import Reporting

/// Why a URL could not be fetched.
package struct HTTPError: Failure, Hashable {
    package enum Reason: Sendable, Hashable {
        /// The text isn't a URL that can be fetched; says what is wrong with it.
        case invalidURL(String)
        /// The server answered with an error.
        case status(Int)
        /// No answer, or not all of it; in the library's words.
        case connection(String)
        /// The server can't be found, doesn't listen, or isn't who it should be; in the library's words. Asking again at once
        /// doesn't help.
        case unreachable(String)
        /// What was to be sent couldn't be read.
        case body(StreamError)
        /// The HTTP library isn't installed or doesn't start.
        case unavailable(String)
    }

    package var reason: Reason
    package var url: String

    package init(_ reason: Reason, url: String) {
        self.reason = reason
        self.url = url
    }

    package var kind: FailureKind {
        switch reason {
        case .invalidURL: .invalidArgument
        case .status(401): .unauthenticated
        case .status(403): .forbidden
        case .status(404), .status(410): .notFound
        case .status(400): .invalidArgument
        case .status, .connection, .unreachable: .unavailable
        case .body(let error): error.kind
        case .unavailable: .unsupported
        }
    }

    /// Whether there was no answer at all.
    package var isSilence: Bool {
        switch reason {
        case .connection, .unreachable: true
        case .invalidURL, .status, .body, .unavailable: false
        }
    }

    package var description: String {
        let shown = Self.redacted(url)
        return switch reason {
        case .invalidURL(let detail): "invalid URL \"\(shown)\": \(detail)"
        case .status(let code): "failed to GET \(shown) with status \(code)\(Self.phrase(code).map { " \($0)" } ?? "")"
        case .connection(let words), .unreachable(let words): "failed to GET \(shown): \(words)"
        case .body(let error): "failed to send to \(shown): \(error)"
        case .unavailable(let words): "failed to GET \(shown): \(words)"
        }
    }

    package var hint: String? {
        if case .unavailable = reason { "install libcurl4, or download the file and give its name" } else { nil }
    }

    /// The words of the statuses that people meet.
    private static func phrase(_ code: Int) -> String? {
        switch code {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 407: "Proxy Authentication Required"
        case 410: "Gone"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: nil
        }
    }

    /// The words for a URL that may be shown: without the user's name and password, and without the query, either of which
    /// may be a secret.
    package static func redacted(_ url: String) -> String {
        var text = Substring(url)
        if let mark = text.firstIndex(where: { $0 == "?" || $0 == "#" }) { text = text[..<mark] }
        guard let scheme = text.firstRange(of: "://") else { return String(text) }
        let rest = text[scheme.upperBound...]
        let host = rest.prefix { $0 != "/" }
        guard let at = host.lastIndex(of: "@") else { return String(text) }
        return String(text[..<scheme.upperBound] + rest[rest.index(after: at)...])
    }
}

package import ByteStreams

/// Fetches what a URL names.
///
/// The module knows no HTTP library; a face fills this in.
package protocol HTTPTransport: Sendable {
    /// Starts a GET and returns when the body begins. Only `http` and `https`, also after redirects. An answer with a
    /// status of 400 or more is an error.
    func get(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse
}

extension HTTPTransport {
    /// Starts a plain GET.
    package func get(_ url: String) throws(HTTPError) -> HTTPResponse { try get(HTTPRequest(url)) }
}

/// A GET.
package struct HTTPRequest: Sendable {
    package var url: String
    /// Sent besides what the library sends; one for the server that was named, `Authorization`, goes to no other.
    package var headers: [HTTPHeader]

    /// Ends the waiting for the answer and its body when nobody wants them any more.
    package var cancellation: Cancellation?

    package init(_ url: String, headers: [HTTPHeader] = [], cancellation: Cancellation? = nil) {
        self.url = url
        self.headers = headers
        self.cancellation = cancellation
    }
}

/// A line of a request's or an answer's head.
package struct HTTPHeader: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// An answer whose body is still to be read.
package struct HTTPResponse {
    package var status: Int
    /// The body's length as the server announced it: a claim, good for progress only.
    package var contentLength: Int64?
    /// Where the redirects ended.
    package var finalURL: String
    /// The head of the last answer.
    package var headers: [HTTPHeader]
    package var body: any ByteSource

    package init(
        status: Int,
        contentLength: Int64?,
        finalURL: String,
        headers: [HTTPHeader] = [],
        body: any ByteSource
    ) {
        self.status = status
        self.contentLength = contentLength
        self.finalURL = finalURL
        self.headers = headers
        self.body = body
    }

    /// The value of a header, whatever the case of its name; the first where there are several.
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}

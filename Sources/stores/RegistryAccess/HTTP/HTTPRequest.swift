package import ByteStreams

/// What a request does, by the names of RFC 9110.
package enum HTTPMethod: String, Sendable, Hashable { case get = "GET", head = "HEAD", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE" }

/// A request to a web server.
package struct HTTPRequest: Sendable {
    package var method: HTTPMethod
    package var url: String
    /// Sent besides what the library sends; one for the server that was named, `Authorization`, goes to no other.
    package var headers: [HTTPHeader]
    package var body: HTTPBody?
    /// How many redirects are followed; an answer that redirects beyond none is an answer.
    package var redirects: Int
    package var security: TLSSettings
    /// The path of a local socket that is spoken to, whatever host the address names.
    package var socket: String?

    /// Ends the waiting for the answer and its body when nobody wants them any more.
    package var cancellation: Cancellation?

    package init(
        _ url: String,
        method: HTTPMethod = .get,
        headers: [HTTPHeader] = [],
        body: HTTPBody? = nil,
        redirects: Int = 10,
        security: TLSSettings = TLSSettings(),
        cancellation: Cancellation? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.redirects = redirects
        self.security = security
        self.cancellation = cancellation
    }
}

/// Bytes that go with a request.
package struct HTTPBody: Sendable {
    /// In bytes; nil where it isn't known before: then they go in pieces.
    package var length: Int64?
    /// Gives the bytes from the first on, each time anew: a request may have to be sent again.
    package var open: @Sendable () throws(StreamError) -> any ByteSource

    package init(length: Int64?, open: @escaping @Sendable () throws(StreamError) -> any ByteSource) {
        self.length = length
        self.open = open
    }

    package init(_ bytes: [UInt8]) { self.init(length: Int64(bytes.count)) { () throws(StreamError) in MemorySource(bytes) } }
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

/// Whom a connection trusts, and who we say that we are.
package struct TLSSettings: Sendable, Hashable {
    /// Certificates to trust besides the system's, in PEM; empty for none.
    package var authorities = ""
    /// Paths of the files with our certificate and its key.
    package var certificate: String?
    package var key: String?
    /// Whether anybody may claim to be the server.
    package var isUnverified = false

    package init() {}
}

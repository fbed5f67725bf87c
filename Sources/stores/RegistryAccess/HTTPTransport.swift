package import ByteStreams

/// Fetches what a URL names.
///
/// The module knows no HTTP library; a face fills this in.
package protocol HTTPTransport: Sendable {
    /// Starts a GET and returns when the body begins. Only `http` and `https`, also after redirects. An answer with a
    /// status of 400 or more is an error.
    func get(_ url: String) throws(HTTPError) -> HTTPResponse
}

/// An answer whose body is still to be read.
package struct HTTPResponse {
    package var status: Int
    /// The body's length as the server announced it: a claim, good for progress only.
    package var contentLength: Int64?
    /// Where the redirects ended.
    package var finalURL: String
    package var body: any ByteSource

    package init(status: Int, contentLength: Int64?, finalURL: String, body: any ByteSource) {
        self.status = status
        self.contentLength = contentLength
        self.finalURL = finalURL
        self.body = body
    }
}

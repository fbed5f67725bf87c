package import ByteStreams

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
    package func header(_ name: String) -> String? { values(of: name).first }

    /// All values of a header, in the order of the head.
    package func values(of name: String) -> [String] {
        let wanted = name.lowercased()
        return headers.filter { $0.name.lowercased() == wanted }.map(\.value)
    }
}

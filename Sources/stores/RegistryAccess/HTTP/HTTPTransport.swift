/// Sends requests to web servers.
///
/// The module knows no HTTP library; a face fills this in. Calls block.
package protocol HTTPTransport: Sendable {
    /// Sends a request and returns when the answer's body begins. Only `http` and `https`, also after redirects. Every
    /// status is an answer; an error means that there was none.
    func send(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse
}

extension HTTPTransport {
    /// Starts a GET, with redirects; an answer with a status of 400 or more is an error.
    package func get(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
        let response = try send(request)
        if response.status >= 400 { throw HTTPError(.status(response.status), url: request.url) }
        return response
    }

    /// Starts a plain GET.
    package func get(_ url: String) throws(HTTPError) -> HTTPResponse { try get(HTTPRequest(url)) }
}

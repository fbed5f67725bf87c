import ByteStreams

/// The head of a request to a registry.
package struct RegistryRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET", head = "HEAD", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE"
    }

    /// Nil for one that nothing here has.
    package var method: Method?
    /// The target without its query, as it was sent.
    package var path: String
    private let query: [(name: String, value: String)]
    private let headers: [HeaderField]

    package init(method: String, target: String, headers: [HeaderField] = []) {
        self.method = Method(rawValue: method)
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts.first ?? "")
        query = (parts.count > 1 ? parts[1] : "").split(separator: "&").compactMap { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decoded(sides[0]),
                let value = PercentEncoding.decoded(sides.count > 1 ? sides[1] : "")
            else { return nil }
            return (name, value)
        }
        self.headers = headers
    }

    /// The first value of a name in the query.
    package func parameter(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// The first field of a name, whatever the case of its letters.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// Takes the body of a request, chunk by chunk; one thread at a time.
package protocol BodyReceiver: AnyObject, Sendable {
    /// Takes a chunk. After an error nothing more is taken, and the error is the answer.
    func take(_ bytes: Span<UInt8>) throws
    /// All has come.
    func finish() throws -> RegistryAnswer
    /// The rest won't come.
    func abandon()
}

/// What becomes of a request once its head is known.
package enum RegistryReaction: Sendable {
    /// Whatever the body is, this is the answer.
    case answer(RegistryAnswer)
    /// The answer depends on the body.
    case receive(any BodyReceiver)
}

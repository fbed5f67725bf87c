import OCISpec
package import Reporting

/// A repository that a search has found. Texts are as the registry sent them.
package struct FoundRepository: Sendable, Hashable {
    package var name: String
    package var description: String
    package var stars: Int64
    /// Whether the registry says that its owner curates it.
    package var isOfficial: Bool
    package var isAutomated: Bool
}

/// Looks for repositories by words: the first version of the registry's protocol, which Docker Hub still answers.
package struct ImageSearch: Sendable {
    /// What is asked for.
    package struct Query: Sendable, Hashable {
        /// The registry, `docker.io` for Docker Hub.
        package let registry: String
        package let term: String

        /// Reads `term` or `HOST/term`.
        package init(_ text: String) throws(SearchError) {
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            var registry = "docker.io"
            var term = text[...]
            if parts.count == 2, parts[0] == "localhost" || parts[0].contains(".") || parts[0].contains(":") {
                guard let reference = try? ImageReference("\(parts[0])/x") else {
                    throw SearchError(.term(text))
                }
                registry = reference.domain
                term = parts[1]
            }
            if registry == "docker.io", term.hasPrefix("library/") { term = term.dropFirst(8) }
            guard !term.isEmpty, term.utf8.count <= 1024, !term.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
                throw SearchError(.term(text))
            }
            self.registry = registry
            self.term = String(term)
        }
    }

    private static let answerLimit = 4 << 20

    private let registries: Registries

    package init(_ registries: Registries) { self.registries = registries }

    /// At most `limit` repositories, in the registry's order.
    package func results(for query: Query, limit: Int) throws -> [FoundRepository] {
        let host = query.registry == RegistryHost.dockerHub.name ? "index.docker.io" : query.registry
        let place = "/v1/search?q=\(PercentEncoding.encoded(query.term))&n=\(limit)"
        var call = RegistryCall(place: .path(place), scope: .none, repository: query.registry, subject: query.registry)
        call.headers = [HTTPHeader("Accept", "application/json")]
        let response = try registries.send(call, to: RegistryHost(host), known: query.registry)
        if response.status == 404 { throw SearchError(.absent(query.registry)) }
        guard response.status == 200 else { throw RegistryAnswer.failure(response, query.registry) }
        let bytes = try RegistryAnswer.bytes(response, limit: Self.answerLimit, query.registry)
        return try Self.repositories(bytes, registry: query.registry, limit: limit)
    }

    static func repositories(_ bytes: [UInt8], registry: String, limit: Int) throws(SearchError) -> [FoundRepository] {
        guard let document = try? JSONValue(parsing: bytes), let results = document["results"]?.elements else {
            throw SearchError(.absent(registry))
        }
        return results.prefix(limit).compactMap { result in
            guard let name = result["name"]?.text, !name.isEmpty else { return nil }
            var stars: Int64 = 0
            if case .integer(let count)? = result["star_count"] { stars = max(0, count) }
            return FoundRepository(
                name: name,
                description: result["description"]?.text ?? "",
                stars: stars,
                isOfficial: result["is_official"] == .bool(true),
                isAutomated: result["is_automated"] == .bool(true)
            )
        }
    }
}

/// Why nothing could be looked for.
package struct SearchError: Failure, Hashable {
    package enum Reason: Sendable, Hashable {
        case term(String)
        /// The registry has no search; carries its name.
        case absent(String)
    }

    package var reason: Reason

    init(_ reason: Reason) { self.reason = reason }

    package var kind: FailureKind {
        switch reason {
        case .term: .invalidArgument
        case .absent: .unsupported
        }
    }

    package var description: String {
        switch reason {
        case .term(let text): "invalid search term \"\(ShownText.line(String(text.prefix(200))))\""
        case .absent(let registry): "registry \"\(registry)\" can't be searched: it has no /v1/search"
        }
    }
}

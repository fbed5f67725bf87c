import ByteStreams
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

    private let transport: any HTTPTransport
    private static let answerLimit = 4 << 20

    package init(transport: any HTTPTransport) { self.transport = transport }

    /// At most `limit` repositories, in the registry's order.
    package func results(for query: Query, limit: Int) throws -> [FoundRepository] {
        let host = query.registry == "docker.io" ? "index.docker.io" : query.registry
        let place = "\(host)/v1/search?q=\(Self.escaped(query.term))&n=\(limit)"
        let bytes = try found(place, mayBePlain: Self.isLoopback(host), registry: query.registry)
        return try Self.repositories(bytes, registry: query.registry, limit: limit)
    }

    private func found(_ place: String, mayBePlain: Bool, registry: String) throws -> [UInt8] {
        do { return try answer(place, mayBePlain: mayBePlain) } catch let error as HTTPError {
            if error.kind == .notFound { throw SearchError(.absent(registry)) }
            throw error
        }
    }

    private func answer(_ place: String, mayBePlain: Bool) throws -> [UInt8] {
        do { return try body("https://\(place)") } catch let error as HTTPError {
            guard mayBePlain, error.isSilence else { throw error }
        }
        return try body("http://\(place)")
    }

    private func body(_ url: String) throws -> [UInt8] {
        let response = try transport.get(HTTPRequest(url, headers: [HTTPHeader("Accept", "application/json")]))
        do { return try response.body.readAll(limit: Self.answerLimit) } catch {
            throw HTTPError(.connection("\(error)"), url: url)
        }
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

    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { escaped, byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                escaped += "%"
                escaped.append(digits[Int(byte >> 4)])
                escaped.append(digits[Int(byte & 15)])
            }
        }
    }

    /// Registries of the machine itself may speak plain HTTP, as Docker has it.
    static func isLoopback(_ host: String) -> Bool {
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" }.dropFirst() : host.prefix { $0 != ":" }
        return name == "localhost" || name == "::1" || name.hasPrefix("127.")
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

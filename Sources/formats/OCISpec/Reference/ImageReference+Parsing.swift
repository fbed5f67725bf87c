extension ImageReference {
    /// Reads a name as people write it: `hello`, `user/app:1`, `localhost:5000/x@sha256:…`.
    ///
    /// Docker's rules: the first component is a registry if it has a dot or a colon, or is `localhost`; a name without
    /// a registry is on `docker.io`, and without a user in `library`. No tag is added.
    public init(_ text: String) throws(ReferenceError) {
        let bytes = text.utf8
        guard !bytes.isEmpty, bytes.count <= 4096, bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw ReferenceError(.format, text)
        }
        if Self.isIdentifier(text) { throw ReferenceError(.identifier, text) }
        let (domain, rest) = Self.splitDomain(text)
        let (name, tag, digestText) = Self.splitSuffixes(rest)
        let path = domain == Self.defaultDomain && !name.contains("/") ? "library/\(name)" : String(name)
        try Self.check(domain: domain, path: path, tag: tag, in: text)
        var digest: Digest?
        if let digestText { digest = try Self.digest(digestText, in: text) }
        self.init(domain: domain, path: path, tag: tag.map { String($0) }, digest: digest)
    }

    /// Whether text can be a tag, without a repository.
    public static func isTag(_ text: String) -> Bool { ReferenceGrammar.isTag(text[...].utf8) }

    /// Whether the first of several components is a registry.
    static func isDomain(_ first: Substring) -> Bool {
        first == "localhost" || first.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }
    }

    /// Whether a text is an image's ID without the algorithm.
    static func isIdentifier(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { ReferenceGrammar.isHex($0) && !ReferenceGrammar.isUpper($0) }
    }

    private static func splitDomain(_ text: String) -> (String, Substring) {
        guard let slash = text.firstIndex(of: "/") else { return (defaultDomain, text[...]) }
        let first = text[..<slash]
        guard isDomain(first) else { return (defaultDomain, text[...]) }
        let domain = first == "index.docker.io" ? defaultDomain : String(first)
        return (domain, text[text.index(after: slash)...])
    }

    /// Takes `@digest` and then `:tag` off the end.
    private static func splitSuffixes(_ rest: Substring) -> (name: Substring, tag: Substring?, digest: Substring?) {
        var name = rest
        var digest: Substring?
        if let at = rest.firstIndex(of: "@") {
            digest = rest[rest.index(after: at)...]
            name = rest[..<at]
        }
        guard let colon = name.firstIndex(of: ":") else { return (name, nil, digest) }
        return (name[..<colon], name[name.index(after: colon)...], digest)
    }

    private static func check(
        domain: String,
        path: String,
        tag: Substring?,
        in text: String
    ) throws(ReferenceError) {
        let isUppercase = path.utf8.contains(where: ReferenceGrammar.isUpper)
        if isUppercase, ReferenceGrammar.isPath(Substring(path.lowercased()).utf8) {
            throw ReferenceError(.uppercase(path), text)
        }
        guard ReferenceGrammar.isDomain(domain[...].utf8), ReferenceGrammar.isPath(path[...].utf8),
            tag.map({ ReferenceGrammar.isTag($0.utf8) }) ?? true
        else { throw ReferenceError(.format, text) }
        guard path.utf8.count <= 255 else { throw ReferenceError(.tooLong, text) }
    }

    private static func digest(_ digest: Substring, in text: String) throws(ReferenceError) -> Digest {
        let parts = digest.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].count >= 32, parts[1].allSatisfy(ReferenceGrammar.isHex),
            ReferenceGrammar.isDigestAlgorithm(parts[0])
        else { throw ReferenceError(.format, text) }
        do { return try Digest(String(digest)) } catch { throw ReferenceError(.digest(error.reason), text) }
    }
}

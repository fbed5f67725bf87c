package import OCISpec

/// Which images a rule is for.
///
/// `*` is every image, `HOST/*` a registry, `*.HOST/*` the registries below a domain, `HOST/team/*` everything below a
/// path, and a name as people write it one repository (`debian`) or one tag of it (`debian:12`).
package struct TrustPattern: Sendable, Hashable {
    enum Scope: Sendable, Hashable {
        case everything
        /// `.example.com`
        case domains(below: String)
        case registry(String)
        /// The path ends in a slash.
        case path(String, below: String)
        case repository(String)
        /// `docker.io/library/debian:12`
        case tag(String)
    }

    /// The text as it was written.
    package let text: String
    let scope: Scope

    /// Reads a pattern.
    package init(_ text: String) throws(TrustError) {
        self.text = text
        if text == "*" {
            scope = .everything
        } else if text.hasSuffix("/*") {
            scope = try Self.below(text.dropLast(2), text)
        } else {
            let reference = try Self.reference(text, text)
            guard reference.digest == nil else {
                throw Self.invalid(text, "a digest stands in \"digests\" of a rule, not in its pattern")
            }
            scope = reference.tagName.map { .tag($0) } ?? .repository(reference.repository)
        }
    }

    /// Whether an image falls under the pattern. What is asked for by digest alone falls under no tag.
    package func matches(_ image: ImageReference) -> Bool {
        switch scope {
        case .everything: true
        case .domains(let suffix): image.domain.hasSuffix(suffix)
        case .registry(let domain): image.domain == domain
        case .path(let domain, let prefix): image.domain == domain && image.path.hasPrefix(prefix)
        case .repository(let name): image.repository == name
        case .tag(let name): image.tagName == name
        }
    }

    /// Whether it is the pattern for every image.
    package var isEverything: Bool { scope == .everything }

    /// How closely the pattern looks: the greater decides before the smaller.
    var rank: (kind: Int, length: Int) {
        switch scope {
        case .everything: (0, 0)
        case .domains(let suffix): (1, suffix.utf8.count)
        case .registry: (2, 0)
        case .path(_, let prefix): (3, prefix.utf8.count)
        case .repository: (4, 0)
        case .tag: (5, 0)
        }
    }

    private static func below(_ place: Substring, _ text: String) throws(TrustError) -> Scope {
        if place.hasPrefix("*.") {
            let reference = try reference("a.\(place.dropFirst(2))/x", text)
            guard reference.path == "x" else { throw invalid(text, "a domain can't be followed by a path") }
            return .domains(below: String(reference.domain.dropFirst()))
        }
        if place == "docker.io" || place == "index.docker.io" { return .registry("docker.io") }
        let reference = try reference("\(place)/x", text)
        let prefix = String(reference.path.dropLast())
        return prefix.isEmpty ? .registry(reference.domain) : .path(reference.domain, below: prefix)
    }

    private static func reference(_ name: String, _ text: String) throws(TrustError) -> ImageReference {
        guard !name.contains("*") else { throw invalid(text, "\"*\" stands alone, or at the end after a slash") }
        do { return try ImageReference(name) } catch { throw invalid(text, error.description) }
    }

    private static func invalid(_ text: String, _ detail: String) -> TrustError {
        TrustError(.pattern(text, detail: detail))
    }

    package static func == (left: TrustPattern, right: TrustPattern) -> Bool { left.scope == right.scope }
    package func hash(into hasher: inout Hasher) { hasher.combine(scope) }
}

public import Reporting

/// The name of an image: where it lives, and which one there.
///
/// Always complete inside: `hello` is `docker.io/library/hello`. A tag and a digest may both be present; then the digest
/// decides. Values come only from the parser, so every part is well formed.
public struct ImageReference: Hashable, Sendable {
    /// The registry: `docker.io`, `localhost:5000`.
    public let domain: String
    /// The repository within the registry: `library/hello`.
    public let path: String
    /// What comes after the colon.
    public let tag: String?
    /// What comes after the at sign; it decides before the tag.
    public let digest: Digest?

    init(domain: String, path: String, tag: String?, digest: Digest?) {
        self.domain = domain
        self.path = path
        self.tag = tag
        self.digest = digest
    }

    /// `docker.io/library/hello`: the complete name without tag and digest.
    public var repository: String { "\(domain)/\(path)" }

    /// The name as people write it: `hello`, `user/x`, `localhost:5000/x`.
    ///
    /// It is the complete name where a shorter one would be read as something else (`docker.io/a.b/x`).
    public var familiarName: String {
        guard domain == Self.defaultDomain else { return repository }
        let parts = path.split(separator: "/")
        if parts.count == 2, parts[0] == "library" {
            return Self.isIdentifier(String(parts[1])) ? repository : String(parts[1])
        }
        return Self.isDomain(parts[0]) ? repository : path
    }

    /// The familiar name with the tag and the digest that are there: `hello:latest`.
    public var familiar: String { familiarName + suffix }

    /// The complete name with the tag and the digest that are there: `docker.io/library/hello:latest`.
    public var canonical: String { repository + suffix }

    /// The complete name and the tag, without a digest: the key of a tag in the store. Nil without a tag.
    public var tagName: String? { tag.map { "\(repository):\($0)" } }

    /// This reference with the tag `latest`, where it has neither tag nor digest.
    public var withDefaultTag: ImageReference {
        tag == nil && digest == nil ? ImageReference(domain: domain, path: path, tag: "latest", digest: nil) : self
    }

    /// The same repository at a digest.
    public func at(_ digest: Digest) -> ImageReference {
        ImageReference(domain: domain, path: path, tag: nil, digest: digest)
    }

    /// Whether this is Dockerfile's empty image.
    public var isScratch: Bool { familiarName == "scratch" }

    /// Refuses the name that stands for the empty image.
    public static func requireNotReserved(_ reference: ImageReference) throws(ReferenceError) {
        if reference.isScratch { throw ReferenceError(.reserved, reference.familiar) }
    }

    /// Reads a name that an image is to be tagged with: `latest` is added, a digest and the reserved and ambiguous
    /// names are refused.
    public static func forTagging(_ text: String) throws(ReferenceError) -> ImageReference {
        let reference = try ImageReference(text)
        guard reference.digest == nil else { throw ReferenceError(.digestInTag, text) }
        guard !["sha256", "sha384", "sha512"].contains(reference.familiarName) else {
            throw ReferenceError(.ambiguousTag, text)
        }
        try requireNotReserved(reference)
        return reference.withDefaultTag
    }

    static let defaultDomain = "docker.io"

    private var suffix: String { (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "") }
}

extension ImageReference: CustomStringConvertible, Comparable {
    /// The text that stands for it.
    public var description: String { familiar }
    /// Whether the left one comes first.
    public static func < (left: ImageReference, right: ImageReference) -> Bool { left.canonical < right.canonical }
}

/// Text that can't be an image's name, in Docker's words.
public struct ReferenceError: Failure, Hashable {
    /// What is wrong.
    public enum Reason: Sendable, Hashable {
        case format
        /// A repository with capitals; carries the repository.
        case uppercase(String)
        case tooLong
        /// 64 hexadecimal digits, which would be taken for an image's ID.
        case identifier
        case digest(DigestError.Reason)
        case reserved, digestInTag, ambiguousTag
    }

    /// What is wrong.
    public var reason: Reason
    /// The text that was given.
    public var text: String

    init(_ reason: Reason, _ text: String) {
        self.reason = reason
        self.text = String(text.prefix(300))
    }

    /// What sort of failure it is.
    public var kind: FailureKind { .invalidArgument }

    /// The text that stands for it.
    public var description: String {
        switch reason {
        case .format: "invalid reference format"
        case .uppercase(let name): "invalid reference format: repository name (\(name)) must be lowercase"
        case .tooLong: "repository name must not be more than 255 characters"
        case .identifier: "invalid repository name (\(text)), cannot specify 64-byte hexadecimal strings"
        case .digest(let reason): reason.rawValue
        case .reserved: "'scratch' is a reserved name"
        case .digestInTag: "refusing to create a tag with a digest reference"
        case .ambiguousTag: "refusing to create an ambiguous tag using digest algorithm as name"
        }
    }

    /// What may help.
    public var hint: String? {
        guard case .uppercase = reason else { return nil }
        let lowered = text.lowercased()
        guard (try? ImageReference(lowered)) != nil else { return nil }  // no hint that would fail too
        return "did you mean \"\(lowered)\"?"
    }
}

package import Reporting

/// Why an image isn't trusted, or why nobody can tell.
package struct TrustError: Failure, Hashable {
    package enum Reason: Sendable, Hashable {
        /// The policy can't be read; says where and what.
        case policy(file: String, detail: String)
        /// Text that is no pattern of a rule.
        case pattern(String, detail: String)
        /// A key that can't be used; the subject is its file.
        case key(subject: String, detail: String)
        /// A rule forbids the image.
        case refused(image: String, rule: String, why: String)
        /// No signature that was asked for.
        case unsigned(image: String, why: String)
    }

    package var reason: Reason
    package var hint: String?

    package init(_ reason: Reason, hint: String? = nil) {
        self.reason = reason
        self.hint = hint
    }

    package var kind: FailureKind {
        switch reason {
        case .policy, .pattern, .key: .invalidArgument
        case .refused, .unsigned: .forbidden
        }
    }

    package var description: String {
        switch reason {
        case .policy(let file, let detail): "trust policy \(file): \(detail)"
        case .pattern(let text, let detail): "invalid pattern \"\(ShownText.line(text))\": \(detail)"
        case .key(let subject, let detail): "key \(subject): \(detail)"
        case .refused(let image, let rule, let why): "image \"\(image)\" is refused by \(rule): \(why)"
        case .unsigned(let image, let why): "image \"\(image)\" can't be verified: \(why)"
        }
    }
}

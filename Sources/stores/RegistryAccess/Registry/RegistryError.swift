package import ByteStreams
import OCISpec
package import Reporting

/// What a registry didn't do, in Docker's words where it has some.
package struct RegistryError: Failure, Hashable {
    /// What went wrong.
    package enum Reason: Sendable, Hashable {
        /// The registry answered with an error: the status, and what its body says.
        case refused(status: Int, RegistryComplaint?)
        /// No answer.
        case transport(HTTPError)
        /// The answer is none that a registry gives; says why.
        case protocolError(String)
        /// What came isn't what was asked for.
        case content(String)
        /// What was asked for is something that this program doesn't do.
        case unsupported(String)
        /// The user's settings forbid it.
        case forbidden(String)
        /// A settings file can't be used.
        case settings(String)
        /// Credentials couldn't be read or written, or a helper failed.
        case credentials(String)
        case cancelled
        /// The bytes that were to be sent or kept.
        case stream(StreamError)
    }

    package var reason: Reason
    /// The image or registry, as the user knows it.
    package var subject: String
    /// How long the registry asks to wait, in seconds.
    package var retryAfter: Int64?
    /// Whether something was to be written.
    package var isPush = false
    /// More for the user.
    package var advice: String?

    package init(_ reason: Reason, _ subject: String) {
        self.reason = reason
        self.subject = subject
    }

    package var kind: FailureKind {
        switch reason {
        case .refused(let status, let complaint): Self.kind(status, complaint)
        case .transport(let error): error.kind
        case .protocolError, .content: .corrupt
        case .unsupported: .unsupported
        case .forbidden: .forbidden
        case .settings: .invalidArgument
        case .credentials: .unauthenticated
        case .cancelled: .cancelled
        case .stream(let error): error.kind
        }
    }

    private static func kind(_ status: Int, _ complaint: RegistryComplaint?) -> FailureKind {
        switch status {
        case 401: complaint?.code == "DENIED" ? .forbidden : .unauthenticated
        case 403: .forbidden
        case 404, 410: .notFound
        case 400, 405, 415, 416: .invalidArgument
        case 413, 507: .exhausted
        default: .unavailable
        }
    }

    package var description: String {
        switch reason {
        case .refused(let status, let complaint): refusal(status, complaint)
        case .transport(let error): error.description
        case .protocolError(let words): "\(subject): the registry's answer makes no sense: \(words)"
        case .content(let words), .unsupported(let words), .forbidden(let words), .credentials(let words),
            .settings(let words):
            "\(subject): \(words)"
        case .cancelled: "\(subject): cancelled"
        case .stream(let error): "\(subject): \(error)"
        }
    }

    /// Docker's sentences for what people meet.
    private func refusal(_ status: Int, _ complaint: RegistryComplaint?) -> String {
        let words = complaint?.description
        switch (complaint?.code, status) {
        case ("DENIED", _), ("UNAUTHORIZED", _), (nil, 401), (nil, 403):
            if isPush { return "\(words ?? "denied: requested access to the resource is denied") (\(subject))" }
            return "pull access denied for \(subject), repository does not exist or may require 'socle login'"
                + (words.map { ": \($0)" } ?? "")
        case ("MANIFEST_UNKNOWN", _): return "manifest for \(subject) not found: \(words ?? "")"
        case ("NAME_UNKNOWN", _): return "repository \(subject) not found: \(words ?? "")"
        case (_, 429): return "toomanyrequests: \(complaint?.message ?? "the registry answers no more for now") (\(subject))"
        case (_, 404): return "\(subject) not found" + (words.map { ": \($0)" } ?? "")
        default: return "\(subject): the registry answered with status \(status)" + (words.map { ": \($0)" } ?? "")
        }
    }

    package var hint: String? {
        if let advice { return advice }
        switch reason {
        case .refused(429, _):
            let wait = retryAfter.map { "try again in \($0) seconds" } ?? "try again later"
            return "\(wait); registries allow more to those who have logged in (socle login)"
        case .transport(let error): return error.hint
        default: return nil
        }
    }

    /// Whether there was no answer at all.
    var isSilence: Bool { if case .transport(let error) = reason { error.isSilence } else { false } }

    /// Whether asking again may help.
    var isPassing: Bool {
        switch reason {
        case .refused(let status, _): [408, 429, 500, 502, 503, 504].contains(status)
        case .transport(let error): if case .connection = error.reason { true } else { false }
        default: false
        }
    }
}

/// The first of the errors in a registry's answer.
package struct RegistryComplaint: Sendable, Hashable, CustomStringConvertible {
    /// `MANIFEST_UNKNOWN`.
    package var code: String
    package var message: String

    /// `manifest unknown: manifest unknown`, as Docker joins the two.
    package var description: String {
        let name = code.lowercased().split(separator: "_").joined(separator: " ")
        return message.isEmpty ? name : "\(name): \(message)"
    }

    /// Reads `{"errors": [{"code": …, "message": …}]}`; nil for what isn't that.
    init?(_ body: [UInt8]) {
        guard let document = try? JSON.decode(Body.self, from: body, limit: RegistryAnswer.errorLimit),
            let first = document.errors?.first
        else { return nil }
        code = Self.shown(first.code ?? "UNKNOWN")
        message = Self.shown(first.message ?? "")
    }

    /// What a server says is shown in a terminal: one line, without control characters, of sane length.
    private static func shown(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }.prefix(500))
    }

    private struct Body: Codable, Sendable {
        struct Entry: Codable, Sendable {
            var code: String?
            var message: String?
        }
        var errors: [Entry]?
    }
}

/// What went wrong, in the one vocabulary that every module shares.
///
/// Two tables translate it and nobody else looks inside a message: exit statuses (SocleCommands) and HTTP statuses
/// (EngineAPI).
public enum FailureKind: String, Sendable, CaseIterable {
    /// The user's words are wrong: a flag, a reference, a Dockerfile.
    case invalidArgument
    /// What was named isn't there.
    case notFound
    /// It can't be done in this state: the name is taken, the container runs, the image is used.
    case conflict
    case unauthenticated, forbidden
    /// Something outside doesn't answer now; trying again may help.
    case unavailable
    /// Not built into this socle, or not possible on this kernel.
    case unsupported
    /// No space, no descriptors, a limit reached.
    case exhausted
    /// Bytes from outside or from the store that aren't what they claim to be.
    case corrupt
    case cancelled
    /// socle's own mistake.
    case `internal`
}

/// An error that can be told to the user as it stands.
///
/// `description` is lowercase, has no full stop, quotes values and names the object first. `hint`, where there is one,
/// goes on a line of its own.
public protocol Failure: Error, Sendable, CustomStringConvertible {
    var kind: FailureKind { get }
    var hint: String? { get }
}

extension Failure {
    public var hint: String? { nil }
}

/// A failure that needs no type of its own, for layers 5 and up where many modules meet.
public struct PlainFailure: Failure {
    public var kind: FailureKind
    public var description: String
    public var hint: String?

    public init(_ kind: FailureKind, _ description: String, hint: String? = nil) {
        self.kind = kind
        self.description = description
        self.hint = hint
    }
}

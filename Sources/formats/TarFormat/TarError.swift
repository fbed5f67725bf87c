public import ByteStreams
public import Reporting

/// Why an archive could not be read or written, and where.
public struct TarError: Failure, Hashable {
    /// What is wrong.
    public enum Reason: Hashable, Sendable {
        /// The archive ends inside an entry.
        case truncated
        /// The 512 bytes are no header; says why.
        case invalidHeader(String)
        /// A number of the header makes no sense.
        case invalidField(String)
        /// A record of a PAX header makes no sense; says why.
        case invalidPax(String)
        /// The map of a sparse file makes no sense; says why.
        case invalidSparseMap(String)
        /// More than the limits allow.
        case tooLarge(what: String, count: Int64, limit: Int64)
        /// A kind of entry or a dialect that isn't supported.
        case unsupported(String)
        /// What was asked to be written can't be; says why.
        case invalidEntry(String)
        /// The source or the sink failed.
        case stream(StreamError)
    }

    /// What is wrong.
    public var reason: Reason
    /// The byte of the archive where the entry or header begins.
    public var offset: Int64
    /// The entry, where its name is known.
    public var path: TarPath?

    /// An error from its parts.
    public init(_ reason: Reason, offset: Int64, path: TarPath? = nil) {
        self.reason = reason
        self.offset = offset
        self.path = path
    }

    public var kind: FailureKind {
        switch reason {
        case .truncated, .invalidHeader, .invalidField, .invalidPax, .invalidSparseMap: .corrupt
        case .tooLarge: .exhausted
        case .unsupported: .unsupported
        case .invalidEntry: .invalidArgument
        case .stream(let error): error.kind
        }
    }

    public var description: String {
        if case .stream(let error) = reason { return error.description }
        let place = path.map { "tar entry \"\($0)\" at byte \(offset)" } ?? "tar archive at byte \(offset)"
        return "\(place): \(what)"
    }

    private var what: String {
        switch reason {
        case .truncated: "unexpected end of the archive"
        case .invalidHeader(let detail): "invalid tar header: \(detail)"
        case .invalidField(let name): "invalid tar header: the \(name) is not a valid number"
        case .invalidPax(let detail): "invalid PAX header: \(detail)"
        case .invalidSparseMap(let detail): "invalid sparse file: \(detail)"
        case .tooLarge(let what, let count, let limit): "\(what) is \(count), the limit is \(limit)"
        case .unsupported(let detail): "\(detail) is not supported"
        case .invalidEntry(let detail): detail
        case .stream(let error): error.description
        }
    }
}

package import ByteStreams
package import LinuxSystem
package import MetadataStorage
package import OCISpec
package import Reporting
private import SystemPackage

/// Why a blob couldn't be read or kept.
package struct ContentError: Failure, Hashable {
    package enum Reason: Sendable, Hashable {
        /// No such blob.
        case notFound
        /// The bytes aren't what their name or descriptor says.
        case mismatch(String)
        case tooLarge(limit: Int64)
        /// Blobs are kept by their SHA-256 only.
        case unsupportedAlgorithm
        /// A writer was used after it had committed.
        case finished
        case stream(StreamError)
        case system(SystemError)
        case metadata(MetadataError)
    }

    package var reason: Reason
    package var digest: Digest?

    package init(_ reason: Reason, _ digest: Digest? = nil) {
        self.reason = reason
        self.digest = digest
    }

    package var kind: FailureKind {
        switch reason {
        case .notFound: .notFound
        case .mismatch: .corrupt
        case .tooLarge: .exhausted
        case .unsupportedAlgorithm: .unsupported
        case .finished: .internal
        case .stream(let error): error.kind
        case .system(let error): error.kind
        case .metadata(let error): error.kind
        }
    }

    package var description: String {
        let what =
            switch reason {
            case .notFound: "not in the store"
            case .mismatch(let how): how
            case .tooLarge(let limit): "larger than the limit of \(limit) bytes"
            case .unsupportedAlgorithm: "only sha256 is supported"
            case .finished: "the blob was committed already"
            case .stream(let error): error.description
            case .system(let error) where error.errno == .readOnlyFileSystem: "the store is read-only: \(error)"
            case .system(let error): error.description
            case .metadata(let error): error.description
            }
        return digest.map { "blob \($0): \(what)" } ?? what
    }

    package var hint: String? {
        switch reason {
        case .mismatch: "the blob is damaged: remove the image, and build, load or import it again"
        case .metadata(let error): error.hint
        default: nil
        }
    }
}

/// Runs calls of the kernel and says what blob they were about.
func system<Result: ~Copyable>(
    _ digest: Digest? = nil,
    _ body: () throws(SystemError) -> Result
) throws(ContentError) -> Result {
    do throws(SystemError) { return try body() } catch { throw ContentError(.system(error), digest) }
}

package import LinuxSystem
package import Reporting
package import TarFormat

/// Why a layer could not be applied, checked or made.
package struct LayerError: Failure, Hashable {
    package enum Reason: Sendable, Hashable {
        /// The bytes are no archive, or the source or sink failed.
        case archive(TarError)
        case system(SystemError)
        /// The archive asks for something that no honest layer asks for; says what.
        case hostile(String)
        /// What is there can't be a layer; says why.
        case unsupported(String)
        /// More than the limits allow.
        case tooLarge(what: String, limit: Int64)
    }

    package var reason: Reason
    /// The entry, or the file below the layer's directory.
    package var path: TarPath?

    package init(_ reason: Reason, path: TarPath? = nil) {
        self.reason = reason
        self.path = path
    }

    package var kind: FailureKind {
        switch reason {
        case .archive(let error): error.kind
        case .system(let error): error.kind
        case .hostile: .corrupt
        case .unsupported: .unsupported
        case .tooLarge: .exhausted
        }
    }

    package var description: String {
        let what =
            switch reason {
            case .archive(let error): error.description
            case .system(let error): error.description
            case .hostile(let detail), .unsupported(let detail): detail
            case .tooLarge(let what, let limit): "\(what) is more than the limit of \(limit)"
            }
        if case .archive(let error) = reason, error.path != nil { return what }
        return path.map { "layer entry \"\($0)\": \(what)" } ?? what
    }
}

package import LinuxSystem
package import Reporting

/// Why the database couldn't do what was asked.
package struct MetadataError: Failure, Hashable {
    package enum Reason: Sendable, Hashable {
        /// What was to be unique exists already; says what.
        case conflict(String)
        /// The store can be read only.
        case readOnly
        /// Another process held the database longer than anybody waits.
        case busy
        /// Made by a newer socle.
        case newer(version: Int64, known: Int64)
        /// Not a database, or a damaged one; says how it shows.
        case corrupt(String)
        /// No space, no memory; says what.
        case exhausted(String)
        /// A prefix that several names begin with.
        case ambiguous(String)
        /// The file can't be opened.
        case system(SystemError)
        /// Anything else that SQLite says, with its extended result code.
        case sqlite(code: Int32, message: String)
    }

    package var reason: Reason
    /// The database's file, where that helps.
    package var path: String?

    package init(_ reason: Reason, path: String? = nil) {
        self.reason = reason
        self.path = path
    }

    package var kind: FailureKind {
        switch reason {
        case .conflict: .conflict
        case .readOnly: .forbidden
        case .busy: .unavailable
        case .newer: .unsupported
        case .corrupt: .corrupt
        case .exhausted: .exhausted
        case .ambiguous: .invalidArgument
        case .system(let error): error.kind
        case .sqlite: .internal
        }
    }

    package var description: String {
        let what =
            switch reason {
            case .conflict(let what): what
            case .readOnly: "the store is read-only"
            case .busy: "the database is in use by another process"
            case .newer(let version, let known):
                "made by a newer socle: schema version \(version), this one knows \(known)"
            case .corrupt(let how): "the database is damaged: \(how)"
            case .exhausted(let what): what
            case .ambiguous(let prefix): "\"\(prefix)\" is ambiguous: several begin with it"
            case .system(let error): error.description
            case .sqlite(let code, let message): "\(message) (SQLite \(code))"
            }
        if case .system = reason { return what }
        return path.map { "\($0): \(what)" } ?? what
    }

    package var hint: String? {
        switch reason {
        case .corrupt: "images can be found again from the blobs: see \"socle system check\""
        case .newer: "use the newer socle, or another --root"
        default: nil
        }
    }
}

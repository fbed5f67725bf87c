/// What is missing or wrong, by a name that scripts can rely on.
///
/// The first letter says how bad it is.
package enum FindingCode: String, Sendable, Hashable, CaseIterable {
    // The command can't be started.
    case notFound = "E-NOTFOUND"
    case isDirectory = "E-ISDIR"
    case notExecutable = "E-NOEXEC"
    case shebang = "E-SHEBANG"
    case carriageReturn = "E-CRLF"
    case notAProgram = "E-NOEXECFMT"
    case architecture = "E-ARCH"
    case interpreter = "E-INTERP"
    case badInterpreter = "E-INTERP-BAD"
    case shellForm = "E-SHELLFORM"
    case user = "E-USER"
    case library = "E-LIB"
    case libraryArchitecture = "E-LIB-ARCH"
    case badLibrary = "E-LIB-BAD"
    case symbolVersion = "E-SYMVER"
    case symbol = "E-SYMBOL"
    case brokenRuntime = "E-RUNTIME"

    // It starts, and may fail later.
    case pluginLibrary = "W-LIB"
    case otherScript = "W-SHEBANG"
    case runtime = "W-RUNTIME"
    case script = "W-SCRIPT"
    case certificates = "W-CA"
    case timeZone = "W-TZ"
    case passwd = "W-PASSWD"
    case nameService = "W-NSS"
    case temporary = "W-TMP"
    case home = "W-HOME"

    // Good to know.
    case command = "I-COMMAND"
    case otherLibrary = "I-LIB"
    case processorLibrary = "I-HWCAPS"
    case nameServiceModule = "I-NSS"
    case locale = "I-LOCALE"
    case port = "I-PORT"

    package var severity: Severity {
        switch rawValue.first {
        case "E": .error
        case "W": .warning
        default: .note
        }
    }

    /// What the kernel, the loader or the engine says when the command is started; nil where it starts.
    package var symptom: String? {
        switch self {
        case .notFound, .shellForm: "no such file or directory, status 127"
        case .shebang, .carriageReturn, .interpreter: "no such file or directory, of a file that is there"
        case .isDirectory, .notExecutable: "permission denied, status 126"
        case .notAProgram, .architecture: "exec format error"
        case .badInterpreter: "the kernel refuses the interpreter"
        case .user: "unable to find the user or group, status 125"
        case .library, .libraryArchitecture, .badLibrary: "error while loading shared libraries, status 127"
        case .symbolVersion: "version not found, status 1"
        case .symbol: "symbol lookup error, status 127"
        case .brokenRuntime: "the runtime ends at its start"
        default: nil
        }
    }
}

/// How bad a finding is.
package enum Severity: Int, Sendable, Hashable, Comparable, CaseIterable {
    case note, warning, error

    package static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }

    /// `error`, `warning`, `note`.
    package var word: String {
        switch self {
        case .note: "note"
        case .warning: "warning"
        case .error: "error"
        }
    }
}

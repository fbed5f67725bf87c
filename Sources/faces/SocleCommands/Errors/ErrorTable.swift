import BuildOperations
import ContainerRuntime
import DockerfileSyntax
import Reporting

/// What the process ends with.
struct ExitCode: Hashable, Sendable {
    var value: Int32

    static let success = ExitCode(value: 0)
    static let failure = ExitCode(value: 1)
    /// A template that can't be read.
    static let template = ExitCode(value: 64)
    /// Wrong flags, and a run that never came to its program.
    static let engine = ExitCode(value: 125)
    static let cancelled = ExitCode(value: 130)
}

/// How a command words its errors.
enum ErrorStyle: Sendable {
    /// `Error: No such image: x`, status 1.
    case plain
    /// `socle: …` and the way to the help, status 125, 126 or 127.
    case run
    /// As `run` where the command's own words are wrong, as `plain` where the engine refuses.
    case create
    /// `ERROR: failed to build: failed to solve: …`, with the place in the Dockerfile.
    case build
}

/// Commands that have said what is wrong themselves, with the status to end with.
struct Reported: Error {
    var code: ExitCode
}

/// The one table from failures to words and exit statuses.
///
/// Nobody looks inside a message to decide something.
enum ErrorTable {
    struct Report: Hashable {
        var text: String
        var code: ExitCode
    }

    /// What a build says that was called off.
    static let cancelledBuild = "ERROR: failed to build: failed to solve: Canceled: context canceled"

    static func flagError(_ error: ArgumentError, path: String) -> String {
        error.description + hint(error) + "\nSee '\(path) --help'."
    }

    static func report(_ error: any Error, style: ErrorStyle, path: String) -> Report {
        switch error {
        case let reported as Reported: return Report(text: "", code: reported.code)
        case let error as TemplateError:
            let code = error.stage == .parsing ? ExitCode.template : .failure
            return Report(text: "template parsing error: \(error.description)", code: code)
        case let error as RuntimeError where style == .run:
            return Report(text: runText(error, path), code: ExitCode(value: error.exitCode))
        case let error as BuildFailure where style == .build: return definition(error)
        case let error as any Failure: return report(error, style, path)
        case is CancellationError where style == .build: return Report(text: cancelledBuild, code: .cancelled)
        case is CancellationError: return Report(text: "canceled", code: .cancelled)
        default: return report(PlainFailure(.internal, "\(error)"), style, path)
        }
    }

    private static func report(_ error: any Failure, _ style: ErrorStyle, _ path: String) -> Report {
        let code = code(error.kind)
        switch style {
        case .run: return Report(text: runText(error, path), code: .engine)
        case .create where error is ArgumentError: return Report(text: runText(error, path), code: .engine)
        case .build where error is ArgumentError:
            return Report(text: "ERROR: \(error.description)" + hint(error), code: code)
        case .build:
            return Report(
                text: "ERROR: failed to build: failed to solve: \(error.description)" + hint(error),
                code: code
            )
        case .plain where error is ArgumentError: return Report(text: error.description + hint(error), code: code)
        case .plain, .create: return Report(text: "Error: \(error.description)" + hint(error), code: code)
        }
    }

    /// The status for a kind of failure.
    static func code(_ kind: FailureKind) -> ExitCode {
        switch kind {
        case .cancelled: .cancelled
        case .invalidArgument, .notFound, .conflict, .unauthenticated, .forbidden, .unavailable, .unsupported,
            .exhausted, .corrupt, .internal:
            .failure
        }
    }

    private static func runText(_ error: any Failure, _ path: String) -> String {
        let stop = error.description.hasSuffix(".") ? "" : "."
        return "socle: \(error.description)\(stop)\(hint(error))\nSee '\(path) --help'."
    }

    private static func definition(_ error: BuildFailure) -> Report {
        let errors = error.errors
        var text = errors.compactMap { diagnostic in
            SourceExcerpt(of: error.source, file: diagnostic.file).render(diagnostic.ranges).map { $0 + "\n" }
        }.joined()
        for diagnostic in errors {
            let hint = diagnostic.hint.map { "\nhint: \($0)" } ?? ""
            text += "ERROR: failed to build: failed to solve: \(diagnostic.message)\(hint)\n"
        }
        if errors.isEmpty { text = "ERROR: failed to build: failed to solve: \(error.description)\n" }
        return Report(text: String(text.dropLast()), code: code(error.kind))
    }

    private static func hint(_ error: any Failure) -> String { error.hint.map { "\nhint: \($0)" } ?? "" }
}

import ByteStreams
import DockerfileFrontend
import DockerfileSyntax
import Reporting

/// A Dockerfile's bytes and what it is called.
struct Definition: Sendable {
    var name: String
    var bytes: [UInt8]

    init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// Reads one that comes as a stream.
    init(reading source: any ByteSource, name: String) throws {
        self.init(name: name, bytes: try source.readAll(limit: Dockerfile.maximumSize))
    }

    /// Parses it; everything that is wrong is thrown at once. What the request says of the checks is heard instead of the
    /// file.
    func parsed(checks: CheckSettings? = nil) throws -> Dockerfile {
        if let refusal = OtherLanguage.refusal(of: bytes, file: name) { throw BuildFailure([refusal], source: bytes) }
        do { return try Dockerfile(parsing: bytes, file: name, checks: checks) } catch {
            throw BuildFailure(error.diagnostics, source: bytes)
        }
    }

    /// Does work whose failure is about a place in this file.
    func locating<Result>(_ range: SourceRange?, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let failure as any Failure {
            let ranges = range.map { [$0] } ?? []
            let diagnostic = Diagnostic(.error, failure.description, file: name, ranges: ranges, hint: failure.hint)
            var located = BuildFailure([diagnostic], source: bytes, kind: failure.kind)
            located.failedStep = (failure as? StepFailure)?.step
            throw located
        }
    }

    /// Does planning work whose errors are about this file.
    func explaining<Result>(_ body: () throws(DiagnosticsError) -> Result) throws -> Result {
        do throws(DiagnosticsError) { return try body() } catch {
            throw BuildFailure(error.diagnostics, source: bytes)
        }
    }
}

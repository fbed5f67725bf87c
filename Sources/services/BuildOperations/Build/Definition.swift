import ByteStreams
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

    /// Parses it; everything that is wrong is thrown at once.
    func parsed() throws -> Dockerfile {
        do { return try Dockerfile(parsing: bytes, file: name) } catch {
            throw BuildFailure(error.diagnostics, source: bytes)
        }
    }

    /// Does planning work whose errors are about this file.
    func explaining<Result>(_ body: () throws(DiagnosticsError) -> Result) throws -> Result {
        do throws(DiagnosticsError) { return try body() } catch {
            throw BuildFailure(error.diagnostics, source: bytes)
        }
    }
}

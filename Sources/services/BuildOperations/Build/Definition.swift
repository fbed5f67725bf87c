import ByteStreams
import DockerfileSyntax
import LinuxSystem
import Reporting
import SystemPackage

/// A Dockerfile's bytes and what it is called.
struct Definition {
    var name: String
    var bytes: [UInt8]

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

/// Where a build's files are, after the request's words were followed.
struct PreparedContext {
    var definition: Definition
    /// Nil: the build came without files.
    var directory: FilePath?
    /// What messages call it.
    var name: String
    var ignored: IgnorePatterns
    var ignoreFile: String

    /// Names the Dockerfile with its context, to find again what its steps were built as before.
    var project: String { name + "\n" + definition.name }
}

/// Finds the Dockerfile, the files and the ignore file that a request means.
struct ContextReader {
    var request: BuildRequest

    static let standardNames = ["Dockerfile", "dockerfile"]

    /// The context in a directory of the caller's.
    func directory(_ path: FilePath) throws -> PreparedContext {
        let directory: Directory
        do { directory = try Directory.open(path) } catch {
            let reason = error.errno == .notDirectory ? "is not a directory" : "not found"
            throw PlainFailure(
                .notFound,
                "unable to prepare context: path \"\(path)\" \(error.kind == .forbidden ? "\(error)" : reason)"
            )
        }
        let (definition, place) = try definition(in: directory, path)
        let (ignored, file) = try ignorePatterns(in: directory, beside: place)
        return PreparedContext(
            definition: definition,
            directory: path,
            name: "the build context \(try Self.absolute(path))",
            ignored: ignored,
            ignoreFile: file
        )
    }

    /// A folder as it is called from everywhere: `.` says little in a message.
    private static func absolute(_ path: FilePath) throws -> FilePath {
        (try path.isAbsolute ? path : FilePath(CurrentDirectory.path()).pushing(path)).lexicallyNormalized()
    }

    /// A context that was unpacked from a tar: it is taken whole.
    func unpacked(_ path: FilePath) throws -> PreparedContext {
        let directory = try Directory.open(path)
        let definition: Definition
        switch request.definition {
        case .standard: definition = try standard(in: directory, "the context")
        case .file(let name): definition = try read(PathBytes(name.string), in: directory, as: name.string)
        case .stream:
            throw PlainFailure(.invalidArgument, "can't use stdin for both build context and dockerfile")
        }
        return PreparedContext(
            definition: definition,
            directory: path,
            name: "the build context",
            ignored: IgnorePatterns(),
            ignoreFile: ".dockerignore"
        )
    }

    /// A Dockerfile alone.
    static func alone(_ bytes: [UInt8]) -> PreparedContext {
        PreparedContext(
            definition: Definition(name: "Dockerfile", bytes: bytes),
            directory: nil,
            name: "the build context, which is empty: only a Dockerfile was given",
            ignored: IgnorePatterns(),
            ignoreFile: ".dockerignore"
        )
    }

    // MARK: - The Dockerfile

    private func definition(
        in directory: borrowing Directory,
        _ path: FilePath
    ) throws -> (Definition, place: FilePath?) {
        switch request.definition {
        case .standard:
            let definition = try standard(in: directory, path.string)
            return (definition, path.appending(definition.name))
        case .file(let file):
            guard let name = file.lastComponent else {
                throw PlainFailure(.invalidArgument, "failed to read dockerfile: \"\(file)\" is no file")
            }
            let folder = file.removingLastComponent()
            let holder: Directory
            do { holder = try Directory.open(folder.isEmpty ? "." : folder) } catch {
                throw Self.unreadable(file.string, error)
            }
            return (try read(PathBytes(name.string), in: holder, as: file.string), file)
        case .stream(let source):
            return (Definition(name: "Dockerfile", bytes: try source.readAll(limit: Dockerfile.maximumSize)), nil)
        }
    }

    private func standard(in directory: borrowing Directory, _ place: String) throws -> Definition {
        for name in Self.standardNames where try directory.status(PathBytes(name)) != nil {
            return try read(PathBytes(name), in: directory, as: name)
        }
        throw PlainFailure(
            .notFound,
            "failed to read dockerfile: open Dockerfile: no such file or directory",
            hint: "looked in \(place); -f names another file"
        )
    }

    /// Links are followed inside the directory only.
    private func read(_ name: PathBytes, in directory: borrowing Directory, as shown: String) throws -> Definition {
        do {
            let bytes = try directory.readInRoot(name, limit: Dockerfile.maximumSize)
            return Definition(name: shown, bytes: bytes)
        } catch { throw Self.unreadable(shown, error) }
    }

    private static func unreadable(_ name: String, _ error: SystemError) -> PlainFailure {
        PlainFailure(error.kind, "failed to read dockerfile: \(SystemError("open", name, error.errno))")
    }

    // MARK: - The ignore file

    /// `<Dockerfile>.dockerignore` beside the Dockerfile wins over the context's `.dockerignore`; they aren't merged.
    private func ignorePatterns(
        in directory: borrowing Directory,
        beside place: FilePath?
    ) throws -> (IgnorePatterns, file: String) {
        if let place, let name = place.lastComponent?.string {
            let own = name + ".dockerignore"
            let folder = place.removingLastComponent()
            if let patterns = try patterns(own, in: Directory.open(folder.isEmpty ? "." : folder)) {
                return (patterns, own)
            }
        }
        return (try patterns(".dockerignore", in: directory) ?? IgnorePatterns(), ".dockerignore")
    }

    private func patterns(_ name: String, in directory: borrowing Directory) throws -> IgnorePatterns? {
        let bytes: [UInt8]
        do { bytes = try directory.readInRoot(PathBytes(name), limit: IgnorePatterns.maximumSize) } catch
            where error.errno == .noSuchFileOrDirectory
        { return nil }
        do { return try IgnorePatterns(parsing: bytes, file: name) } catch {
            throw BuildFailure(error.diagnostics, source: bytes)
        }
    }
}

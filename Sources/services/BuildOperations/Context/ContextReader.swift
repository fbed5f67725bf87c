import ByteStreams
import DockerfileSyntax
import LinuxSystem
import Reporting
import SnapshotStorage
import SystemPackage

/// Finds the Dockerfile, the files and the ignore file that a request means.
struct ContextReader {
    var request: BuildRequest
    var sources: RemoteSources
    var snapshots: SnapshotStore
    var progress: ProgressSink

    static let standardNames = ["Dockerfile", "dockerfile"]

    /// The context that the request names.
    func prepare() throws -> PreparedContext {
        switch request.context {
        case .directory(let path): return try directory(path)
        case .stream(let source): return try stream(source)
        case .remote(let address): return try remote(address)
        }
    }

    /// The context in a directory of the caller's.
    private func directory(_ path: FilePath) throws -> PreparedContext {
        let directory: Directory
        do { directory = try Directory.open(path) } catch {
            let reason = error.errno == .notDirectory ? "is not a directory" : "not found"
            throw PlainFailure(
                .notFound,
                "unable to prepare context: path \"\(path)\" \(error.kind == .forbidden ? "\(error)" : reason)"
            )
        }
        let (definition, place) = try definition(in: directory, path)
        let (ignored, file) = try IgnoreFile.patterns(in: directory, beside: place)
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
            let holder: Directory
            do { holder = try Directory.holding(file) } catch {
                throw Self.unreadable(file.string, error)
            }
            return (try read(PathBytes(name.string), in: holder, as: file.string), file)
        case .stream(let source): return (try Definition(reading: source, name: "Dockerfile"), nil)
        case .remote(let url): return (try self.definition(at: url), nil)
        }
    }

    func standard(in directory: borrowing Directory, _ place: String) throws -> Definition {
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
    func read(_ name: PathBytes, in directory: borrowing Directory, as shown: String) throws -> Definition {
        do {
            let bytes = try directory.readInRoot(name, limit: Dockerfile.maximumSize)
            return Definition(name: shown, bytes: bytes)
        } catch { throw Self.unreadable(shown, error) }
    }

    private static func unreadable(_ name: String, _ error: SystemError) -> PlainFailure {
        PlainFailure(error.kind, "failed to read dockerfile: \(SystemError("open", name, error.errno))")
    }
}

import BuildDefinition
import ByteStreams
import DockerfileFrontend
import DockerfileSyntax
import LinuxSystem
import Reporting
import SnapshotStorage
import SystemPackage

/// Contexts that are no folders of the caller's: they are taken whole, an ignore file in them means nothing.
extension ContextReader {
    /// A context from standard input: an archive, or a Dockerfile alone.
    func stream(_ source: any ByteSource) throws -> PreparedContext {
        switch try ContextTar.detect(source) {
        case .dockerfile(let bytes): return try alone(bytes, from: "stdin")
        case .archive(let archive):
            if case .stream = request.definition {
                throw PlainFailure(
                    .invalidArgument,
                    "invalid argument: can't use stdin for both build context and dockerfile"
                )
            }
            let unpacked = UnpackedContext(try snapshots.prepareTree())
            _ = try InternalStep.loadContext.run(progress) {
                try ContextTar.unpack(archive, into: unpacked.directory())
            }
            var context = try unpackedContext(unpacked.path, name: "the build context")
            context.keeper = unpacked
            return context
        }
    }

    /// A context at an address: a git repository, an archive, or a Dockerfile alone.
    func remote(_ address: String) throws -> PreparedContext {
        let shown = ShownAddress.hidingCredentials(address)
        let step = InternalStep.loadRemote(shown)
        switch try RemoteSource(address, in: .context) {
        case nil: throw PlainFailure(.notFound, "unable to prepare context: path \"\(address)\" not found")
        case .git(var operation):
            let keeps = request.buildArguments["BUILDKIT_CONTEXT_KEEP_GIT_DIR"] ?? ""
            if ["1", "t", "true"].contains(keeps.lowercased()) { operation.keepsGitDirectory = true }
            let folder = try step.run(progress) { try sources.folder(operation, order(step)) }
            return try unpackedContext(folder, name: "the git repository \(GitRemote(operation.remote).address)")
        case .http(let operation):
            let (file, folder) = try step.run(progress) { () throws in
                let file = try sources.file(operation.url, order(step))
                return (file, try sources.files(in: file))
            }
            if let folder { return try unpackedContext(folder, name: "the build context \(shown)") }
            return try alone(Definition(reading: sources.source(of: file), name: "Dockerfile").bytes, from: "URL")
        }
    }

    /// The Dockerfile at a URL.
    func definition(at url: String) throws -> Definition {
        let step = InternalStep.loadRemote(ShownAddress.hidingCredentials(url))
        let file = try step.run(progress) { try sources.file(url, order(step)) }
        return try Definition(reading: sources.source(of: file), name: "Dockerfile")
    }

    private func order(_ step: InternalStep) -> FetchOrder {
        FetchOrder(task: step.task, ignoresCache: request.cache.isIgnored, cancellation: request.cancellation)
    }

    private func unpackedContext(_ path: FilePath, name: String) throws -> PreparedContext {
        let directory = try Directory.open(path)
        let definition: Definition
        switch request.definition {
        case .standard: definition = try standard(in: directory, name)
        case .file(let file): definition = try read(PathBytes(file.string), in: directory, as: file.string)
        case .stream(let source): definition = try Definition(reading: source, name: "Dockerfile")
        case .remote(let url): definition = try self.definition(at: url)
        }
        return PreparedContext(definition: definition, directory: path, name: name)
    }

    private func alone(_ bytes: [UInt8], from origin: String) throws -> PreparedContext {
        guard case .standard = request.definition else {
            throw PlainFailure(
                .invalidArgument,
                "ambiguous Dockerfile source: both \(origin) and flag correspond to Dockerfiles"
            )
        }
        return PreparedContext(
            definition: Definition(name: "Dockerfile", bytes: bytes),
            name: "the build context, which is empty: only a Dockerfile was given"
        )
    }
}

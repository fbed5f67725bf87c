import BuildDefinition
import ByteStreams
import ContentStorage
import DockerfileFrontend
import LinuxSystem
import OCISpec
import RegistryAccess
import Reporting
import SnapshotStorage
import SystemPackage

/// Brings what lies elsewhere into the store, as trees to copy from: files of the web, archives, git repositories.
struct RemoteSources: Sendable {
    let transport: any HTTPTransport
    /// Under the build's lease.
    let content: ContentStore
    let snapshots: SnapshotStore
    let cache: SourceCache
    var credentials = SourceCredentials()
    let progress: ProgressSink

    private func fetcher(_ order: FetchOrder) -> HTTPFetch {
        var fetch = HTTPFetch(transport: transport, content: content, cache: cache, order: order) {
            [progress] done, total in progress(.amount(order.task, done: done, total: total))
        }
        fetch.credentials = credentials
        return fetch
    }

    // MARK: - The web

    /// What is in the store and needs no look at the server.
    func recall(_ operation: HTTPOperation) throws -> (any SourceTree)? {
        try fetcher(FetchOrder(task: 0)).recall(operation).map { try tree(of: $0, operation, isFresh: false) }
    }

    /// What the server has; whether it was in the store.
    func fetch(
        _ operation: HTTPOperation,
        _ order: FetchOrder
    ) throws -> (tree: any SourceTree, wasKnown: Bool) {
        let (file, wasKnown) = try fetcher(order).fetch(operation)
        return (try tree(of: file, operation, isFresh: !wasKnown), wasKnown)
    }

    private func tree(of file: FetchedFile, _ operation: HTTPOperation, isFresh: Bool) throws -> any SourceTree {
        let shown = HTTPError.redacted(operation.url)
        if operation.form == .tree, let path = try files(in: file) {
            return LocalTree(try Directory.open(path), name: "the archive \(shown)")
        }
        let names = [operation.fileName, file.serverName].compactMap { $0 }
        let name = names.first(where: RemoteSource.isFileName) ?? HTTPOperation.unnamed
        return try BlobFileTree(file, as: name, in: content, isFresh: isFresh, name: shown)
    }

    /// A file of the web as it lies in the store.
    func file(_ url: String, _ order: FetchOrder) throws -> FetchedFile {
        try fetcher(order).fetch(HTTPOperation(url: url)).file
    }

    /// The bytes of a fetched file.
    func source(of file: FetchedFile) throws -> any ByteSource {
        try content.open(Descriptor(mediaType: MediaType(rawValue: ""), digest: file.blob, size: file.size))
    }

    /// The files in a fetched archive, unpacked once and kept; nil where it is none.
    func files(in file: FetchedFile) throws -> FilePath? {
        let key = BuildCache.Key([KeyPart("operation", "http tree"), KeyPart("archive", file.blob.description)])
        try cache.hold(key.digest)
        if let known = try cache.value(ArchiveRecord.self, for: key), let path = try snapshots.tree(known.tree) {
            try cache.touch(key)
            return path
        }
        guard let archive = try ContextTar.archive(in: source(of: file)) else { return nil }
        let tree = try snapshots.prepareTree()
        let size = try ContextTar.unpack(archive, into: try tree.directory())
        try tree.commit(as: key.digest)
        try cache.remember(ArchiveRecord(tree: key.digest), for: key, size: size)
        return try snapshots.tree(key.digest)
    }

    /// An unpacked archive as the cache has it.
    private struct ArchiveRecord: Codable {
        var tree: Digest
    }

    // MARK: - Git

    private var git: GitSource { GitSource(snapshots: snapshots, cache: cache, credentials: credentials) }

    /// What is in the store and needs no look at the remote.
    func recall(_ operation: GitOperation) throws -> (any SourceTree)? {
        try git.recall(operation).map { try tree(at: $0, operation) }
    }

    /// What the remote has; whether it was in the store.
    func fetch(_ operation: GitOperation, _ order: FetchOrder) throws -> (tree: any SourceTree, wasKnown: Bool) {
        let (path, wasKnown) = try git.fetch(operation, order)
        return (try tree(at: path, operation), wasKnown)
    }

    private func tree(at path: FilePath, _ operation: GitOperation) throws -> any SourceTree {
        let directory = try Directory.open(git.subdirectory(operation, of: path))
        return LocalTree(directory, name: "the git repository \(GitRemote(operation.remote).address)")
    }

    /// The folder that a git address means, in the store.
    func folder(_ operation: GitOperation, _ order: FetchOrder) throws -> FilePath {
        let known = try git.recall(operation)
        return try git.subdirectory(operation, of: try known ?? git.fetch(operation, order).path)
    }
}

import BuildDefinition
import LinuxSystem
import OCISpec
import Reporting
import SnapshotStorage
import SystemPackage

/// Trees from git repositories, kept in the store by the commit that they are.
struct GitSource: Sendable {
    let snapshots: SnapshotStore
    let cache: SourceCache
    let credentials: SourceCredentials

    /// A commit's tree as the cache has it.
    struct Record: Codable {
        var tree: Digest
        var commit: String
        /// In bytes.
        var size: Int64
    }

    /// The tree, if the commit is named by its whole hash and is in the store: then nobody needs to be asked.
    func recall(_ operation: GitOperation) throws -> FilePath? {
        guard let hash = operation.reference, GitReference.isHash(hash) else { return nil }
        let reference = GitReference(hash: hash)
        try Self.check(reference, operation)
        return try known(reference, operation)
    }

    /// The tree that the remote has now; whether it was in the store.
    func fetch(_ operation: GitOperation, _ order: FetchOrder) throws -> (path: FilePath, wasKnown: Bool) {
        var remote = GitRemote(operation.remote)
        remote.authorization = try credentials.authorization(forGit: remote.address)
        let git = GitProgram(remote: remote, cancellation: order.cancellation)
        let repository = try GitRepositories(root: snapshots.root).open(git.remote.folder)
        let fetch = GitFetch(git: git, repository: repository.path)
        let reference: GitReference
        if let hash = operation.reference, GitReference.isHash(hash) {
            reference = GitReference(hash: hash)
        } else {
            reference = try fetch.resolve(operation.reference)
        }
        try Self.check(reference, operation)
        if let path = try known(reference, operation), !order.ignoresCache { return (path, true) }
        let object = try fetch.fetch(reference, wholeTag: operation.keepsGitDirectory)
        let checkout = GitCheckout(
            git: git,
            repository: repository.path,
            operation: operation,
            reference: reference,
            object: object
        )
        return (try make(checkout), false)
    }

    /// The directory in a tree that the operation wants, links followed inside the tree only.
    func subdirectory(_ operation: GitOperation, of tree: FilePath) throws -> FilePath {
        guard let wanted = operation.subdirectory else { return tree }
        let remote = GitRemote(operation.remote).address
        let files = LocalTree(try Directory.open(tree), name: remote)
        guard let path = try files.resolve(PathBytes(wanted)), try files.status(path)?.kind == .directory else {
            throw PlainFailure(.notFound, "subdirectory \"\(wanted)\" not found in git repository \(remote)")
        }
        return path.bytes.isEmpty ? tree : tree.appending(path.description)
    }

    // MARK: - The store

    /// What makes a tree what it is.
    private static func key(_ reference: GitReference, _ operation: GitOperation) -> BuildCache.Key {
        var parts = [
            KeyPart("operation", "git"), KeyPart("remote", GitRemote(operation.remote).address),
            KeyPart("commit", reference.commit),
        ]
        if operation.keepsGitDirectory {
            parts.append(KeyPart("keep git directory", reference.name ?? "commit"))
        }
        if !operation.hasSubmodules { parts.append(KeyPart("without submodules", "true")) }
        if operation.times != .commit { parts.append(KeyPart("times", operation.times.rawValue)) }
        return BuildCache.Key(parts)
    }

    private func known(_ reference: GitReference, _ operation: GitOperation) throws -> FilePath? {
        let key = Self.key(reference, operation)
        guard let record = try cache.value(Record.self, for: key) else { return nil }
        try cache.hold(record.tree)
        guard let path = try snapshots.tree(record.tree) else { return nil }
        try cache.touch(key)
        return path
    }

    /// Makes the tree beside the others and then lets it appear, whole.
    private func make(_ checkout: GitCheckout) throws -> FilePath {
        let key = Self.key(checkout.reference, checkout.operation)
        let tree = try snapshots.prepareTree()
        try checkout.make(in: tree.path)
        let time = checkout.operation.times == .commit ? try checkout.commitTime() : nil
        let size = try GitFiles.normalize(try tree.directory(), time: time)
        try cache.hold(key.digest)
        try tree.commit(as: key.digest)
        let record = Record(tree: key.digest, commit: checkout.reference.commit, size: size)
        try cache.remember(record, for: key, size: size)
        guard let path = try snapshots.tree(key.digest) else {
            throw PlainFailure(
                .unavailable,
                "the tree of \(checkout.git.remote.address) was removed",
                hint: "try again"
            )
        }
        return path
    }

    private static func check(_ reference: GitReference, _ operation: GitOperation) throws {
        guard let checksum = operation.checksum, !reference.matches(checksum) else { return }
        throw PlainFailure(
            .corrupt,
            "expected checksum to match \(checksum), got \(reference.commit)",
            hint: "\(GitRemote(operation.remote).address) has another commit there"
        )
    }
}

import BuildDefinition
import ContentStorage
import DockerfileFrontend
import DockerfileSyntax
import ImageManagement
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting
import SystemPackage

/// The additional contexts of a build: what the plan must know of them, and how each is opened when it is needed.
///
/// Folders are opened at once, so that a wrong path is told before anything is built; nothing is fetched.
struct ContextCatalog: Sendable {
    private(set) var names = NamedContexts()
    /// The folders by the names that the plan has for them.
    private(set) var trees: [String: any SourceTree] = [:]
    private var layouts: [ImageReference: (folder: LayoutFolder, digest: Digest)] = [:]

    init(_ contexts: AdditionalContexts) throws {
        for (name, place) in contexts.entries {
            switch place {
            case .folder(let path): trees[try names.add(name, .folder)] = try Self.tree(path, of: name)
            case .image("scratch"): try names.add(name, .scratch)
            case .image(let text): try names.add(name, .image(try ImageReference(text).withDefaultTag))
            case .remote(let text): try names.add(name, try Self.remote(text, name))
            case .layout(let path, let tag, let digest):
                let folder = LayoutFolder(path)
                let digest = try digest.map { try Digest($0) } ?? folder.digest(tag: tag)
                let plain = name.split(separator: "::").first.map(String.init) ?? name
                let reference = try ImageReference(plain).at(digest)
                try names.add(name, .image(reference))
                layouts[reference] = (folder, digest)
            }
        }
    }

    /// The image that a layout of the caller's brings under a reference; nil where none does.
    func image(_ base: BaseReference, into content: ContentStore, _ metadata: MetadataStore) throws -> Image? {
        guard let layout = layouts[base.reference] else { return nil }
        return try layout.folder.image(layout.digest, platform: base.platform, into: content, metadata)
    }

    private static func remote(_ text: String, _ name: String) throws -> NamedContext {
        switch try RemoteSource(text, in: .context) {
        case .git(let operation): return .git(operation)
        case .http(var operation):
            operation.form = .tree
            return .http(operation)
        case nil: throw PlainFailure(.invalidArgument, "failed to get build context \(name): \"\(text)\" is no address")
        }
    }

    /// A folder with its own ignore file.
    private static func tree(_ path: FilePath, of name: String) throws -> any SourceTree {
        do {
            let directory = try Directory.open(path)
            let ignored = try IgnoreFile.patterns(IgnoreFile.standardName, in: directory)
            return LocalTree(
                directory,
                name: "the build context \(name)",
                ignored: ignored ?? IgnorePatterns(),
                ignoreFile: "\(path.appending(IgnoreFile.standardName))"
            )
        } catch let error as SystemError {
            throw PlainFailure(error.kind, "failed to get build context \(name): \(error)")
        }
    }
}

import LinuxSystem
import Reporting

/// A file system that the build made, as something to copy from: several layers seen as one.
final class ImageTree: SourceTree {
    let name: String
    let belongsToRoot = false
    private let tree: LayeredTree

    init(_ tree: LayeredTree, name: String) {
        self.tree = tree
        self.name = name
    }

    func status(_ path: PathBytes) throws -> FileStatus? { try tree.resolve(path, followLast: false).status }

    func resolve(_ path: PathBytes) throws -> PathBytes? {
        let resolved = try tree.resolve(path)
        return resolved.status == nil ? nil : resolved.path.clipped
    }

    func names(in directory: PathBytes) throws -> [PathBytes] { try tree.names(directory).sorted() }
    func readLink(_ path: PathBytes) throws -> PathBytes { PathBytes(try tree.readLink(path)) }

    func open(_ path: PathBytes) throws -> OwnedDescriptor {
        guard let file = try tree.open(path) else { throw PlainFailure(.notFound, "\"\(path)\" not found in \(name)") }
        return file
    }

    func attributes(_ path: PathBytes) throws -> [ExtendedAttribute] { try tree.layerAttributes(path) }

    func reasonForAbsence(of path: PathBytes) -> String? { nil }
}

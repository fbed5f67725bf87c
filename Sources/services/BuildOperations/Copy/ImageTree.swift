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

    func status(_ path: PathBytes) throws -> FileStatus? { try tree.status(path) }
    func resolve(_ path: PathBytes) throws -> PathBytes? { try tree.resolve(path) }
    func names(in directory: PathBytes) throws -> [PathBytes] { try tree.names(in: directory).sorted() }
    func readLink(_ path: PathBytes) throws -> PathBytes { try tree.readLink(path) }
    func open(_ path: PathBytes) throws -> OwnedDescriptor { try tree.open(path) }
    func attributes(_ path: PathBytes) throws -> [ExtendedAttribute] {
        try tree.attributes(path).filter { ExtendedAttribute.belongsInLayer($0.name) }
            .map { ExtendedAttribute(name: $0.name, value: $0.value) }.sorted { $0.name < $1.name }
    }
    func reasonForAbsence(of path: PathBytes) -> String? { nil }
}

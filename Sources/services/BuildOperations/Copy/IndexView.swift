import LayerTransfer
import LinuxSystem
import OCISpec

/// The file system below as its layers' indexes tell it: nothing is unpacked.
///
/// Only for the bytes of a file that no index keeps the layers are unpacked after all.
final class IndexView: LowerView {
    private let tree: IndexedTree
    private let unpack: @Sendable () throws -> LayeredTree

    init(_ tree: IndexedTree, unpack: @escaping @Sendable () throws -> LayeredTree) {
        self.tree = tree
        self.unpack = unpack
    }

    func place(_ path: PathBytes, followLast: Bool) throws -> LayeredTree.Resolved {
        try tree.resolve(path, followLast: followLast)
    }

    func bytes(_ path: PathBytes, limit: Int) throws -> [UInt8]? {
        switch try tree.content(of: path) {
        case .nothing: nil
        case .bytes(let bytes): bytes
        case .elsewhere: try unpack().readFile(path, limit: limit)
        }
    }

    func layerAttributes(_ path: PathBytes) throws -> [ExtendedAttribute] {
        try tree.attributes(path).filter { ExtendedAttribute.belongsInLayer($0.name) }
            .map { ExtendedAttribute(name: $0.name, value: $0.value) }.sorted { $0.name < $1.name }
    }
}

/// The indexes that a build has read, each once.
final class LayerIndexes: Sendable {
    private let known = Guarded<[Digest: LayerIndex]>([:])

    func index(of layer: BuiltLayer, make: () throws -> LayerIndex) rethrows -> LayerIndex {
        if let index = known.update({ $0[layer.diffID] }) { return index }
        let index = try make()
        known.update { $0[layer.diffID] = index }
        return index
    }
}

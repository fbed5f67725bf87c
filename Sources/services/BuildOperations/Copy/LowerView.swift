import LinuxSystem

/// What a file operation needs to know of the file system below it, without needing its files.
///
/// Links are followed inside; paths begin at the top, with a slash or without.
protocol LowerView: AnyObject, Sendable {
    /// Where a path leads and what stands there; steps behind one that is missing are taken as they stand.
    func place(_ path: PathBytes, followLast: Bool) throws -> LayeredTree.Resolved
    /// A file's bytes; nil where there is no file. Larger than `limit` is an error.
    func bytes(_ path: PathBytes, limit: Int) throws -> [UInt8]?
    /// The extended attributes of a directory that belong in a layer, sorted by name.
    func layerAttributes(_ path: PathBytes) throws -> [ExtendedAttribute]
}

/// The layers unpacked.
extension LayeredTree: LowerView {
    func place(_ path: PathBytes, followLast: Bool) throws -> Resolved { try resolve(path, followLast: followLast) }

    func bytes(_ path: PathBytes, limit: Int) throws -> [UInt8]? { try readFile(path, limit: limit) }

    func layerAttributes(_ path: PathBytes) throws -> [ExtendedAttribute] {
        try attributes(path).filter { ExtendedAttribute.belongsInLayer($0.key) }
            .map { ExtendedAttribute(name: $0.key, value: $0.value) }.sorted { $0.name < $1.name }
    }
}

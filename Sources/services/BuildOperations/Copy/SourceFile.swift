import ByteStreams
import LinuxSystem
import Reporting

/// A regular file of a source tree, open, and still the one that the plan was made with.
struct SourceFile: ~Copyable {
    private let descriptor: OwnedDescriptor
    private let size: Int64
    private let path: PathBytes
    private let tree: any SourceTree

    /// - Parameter planned: the file as it was when the plan was made.
    init(_ path: PathBytes, of tree: any SourceTree, planned: FileStatus) throws {
        let file = try tree.open(path)
        let status = try FileStatus(of: file.raw)
        guard status.identity == planned.identity, status.size == planned.size else { throw Self.changed(path, tree) }
        self.path = path
        self.tree = tree
        size = status.size
        descriptor = file
    }

    /// The extended attributes that belong in a layer.
    func attributes() throws -> [ExtendedAttribute] { try ExtendedAttribute.layerAttributes(of: descriptor.raw) }

    /// Reads all of it, once, through a buffer of the caller's; the 32 bytes of its SHA-256 where it is wanted.
    @discardableResult
    func read(
        to sink: (any ByteSink)?,
        hashing isHashed: Bool,
        through buffer: inout [UInt8]
    ) throws -> [UInt8] {
        var hasher = SHA256Hasher()
        var rest = size
        while rest > 0 {
            let count = min(Int64(try DescriptorIO.read(descriptor.raw, into: &buffer)), rest)
            if count == 0 { throw Self.changed(path, tree) }
            let bytes = buffer.span.extracting(0..<Int(count))
            if isHashed { hasher.update(bytes) }
            try sink?.write(bytes)
            rest -= count
        }
        return isHashed ? hasher.finalize() : []
    }

    private static func changed(_ path: PathBytes, _ tree: any SourceTree) -> PlainFailure {
        PlainFailure(.conflict, "\"\(path)\" in \(tree.name) changed while it was being read")
    }

    /// What is read of a file at once.
    static let chunkSize = 1 << 20
}

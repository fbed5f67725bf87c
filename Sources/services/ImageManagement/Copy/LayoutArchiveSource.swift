import ByteStreams
import CompressionCodecs
import LinuxSystem
import OCISpec
import Reporting
import SystemPackage
import TarFormat

/// One image of an OCI layout in a tar. The tar is looked through once, and then read where the blobs are; a compressed one is
/// uncompressed into a file without a name first.
struct LayoutArchiveSource: CopySource {
    private let file: SegmentedFile
    private let members: [ArchivePath: Range<Int64>]
    private let entry: LayoutEntry?
    private let name: String

    /// More members than any honest layout has.
    private static let mostMembers = 100_000

    /// - Parameter temporary: where a compressed archive is uncompressed.
    init(_ path: FilePath, _ entry: LayoutEntry?, temporary: FilePath) throws {
        name = "archive \"\(path)\""
        self.entry = entry
        let opened = try SegmentedFile(try HostPath.openForReading(path), subject: path.string)
        file = try Self.plain(opened, path, temporary)
        var members: [ArchivePath: Range<Int64>] = [:]
        let reader = TarReader(file.segment(0..<file.size))
        do throws(TarError) {
            while let entry = try reader.next() {
                guard case .file = entry.kind, entry.sparse == nil, let path = ArchivePath(entry.path.bytes) else { continue }
                members[path] = reader.offset..<reader.offset + entry.size
                guard members.count <= Self.mostMembers else { break }
            }
        } catch { throw PlainFailure(.corrupt, "\(name) can't be read: \(error.description)") }
        guard members.count <= Self.mostMembers else {
            throw PlainFailure(.exhausted, "\(name) has more than \(Self.mostMembers) files")
        }
        self.members = members
    }

    private static func plain(_ file: SegmentedFile, _ path: FilePath, _ temporary: FilePath) throws -> SegmentedFile {
        let counted = CountingSource(file.segment(0..<file.size))
        let (compression, plain) = try Decompressor.detecting(counted)
        if compression == .none { return file }
        let folder = try Directory.open(temporary, create: true)
        let copy = try folder.temporaryFile()
        let sink = FileSink(try copy.descriptor.duplicate(), subject: path.string)
        try ExpansionGuard(plain, compressed: counted).copy(to: sink)
        return try SegmentedFile(try copy.descriptor.duplicate(), subject: path.string)
    }

    func roots() throws -> [Descriptor] {
        let index: ImageIndex
        do { index = try JSON.decode(ImageIndex.self, from: bytes(at: .layoutIndex)) } catch let error as JSONError {
            throw PlainFailure(.corrupt, "\(name): index.json: \(error.description)")
        }
        return [try LayoutEntry.choose(entry, among: index.manifests, of: name)]
    }

    func document(_ descriptor: Descriptor) throws -> [UInt8] { try bytes(at: Self.path(descriptor)) }

    func open(_ blob: Descriptor, from offset: Int64) throws -> any ByteSource {
        let range = try range(of: Self.path(blob))
        guard Int64(range.count) == blob.size, offset <= blob.size else {
            throw PlainFailure(.corrupt, "\(name): blob \(blob.digest) has \(range.count) bytes, expected \(blob.size)")
        }
        return file.segment(range.lowerBound + offset..<range.upperBound)
    }

    private func bytes(at path: ArchivePath) throws -> [UInt8] {
        try file.segment(range(of: path)).readAll(limit: JSON.defaultLimit)
    }

    private func range(of path: ArchivePath) throws -> Range<Int64> {
        if let range = members[path] { return range }
        guard path == .layoutIndex else { throw PlainFailure(.corrupt, "\(name) has no \(path)") }
        let isDocker = members[.dockerManifest] != nil
        throw PlainFailure(
            .notFound,
            "\(name) is not an OCI layout: it has no index.json",
            hint: isDocker ? "it is an archive of Docker's: docker-archive:PATH" : nil
        )
    }

    private static func path(_ blob: Descriptor) throws -> ArchivePath {
        try blob.requireSHA256()
        guard let path = ArchivePath(LayoutTar.path(blob.digest)) else {
            throw PlainFailure(.internal, "\(blob.digest) is no name of a file")
        }
        return path
    }
}

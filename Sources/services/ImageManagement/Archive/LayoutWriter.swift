import ByteStreams
import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

/// Writes an OCI layout into a folder, which is made or, where it is one already, added to: entries of other names stay.
///
/// Every file appears whole. `index.json` comes last, so what fails before it adds nothing that a reader sees.
final class LayoutWriter: Sendable {
    private let folder: Directory
    private let blobs: Directory

    init(_ path: FilePath) throws {
        do throws(SystemError) {
            let folder = try Directory.open(path, create: true, mode: 0o755)
            blobs = try folder.directory("blobs", create: true).directory("sha256", create: true)
            self.folder = folder
        } catch { throw PlainFailure(error.kind, "OCI layout \"\(path)\" can't be written: \(error)") }
    }

    /// Whether a file of that name and size is there.
    func holds(_ blob: Descriptor) throws -> Bool {
        guard let there = try blobs.status(try Self.name(blob)) else { return false }
        return there.kind == .file && there.size == blob.size
    }

    /// Writes a blob, which must be what its descriptor says, unless it is there.
    func put(_ blob: Descriptor, from source: any ByteSource) throws {
        if try holds(blob) { return }
        let checked = try blob.verifying(source)
        try Self.write(try Self.name(blob), in: blobs) { _ = try checked.copy(to: $0) }
    }

    /// Lists images: one that has the name of another, or without names its digest, takes its place.
    func list(_ entries: [Descriptor]) throws {
        // Two writers at once must not lose each other's entries.
        let lock = try FileLock(try folder.directory(".").relinquish(), .exclusive)
        var index = ImageIndex(manifests: [])
        if let bytes = try folder.readFile("index.json", limit: JSON.defaultLimit) {
            do { index = try JSON.decode(ImageIndex.self, from: bytes) } catch {
                throw PlainFailure(.corrupt, "index.json of the layout: \(error.description)")
            }
        }
        let added = Set(entries.map(Self.key))
        index.manifests.removeAll { added.contains(Self.key($0)) }
        index.manifests += entries
        let (marker, bytes) = (try JSON.encode(ImageLayout()), try JSON.encode(index))
        try Self.write("oci-layout", in: folder) { try $0.write(marker.span) }
        try Self.write("index.json", in: folder) { try $0.write(bytes.span) }
        withExtendedLifetime(lock) {}
    }

    private static func key(_ entry: Descriptor) -> String {
        entry.annotations?[Annotation.imageName] ?? entry.annotations?[Annotation.referenceName]
            ?? entry.digest.description
    }

    private static func name(_ blob: Descriptor) throws -> PathBytes {
        try blob.requireSHA256()
        return PathBytes(blob.digest.hex)
    }

    private static func write(
        _ name: PathBytes,
        in folder: borrowing Directory,
        _ body: (any ByteSink) throws -> Void
    ) throws {
        let file = try folder.temporaryFile(mode: 0o644)
        try body(FileSink(try file.descriptor.duplicate(), subject: name.description))
        try file.link(as: name, replace: true)
    }
}

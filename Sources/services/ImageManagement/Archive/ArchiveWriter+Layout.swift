import ByteStreams
import ContentStorage
import LinuxSystem
import OCISpec
import Reporting
package import SystemPackage

extension ArchiveWriter {
    /// Writes the images into a folder as an OCI layout, which is made or, where it is one already, added to: entries of
    /// other names stay.
    ///
    /// Every file appears whole. `index.json` comes last, so what fails before it adds nothing that a reader sees.
    package func write(layout path: FilePath) throws {
        let folder = try Directory.open(path, create: true, mode: 0o755)
        let index = try Self.index(in: folder, adding: entries)
        let documents = items.reduce(into: [:]) { $0.merge($1.documents) { first, _ in first } }
        let blobs = try folder.directory("blobs", create: true).directory("sha256", create: true)
        for blob in self.blobs() {
            guard blob.digest.algorithm == "sha256" else {
                throw PlainFailure(.unsupported, "blob \(blob.digest): only sha256 is supported")
            }
            let name = PathBytes(blob.digest.hex)
            if let there = try blobs.status(name), there.kind == .file, there.size == blob.size { continue }
            let source = try documents[blob.digest].map { MemorySource($0) } ?? content.open(blob)
            try Self.write(name, in: blobs) { _ = try source.copy(to: $0) }
        }
        let marker = try JSON.encode(ImageLayout())
        try Self.write("oci-layout", in: folder) { try $0.write(marker.span) }
        let bytes = try JSON.encode(index)
        try Self.write("index.json", in: folder) { try $0.write(bytes.span) }
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

    /// The index of a layout with more entries: one of the same name, or without names of the same digest, is replaced.
    private static func index(in folder: borrowing Directory, adding entries: [Descriptor]) throws -> ImageIndex {
        var index = ImageIndex(manifests: [])
        if let bytes = try folder.readFile("index.json", limit: JSON.defaultLimit) {
            do { index = try JSON.decode(ImageIndex.self, from: bytes) } catch {
                throw PlainFailure(.corrupt, "index.json of the layout: \(error.description)")
            }
        }
        func name(_ entry: Descriptor) -> String {
            entry.annotations?[Annotation.imageName] ?? entry.annotations?[Annotation.referenceName]
                ?? entry.digest.description
        }
        let added = Set(entries.map(name))
        index.manifests.removeAll { added.contains(name($0)) }
        index.manifests += entries
        return index
    }
}

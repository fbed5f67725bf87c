import ByteStreams
import ContentStorage
import OCISpec
package import SystemPackage

extension ArchiveWriter {
    /// Writes the images into a folder as an OCI layout; see `LayoutWriter`.
    package func write(layout path: FilePath) throws {
        let writer = try LayoutWriter(path)
        let documents = items.reduce(into: [:]) { $0.merge($1.documents) { first, _ in first } }
        for blob in blobs() {
            try writer.put(blob, from: documents[blob.digest].map { MemorySource($0) } ?? content.open(blob, from: 0))
        }
        try writer.list(entries)
    }
}

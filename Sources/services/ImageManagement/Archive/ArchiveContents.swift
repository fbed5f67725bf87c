import OCISpec
import Reporting

/// What an image archive holds, as far as it had to be remembered while it went by.
struct ArchiveContents {
    /// A file that is no document: stored, its digest known.
    struct Blob: Hashable {
        var digest: Digest
        var size: Int64
        /// What it is as a layer, or why it can't be one.
        var layer: Result<LayerFacts, LayerRefusal>
    }

    /// JSON documents by name.
    var documents: [ArchivePath: [UInt8]] = [:]
    var blobs: [ArchivePath: Blob] = [:]
    /// Symbolic and hard links, by where they are, to where they point.
    var links: [ArchivePath: ArchivePath] = [:]

    /// Follows links; nil when there are too many to be true.
    func resolve(_ path: ArchivePath) -> ArchivePath? {
        var path = path
        for _ in 0..<16 {
            guard let next = links[path] else { return path }
            path = next
        }
        return nil
    }

    /// The document that a manifest names.
    func document(_ name: String) throws -> [UInt8] {
        guard let path = ArchivePath(name).flatMap(resolve), let bytes = documents[path] else {
            throw PlainFailure(.corrupt, "invalid image archive: \"\(name)\" is missing")
        }
        return bytes
    }

    /// The layer that a manifest names.
    ///
    /// A small document by mistake taken for JSON can't be a tar.
    func blob(_ name: String) throws -> Blob {
        guard let path = ArchivePath(name).flatMap(resolve) else {
            throw PlainFailure(.corrupt, "invalid image archive: \"\(name)\" is missing")
        }
        guard let blob = blobs[path] else {
            let problem = documents[path] == nil ? "is missing" : "is not a layer"
            throw PlainFailure(.corrupt, "invalid image archive: \"\(name)\" \(problem)")
        }
        return blob
    }
}

/// What is known of a layer once all of it went by.
struct LayerFacts: Hashable, Sendable {
    /// The digest of the uncompressed layer.
    var diffID: Digest
    /// How it is stored.
    var mediaType: MediaType
    /// What its files hold, as Docker counts.
    var contentSize: Int64
}

/// Why a file is not a layer.
struct LayerRefusal: Error, Hashable, Sendable {
    var description: String
    var kind: FailureKind
}

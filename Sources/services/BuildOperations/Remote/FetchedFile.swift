import BuildDefinition
import OCISpec
import RegistryAccess
import Reporting

/// A file of the web that is in the store, and what its server said about it.
struct FetchedFile: Codable, Hashable, Sendable {
    var blob: Digest
    /// In bytes.
    var size: Int64
    /// What the server calls it; nil where it didn't say.
    var serverName: String?
    /// When it was changed last, in seconds since 1970; 0 where the server didn't say.
    var modifiedAt: Int64
    /// The validators, as the server sent them.
    var entityTag: String?
    var lastModified: String?
    /// A checksum by another algorithm that it was found to have.
    var checksum: String?
    /// In nanoseconds since 1970.
    var fetchedAt: Int64

    init(_ response: HTTPResponse, blob: Digest, size: Int64) {
        self.blob = blob
        self.size = size
        serverName = response.header("Content-Disposition").flatMap(ContentDisposition.fileName)
        entityTag = response.header("ETag")
        lastModified = response.header("Last-Modified")
        modifiedAt = lastModified.flatMap(HTTPDate.moment)?.seconds ?? 0
        fetchedAt = Timestamp.now.epochNanoseconds
    }

    /// What makes a server answer only if the file has changed; none where it gave nothing to compare with.
    var conditions: [HTTPHeader] {
        if let entityTag { return [HTTPHeader("If-None-Match", entityTag)] }
        return lastModified.map { [HTTPHeader("If-Modified-Since", $0)] } ?? []
    }

    /// Whether the file is known to have this checksum.
    func matches(_ expected: Digest) -> Bool { blob == expected || checksum == expected.description }

    /// The row for an address. Credentials and queries aren't written down: a digest stands for them.
    static func key(of url: String) -> BuildCache.Key {
        BuildCache.Key([
            KeyPart("operation", "http"),
            KeyPart("url", HTTPError.redacted(url)),
            KeyPart("address", Digest.of(Array(url.utf8)).description),
        ])
    }
}

import MetadataStorage
package import OCISpec

/// A place where a registry has an image of the store.
package struct ImageOrigin: Sendable, Hashable {
    /// The complete repository: `docker.io/library/debian`.
    package var repository: String
    /// Of the manifest or index there.
    package var digest: Digest
    /// Who publishes the repository, as Docker Hub said it then: a `Publisher`; nil where nobody was asked.
    package var publisher: String?
    /// In nanoseconds since 1970.
    package var recordedAt: Int64

    init(_ row: OriginRow) {
        repository = row.repository
        digest = row.digest
        publisher = row.publisher
        recordedAt = row.recordedAt
    }

    /// `debian@sha256:…`: how Docker writes it.
    package var digestName: String {
        let name = (try? ImageReference(repository))?.familiarName ?? repository
        return "\(name)@\(digest)"
    }

    /// `docker.io`
    package var registry: String { String(repository.prefix { $0 != "/" }) }
}

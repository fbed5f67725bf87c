import LinuxSystem
import MetadataStorage
import OCISpec

/// Blobs that came into a repository lately, before the manifest that they are for: they are readable there, and held, until
/// their time is over.
final class RecentBlobs: Sendable {
    private struct Place: Hashable {
        var repository: String
        var digest: Digest
    }

    private struct Entry {
        var lease: LeaseRow
        var seconds: Int64
    }

    private let metadata: MetadataStore
    private let entries = Guarded<[Place: Entry]>([:])

    /// How many are held at most: the oldest give way.
    private static let capacity = 10_000
    /// How many seconds a blob waits for its manifest.
    static let life: Int64 = 3_600

    init(_ metadata: MetadataStore) { self.metadata = metadata }

    func contains(_ name: RepositoryName, _ digest: Digest) -> Bool {
        entries.update { $0[Place(repository: name.key, digest: digest)] != nil }
    }

    /// Whether any came into a repository.
    func hasAny(_ name: RepositoryName) -> Bool {
        entries.update { $0.keys.contains { $0.repository == name.key } }
    }

    /// Takes a blob in, and the lease that holds it.
    func add(_ name: RepositoryName, _ digest: Digest, _ lease: LeaseRow, at now: Int64 = Timestamp.now.seconds) {
        let given = entries.update { entries -> [LeaseRow] in
            var given: [LeaseRow] = []
            let place = Place(repository: name.key, digest: digest)
            if let former = entries.updateValue(Entry(lease: lease, seconds: now), forKey: place) {
                given.append(former.lease)
            }
            if entries.count > Self.capacity,
                let oldest = entries.min(by: { $0.value.seconds < $1.value.seconds })
            {
                entries[oldest.key] = nil
                given.append(oldest.value.lease)
            }
            return given
        }
        release(given)
    }

    /// Lets a blob go; false if it wasn't among them.
    func remove(_ name: RepositoryName, _ digest: Digest) -> Bool {
        guard let entry = entries.update({ $0.removeValue(forKey: Place(repository: name.key, digest: digest)) }) else {
            return false
        }
        release([entry.lease])
        return true
    }

    /// Lets go what came before a time.
    func sweep(before deadline: Int64) {
        release(
            entries.update { entries in
                let old = entries.filter { $0.value.seconds < deadline }
                for place in old.keys { entries[place] = nil }
                return old.values.map(\.lease)
            }
        )
    }

    /// Leases that stay are dead with this process.
    private func release(_ leases: [LeaseRow]) { for lease in leases { try? metadata.leases.delete(lease) } }
}

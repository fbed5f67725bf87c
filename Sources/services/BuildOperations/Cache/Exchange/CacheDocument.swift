import OCISpec
import Reporting

/// A cache as it is exchanged: which key gives which layer.
///
/// docs/formats/cache-export.md has the form.
struct CacheDocument: Codable, Sendable, Hashable {
    static let mediaType = MediaType(rawValue: "application/vnd.socle.cache.config.v1+json")
    /// The annotation of an image's manifest that holds an inline cache.
    static let annotation = "com.socle.cache.inline"
    static let currentVersion = 1
    /// More than any honest build has.
    static let maximumRecords = 100_000

    /// One step.
    struct Record: Codable, Sendable, Hashable {
        var key: Digest
        var layer: BuiltLayer
        /// The blob that holds the layer there, where it is another one than the layer's own: compressed.
        var sent: Descriptor?
        /// The instruction, for people.
        var description: String?

        /// What is to be fetched.
        var blob: Descriptor { sent ?? layer.blob }
    }

    var version = CacheDocument.currentVersion
    var records: [Record]

    init(_ uses: [CacheUse]) {
        records = uses.map {
            Record(key: $0.key, layer: $0.layer, description: $0.step.description)
        }
    }

    /// Reads one from outside.
    init(parsing bytes: [UInt8]) throws {
        self = try JSON.decode(CacheDocument.self, from: bytes)
        guard version == Self.currentVersion else {
            throw PlainFailure(
                .unsupported,
                "cache has the version \(version), this socle knows \(Self.currentVersion)"
            )
        }
        guard records.count <= Self.maximumRecords else {
            throw PlainFailure(.corrupt, "cache has more than \(Self.maximumRecords) records")
        }
        for record in records {
            for blob in [record.layer.blob, record.blob] where blob.mediaType.role != .layer {
                throw PlainFailure(.corrupt, "cache record \(record.key): \"\(blob.mediaType)\" is no layer")
            }
        }
    }

    /// The layers, each once, in the order of the records.
    var layers: [Descriptor] {
        var seen: Set<Digest> = []
        return records.map(\.blob).filter { seen.insert($0.digest).inserted }
    }
}

import OCISpec
import Reporting

/// A volume as `volume ls` and `volume inspect` show it.
package struct VolumeSummary: Sendable, Hashable {
    package var name: String
    package var labels: [String: String]
    package var options: [String: String]
    /// In nanoseconds since 1970.
    package var createdAt: Int64
    /// Where its content is on this machine.
    package var mountpoint: String
    /// The IDs of the containers that have it.
    package var containers: [String]
    /// Whether it was made for a container that didn't name it.
    package var isAnonymous: Bool { RandomID.isValid(name) }
}

/// What is known of a volume.
struct VolumeFacts: Sendable {
    var labels: [String: String] = [:]
    var options: [String: String] = [:]
    /// In nanoseconds since 1970.
    var createdAt: Int64
    /// Why labels and options aren't known, of one that was half-written when the machine went down: it can be listed and
    /// removed, but nobody knows what to mount.
    var problem: PlainFailure?
}

/// What is written beside a volume's content where somebody said something of it: `volumes/<name>/volume.json`.
struct VolumeDocument: Codable, Sendable {
    static let name = "volume.json"

    var labels: [String: String]
    var options: [String: String]?
}

package import ContainerMonitor
package import ContainerRuntime
internal import OCISpec

/// Where a container is in its life.
package enum BundleStatus: String, Sendable {
    case creating, created, running, paused, stopped
}

/// What is kept of a container, beside its specification.
package struct BundleRecord: Codable, Sendable, Hashable {
    package var id: String
    /// Absolute.
    package var bundle: String
    package var rootfs: String
    package var ociVersion: String
    /// When, in RFC 3339.
    package var created: String
    /// Who made it.
    package var owner: UInt32
    package var annotations: [String: String]?
    /// The first process, once there is one.
    package var process: ProcessStamp?
    package var groups: GroupPlace
    package var keepsKeyring: Bool

    /// The state as hooks get it and `state` shows it: the specification's own fields alone.
    func state(_ status: BundleStatus, pid: Int32?) -> JSONValue {
        var state: JSONObject = [
            "ociVersion": .string(ociVersion), "id": .string(id), "status": .string(status.rawValue),
        ]
        if let pid { state["pid"] = .integer(Int64(pid)) }
        state["bundle"] = .string(bundle)
        if let annotations, !annotations.isEmpty { state["annotations"] = .object(JSONObject(annotations)) }
        return .object(state)
    }
}

package import OCISpec

/// One mount of a container, decided: what is mounted from where. Docker's `Mounts` in `inspect` come from these.
package struct MountPoint: Codable, Sendable, Hashable {
    package var kind: MountRequest.Kind
    /// A volume's name.
    package var name: String?
    /// On the host; empty for a tmpfs.
    package var source: String
    package var destination: String
    /// As `-v` had it, for `inspect`.
    package var mode: String
    package var readOnly: Bool
    /// Empty is the runtime's default.
    package var propagation: String
    package var isNonRecursive = false
    package var tmpfsOptions: [String] = []
    /// A volume that goes with its container.
    package var isAnonymous = false
    /// Whether the image's content at the destination is copied into the volume while that is empty.
    package var copiesUp = false
    package var fromMountOption = false

    /// The mount as the runtime makes it.
    package var specification: RuntimeSpec.Mount {
        if kind == .tmpfs {
            return .init(destination, type: "tmpfs", source: "tmpfs", options: tmpfsOptions)
        }
        var options = [isNonRecursive ? "bind" : "rbind"]
        if readOnly { options.append("ro") }
        if !propagation.isEmpty { options.append(propagation) }
        return .init(destination, type: "bind", source: source, options: options)
    }
}

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
    package var submounts: MountRequest.Submounts?
    /// What of a volume shows, by its path below the volume's content; nil is all of it.
    package var subpath: String?
    package var tmpfsOptions: [String] = []
    /// A volume that goes with its container.
    package var isAnonymous = false
    /// Whether the image's content at the destination is copied into the volume while that is empty.
    package var copiesUp = false
    package var fromMountOption = false
    /// Whether `--mount` wants a folder made of a bind that isn't there; nil as no.
    package var makesSource: Bool?
    /// Labels of a volume that is made for it; nil as none.
    package var labels: [String: String]?
    /// What the volume is, where it isn't a folder of the store.
    package var device: VolumeOptions?

    /// The folder or file of the host's that shows here; nil for what only exists while it is mounted.
    package var content: String? {
        guard let whole else { return nil }
        return subpath.map { whole + "/" + $0 } ?? whole
    }

    /// The folder that the content mustn't be looked for outside of; nil where nobody could have put a link in the way.
    package var confinement: String? { subpath == nil ? nil : whole }

    private var whole: String? {
        guard let device else { return kind == .tmpfs ? nil : source }
        return device.isBind ? device.device : nil
    }

    /// The mount as the runtime makes it.
    package var specification: RuntimeSpec.Mount {
        if kind == .tmpfs {
            return .init(destination, type: "tmpfs", source: "tmpfs", options: tmpfsOptions)
        }
        let given = device?.words ?? []
        guard let source = content else {
            return .init(destination, type: device?.type, source: device?.device, options: given + (readOnly ? ["ro"] : []))
        }
        var options = [isNonRecursive ? "bind" : "rbind"] + given.filter { $0 != "bind" && $0 != "rbind" }
        // What the host has mounted below is no more to be written than the rest.
        if readOnly { options.append(isNonRecursive || kind == .volume || submounts == .writable ? "ro" : "rro") }
        if !propagation.isEmpty { options.append(propagation) }
        return .init(destination, type: "bind", source: source, options: options)
    }
}

extension [MountPoint] {
    /// The names of the volumes that are the container's alone, unless another one takes them by `--volumes-from`.
    var anonymousVolumes: [String] { filter(\.isAnonymous).compactMap(\.name) }
}

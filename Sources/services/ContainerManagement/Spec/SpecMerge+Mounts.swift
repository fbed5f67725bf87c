import ContainerRuntime
import OCISpec
import SystemPackage

extension SpecMerge {
    /// The container's own files, and where they show.
    package static let networkFiles = [
        ("resolv.conf", "/etc/resolv.conf"), ("hostname", "/etc/hostname"), ("hosts", "/etc/hosts"),
    ]

    /// Docker's defaults without those that the user mounts over, then the user's and the container's own files: the
    /// shallow ones first, so that nothing hides what was mounted before.
    func mounts() -> [RuntimeSpec.Mount] {
        let destinations = Set((mountPoints.map(\.specification) + stepMounts).map(\.destination))
        var defaults = RuntimeDefaults.mounts(
            sharedMemorySize: request.sharedMemorySize.flatMap { $0 == 0 ? nil : $0 }
                ?? RuntimeDefaults.sharedMemorySize
        )
        defaults.removeAll { mount in
            destinations.contains(mount.destination)
                || destinations.contains("/dev") && mount.destination.hasPrefix("/dev/")
        }
        share(&defaults)
        if request.readOnly {
            let writable: Set<String> = ["/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue"]
            for index in defaults.indices where !writable.contains(defaults[index].destination) {
                if defaults[index].options?.contains("ro") == false { defaults[index].options?.append("ro") }
            }
        }
        if request.privileged {
            for index in defaults.indices where ["/sys", "/sys/fs/cgroup"].contains(defaults[index].destination) {
                defaults[index].options?.removeAll { $0 == "ro" }
            }
        }
        let own =
            mountPoints.map(mapped) + stepMounts + ownFiles.filter { !destinations.contains($0.destination) }
        let ordered = own.enumerated().sorted { left, right in
            let depths = (
                ContainerPath.depth(left.element.destination), ContainerPath.depth(right.element.destination)
            )
            return (depths.0, left.offset) < (depths.1, right.offset)
        }
        return defaults + ordered.map(\.element)
    }

    /// `/dev/shm` belongs to the ipc namespace. Another container's is put in when this one is started.
    private func share(_ defaults: inout [RuntimeSpec.Mount]) {
        guard let index = defaults.firstIndex(where: { $0.destination == Self.sharedMemory }) else { return }
        switch request.sharing.ipc {
        case .own, .shareable: break
        case .none: defaults.remove(at: index)
        case .host, .container:
            defaults[index] = .init(
                Self.sharedMemory,
                type: "bind",
                source: Self.sharedMemory,
                options: ["rbind", "rprivate"]
            )
        }
    }

    static let sharedMemory = "/dev/shm"

    private var ownFiles: [RuntimeSpec.Mount] {
        Self.networkFiles.map { name, destination in
            .init(
                destination,
                type: "bind",
                source: folder.appending(name).string,
                options: ["rbind"] + (request.readOnly ? ["ro"] : []) + ["rprivate"] + ownersOption
            )
        }
    }

    /// A container with users of its own finds its own files and volumes as theirs; the host's folders stay the host's.
    private var ownersOption: [String] { request.sharing.firstUser == nil ? [] : ["idmap"] }

    private func mapped(_ point: MountPoint) -> RuntimeSpec.Mount {
        var mount = point.specification
        if point.kind == .volume, point.content != nil { mount.options? += ownersOption }
        return mount
    }
}

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
            mountPoints.map(\.specification) + stepMounts + ownFiles.filter { !destinations.contains($0.destination) }
        let ordered = own.enumerated().sorted { left, right in
            let depths = (
                ContainerPath.depth(left.element.destination), ContainerPath.depth(right.element.destination)
            )
            return (depths.0, left.offset) < (depths.1, right.offset)
        }
        return defaults + ordered.map(\.element)
    }

    private var ownFiles: [RuntimeSpec.Mount] {
        Self.networkFiles.map { name, destination in
            .init(
                destination,
                type: "bind",
                source: folder.appending(name).string,
                options: ["rbind"] + (request.readOnly ? ["ro"] : []) + ["rprivate"]
            )
        }
    }
}

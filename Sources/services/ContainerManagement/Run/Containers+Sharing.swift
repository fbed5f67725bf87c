import ContainerMonitor
import ContainerRuntime
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting

extension Containers {
    /// Has a container that is about to start join the namespaces of others that its request names.
    func join(_ document: ContainerDocument, _ spec: inout RuntimeSpec) throws {
        for point in document.mountPoints { try PropagationCheck.check(point) }
        let request = document.request
        if case .container(let name) = request.sharing.ipc {
            let donor = try joinable(name)
            guard donor.document.request.sharing.ipc == .shareable || donor.document.request.sharing.ipc == .host else {
                throw PlainFailure(
                    .conflict,
                    "can't join IPC of container \(donor.id): non-shareable IPC (hint: use IpcMode:shareable for the "
                        + "donor container)"
                )
            }
            let pid = try process(of: donor, wrapping: "can't join IPC of container \(donor.id): ")
            spec.linux?.join(.ipc, at: "/proc/\(pid)/ns/ipc")
            let memory = SpecMerge.sharedMemory
            for index in spec.mounts?.indices ?? 0..<0
            where spec.mounts?[index].destination == memory && spec.mounts?[index].source == memory {
                spec.mounts?[index].source = "/proc/\(pid)/root\(memory)"
            }
        }
        if case .container(let name) = request.sharing.processes {
            let pid = try process(of: try joinable(name), wrapping: "")
            spec.linux?.join(.pid, at: "/proc/\(pid)/ns/pid")
        }
    }

    /// The first of the ids of each container with users of its own.
    func usersInUse() throws -> Set<UInt32> {
        Set(
            try metadata.containers.all().compactMap { row in
                try JSON.decode(ContainerDocument.self, from: row.document).request.sharing.firstUser
            }
        )
    }

    /// The first process of a container that has to run.
    private func process(of container: Container, wrapping prefix: String) throws -> Int32 {
        guard let pid = container.state.pid,
            try StartRecord(in: try Directory.open(folder(container.id)))?.process.exists == true
        else { throw PlainFailure(.conflict, "\(prefix)Container \(container.id) is not running") }
        return pid
    }
}

extension RunRequest {
    /// Where a container's control groups are, from each hierarchy's top; nil is the usual place.
    func groupPath(_ id: String) -> String? {
        if let parent = controlGroupParent, !parent.isEmpty { return ContainerPath.cleaned(parent + "/" + id) }
        // Other runtimes don't begin at the group that this process is in.
        return usesOtherRuntime ? GroupPlace.standard(id) : nil
    }

    /// Whether an OCI runtime runs the container.
    var usesOtherRuntime: Bool { runtime.map { $0 != "socle" } ?? false }

    /// The same with all directories.
    func groupPlace(_ id: String) throws -> GroupPlace? {
        try groupPath(id).map { path in try GroupPlace(cgroupsPath: path, id: id) }
    }
}

extension Container {
    /// Where its control groups are; nil is the usual place.
    var groupPlace: GroupPlace? { get throws { try document.request.groupPlace(id) } }
}

private import Glibc
internal import LinuxSystem
internal import SystemPackage

/// What a plan needs of the host, opened. Closed with the value: by then the child has its own.
final class PlanResources {
    private(set) var descriptors: [CInt] = []

    /// Those of a plan that joins a container: its groups, and the descriptor of its first process.
    init(
        joining resources: [PlanResource],
        process: CInt,
        group: ControlGroup,
        preserved: [CInt]
    ) throws(RuntimeError) {
        for resource in resources {
            do throws(SystemError) {
                switch resource {
                case .container: descriptors.append(try OwnedDescriptor.duplicate(of: process).release())
                case .groupProcesses(let name):
                    descriptors.append(try group.processes(in: try hierarchy(name, of: group)).release())
                case .hostProc: descriptors.append(try Self.hostProc().release())
                case .preserved(let index): descriptors.append(try OwnedDescriptor.duplicate(of: preserved[index]).release())
                default: throw SystemError("open", "\(resource)", .invalidArgument)
                }
            } catch {
                throw RuntimeError("opening \(resource)", error)
            }
        }
    }

    /// Those of a plan that launches; trees and descriptors come with the request.
    init(
        _ resources: [PlanResource],
        root: borrowing RootTree,
        group: ControlGroup,
        _ request: LaunchRequest
    ) throws(RuntimeError) {
        for resource in resources {
            do {
                descriptors.append(try open(resource, root: root, group: group, request).release())
            } catch {
                throw RuntimeError("opening \(resource)", error)
            }
        }
    }

    deinit { for descriptor in descriptors { close(descriptor) } }

    private func open(
        _ resource: PlanResource,
        root: borrowing RootTree,
        group: ControlGroup,
        _ request: LaunchRequest
    ) throws(SystemError) -> OwnedDescriptor {
        switch resource {
        case .root: return try root.tree.descriptor.duplicate()
        case .tree(let path, let recursive, let change):
            if let place = request.confined(path) {
                let tree = try place.copy(recursive: recursive)
                try apply(change, to: tree)
                return tree.takeDescriptor()
            }
            return try tree(FilePath(path), recursive: recursive, change)
        case .given(let name, let change):
            guard let given = request.trees[name] else { throw SystemError("open", name, .noSuchFileOrDirectory) }
            try apply(change, to: given.tree)
            return try given.tree.descriptor.duplicate()
        case .groupTree(let name, let change):
            return try tree(group.path(in: try hierarchy(name, of: group)), recursive: false, change)
        case .groupProcesses(let name):
            return try group.processes(in: try hierarchy(name, of: group))
        case .namespace(let path, let kind): return try kind.open(FilePath(path))
        case .userNamespace(let map): return try UserNamespace.make(users: map.userLines, groups: map.groupLines)
        case .hostProc: return try Self.hostProc()
        case .hostFolder(let path): return try HostPath.reference(FilePath(path))
        case .hostDevice(let name):
            return try tree(FilePath("/dev").appending(name), recursive: false, MountChange())
        case .startSocket: return try OwnedDescriptor.duplicate(of: request.bundle?.startSocket ?? -1)
        case .preserved(let index):
            return try OwnedDescriptor.duplicate(of: request.bundle?.preserved[index] ?? -1)
        case .container: throw SystemError("open", "\(resource)", .invalidArgument)
        }
    }

    private static func hostProc() throws(SystemError) -> OwnedDescriptor {
        try Directory.open("/proc").relinquish()
    }

    private func tree(_ path: FilePath, recursive: Bool, _ change: MountChange) throws(SystemError) -> OwnedDescriptor {
        let tree: MountTree
        if let foreign = ForeignPath(path) {
            tree = try foreign.copy(recursive: recursive)
        } else {
            tree = try MountTree.copying(path, recursive: recursive)
        }
        try apply(change, to: tree)
        return tree.takeDescriptor()
    }

    private func apply(_ change: MountChange, to tree: borrowing MountTree) throws(SystemError) {
        // A copy of a shared mount is its peer: what the plan or the container mounts in it would be mounted on the host as well,
        // and stay there. A slave still learns of what the host mounts, as in Docker's containers.
        if !change.staysPeer { try tree.change(propagation: .slave, recursive: true) }
        if let owners = change.owners {
            let namespace = try UserNamespace.make(users: owners.userLines, groups: owners.groupLines)
            try tree.mapOwners(as: namespace, recursive: change.mapsOwnersRecursively)
        }
        if !change.recursiveSet.isEmpty || !change.recursiveClear.isEmpty {
            try tree.change(set: change.recursiveSet, clear: change.recursiveClear, recursive: true)
        }
        if !change.set.isEmpty || !change.clear.isEmpty {
            try tree.change(set: change.set, clear: change.clear)
        }
        if change.propagation != .unchanged {
            try tree.change(propagation: change.propagation, recursive: change.propagatesRecursively)
        }
    }

    private func hierarchy(_ name: String, of group: ControlGroup) throws(SystemError) -> ControlGroupHierarchy {
        guard let found = group.hierarchy(named: name) else {
            throw SystemError("open", name, .noSuchFileOrDirectory)
        }
        return found
    }
}

/// What becomes 0, 1 and 2 of a container: the caller's descriptors, or `/dev/null` until its terminal is open.
final class StandardStreams {
    let numbers: (CInt, CInt, CInt)
    private let null: CInt

    init(_ io: LaunchIO) throws(SystemError) {
        switch io {
        case .descriptors(let input, let output, let error):
            numbers = (input, output, error)
            null = -1
        case .terminal:
            let opened = try check("open", "/dev/null") { Glibc.open("/dev/null", O_RDWR | O_CLOEXEC) }
            null = opened
            numbers = (opened, opened, opened)
        }
    }

    deinit { if null >= 0 { close(null) } }
}

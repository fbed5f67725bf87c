package import LinuxSystem

/// A numbered place for a descriptor while a plan is carried out: the plan's resources come first, what the plan itself
/// makes follows.
package struct PlanSlot: Sendable, Hashable, CustomStringConvertible {
    package enum Origin: Sendable, Hashable {
        /// Opened before the launch; the index is that of `LaunchPlan.resources`.
        case resource(Int)
        /// Made on the way; counts from 0.
        case made(Int)
    }

    package let origin: Origin
    /// What it holds, for people.
    package let name: String

    package var description: String { "<\(name)>" }

    /// The number in the encoded plan.
    func number(resources: Int) -> UInt64 {
        switch origin {
        case .resource(let index): UInt64(index)
        case .made(let index): UInt64(resources + index)
        }
    }
}

/// Something of the host that a plan needs, opened before the launch. The container never resolves a host's path.
package enum PlanResource: Sendable, Hashable, CustomStringConvertible {
    /// The container's root, mounted nowhere yet.
    case root
    /// A detached copy of what the host has at a path.
    case tree(path: String, recursive: Bool, change: MountChange)
    /// A detached tree that came with the request.
    case given(name: String, change: MountChange)
    /// A detached copy of the container's own group in one hierarchy.
    case groupTree(hierarchy: String, change: MountChange)
    /// `cgroup.procs` of the container's own group in one hierarchy.
    case groupProcesses(hierarchy: String)
    case namespace(path: String, kind: NamespaceKind)
    /// The first process of a container that runs.
    case container
    /// A user namespace with these ids.
    case userNamespace(UserMap)
    /// proc as the host sees it.
    case hostProc
    /// A folder of the host's, as this process sees it.
    case hostFolder(String)
    /// A device of the host's.
    case hostDevice(String)
    /// The socket on which the container's first process waits for its start.
    case startSocket
    /// One of the descriptors that are given on to the program.
    case preserved(Int)

    package var description: String {
        switch self {
        case .root: "root file system"
        case .tree(let path, let recursive, let change): "\(recursive ? "tree" : "mount") \(path)\(change)"
        case .given(let name, let change): "tree \(name)\(change)"
        case .groupTree(let hierarchy, let change): "control group of \(hierarchy)\(change)"
        case .groupProcesses(let hierarchy): "cgroup.procs of \(hierarchy)"
        case .namespace(let path, let kind): "\(kind) namespace \(path)"
        case .container: "the container"
        case .userNamespace(let map): "user namespace \(map)"
        case .hostProc: "/proc"
        case .hostFolder(let path): "folder \(path)"
        case .hostDevice(let name): "device /dev/\(name)"
        case .startSocket: "start socket"
        case .preserved(let index): "descriptor \(3 + index)"
        }
    }
}

/// What is to be changed of a detached tree's attributes.
package struct MountChange: Sendable, Hashable, CustomStringConvertible {
    package var set: MountAttributes = []
    package var clear: MountAttributes = []
    /// The same for everything below too (`rro` and its kind).
    package var recursiveSet: MountAttributes = []
    package var recursiveClear: MountAttributes = []
    package var propagation: MountPropagation = .unchanged
    package var propagatesRecursively = false
    /// Whether the copy stays a peer of the host's mounts, where these are shared: what is mounted in one shows in the other.
    package var staysPeer = false
    /// Whose files the container sees as whose.
    package var owners: UserMap?
    package var mapsOwnersRecursively = false

    package init() {}

    package init(set: MountAttributes) { self.set = set }

    package var isEmpty: Bool { self == MountChange() }

    package var description: String {
        var parts: [String] = []
        if !set.isEmpty { parts.append("set \(set.names)") }
        if !clear.isEmpty { parts.append("clear \(clear.names)") }
        if !recursiveSet.isEmpty { parts.append("set below \(recursiveSet.names)") }
        if !recursiveClear.isEmpty { parts.append("clear below \(recursiveClear.names)") }
        if let owners { parts.append("owners \(owners)\(mapsOwnersRecursively ? " recursively" : "")") }
        if staysPeer { parts.append("peer of the host's") }
        if propagation != .unchanged { parts.append("\(propagatesRecursively ? "all " : "")\(propagation)") }
        return parts.isEmpty ? "" : " (\(parts.joined(separator: "; ")))"
    }
}

extension MountAttributes {
    /// The attributes as mount options, for people.
    var names: String {
        let known: [(MountAttributes, String)] = [
            (.readOnly, "ro"), (.noSetuid, "nosuid"), (.noDevices, "nodev"), (.noExecute, "noexec"),
            (.noAccessTime, "noatime"), (.strictAccessTime, "strictatime"), (.noDirectoryAccessTime, "nodiratime"),
            (.noSymbolicLinks, "nosymfollow"),
        ]
        let found = known.filter { contains($0.0) }.map(\.1)
        return found.isEmpty ? "relatime" : found.joined(separator: ",")
    }
}

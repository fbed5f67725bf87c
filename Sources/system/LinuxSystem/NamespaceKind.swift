private import CLinuxShims
private import Glibc
package import SystemPackage

/// A kind of namespace that a process can have of its own.
package enum NamespaceKind: Sendable, Hashable, CaseIterable {
    case mount, network, uts, process, ipc, controlGroup, user, time

    /// Those that a container of socle's own may have; the others are asked for by OCI bundles.
    package static let common: [NamespaceKind] = [.mount, .network, .uts, .process, .ipc, .controlGroup]

    /// Its `CLONE_NEW…` flag.
    package var flag: UInt64 {
        switch self {
        case .mount: LINUX_CLONE_NEWNS
        case .network: LINUX_CLONE_NEWNET
        case .uts: LINUX_CLONE_NEWUTS
        case .process: LINUX_CLONE_NEWPID
        case .ipc: LINUX_CLONE_NEWIPC
        case .controlGroup: LINUX_CLONE_NEWCGROUP
        case .user: LINUX_CLONE_NEWUSER
        case .time: LINUX_CLONE_NEWTIME
        }
    }

    /// Opens a namespace by its path on the host and checks that it is of this kind (`EINVAL` if not).
    package func open(_ path: FilePath) throws(SystemError) -> OwnedDescriptor {
        let raw = try check("open", path.string) {
            path.withPlatformString { Glibc.open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        }
        let descriptor = OwnedDescriptor(adopting: raw)
        let kind = try check("ioctl", path.string) { linux_namespace_kind(descriptor.raw) }
        if UInt64(kind) != flag { throw SystemError("ioctl", path.string, .invalidArgument) }
        return descriptor
    }
}

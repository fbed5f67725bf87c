private import CLinuxShims
private import Glibc
private import SystemPackage

/// Namespaces of users that nobody is in: they say whose ids stand for whose.
package enum UserNamespace {
    /// One with these maps, lines of inner number, outer number and count.
    package static func make(users: String, groups: String) throws(SystemError) -> OwnedDescriptor {
        OwnedDescriptor(adopting: try check("clone", "user namespace") { linux_user_namespace(users, groups) })
    }
}

extension MountTree {
    /// Shows the owners of files as a user namespace maps them; `EINVAL` and its like where the file system can't.
    package func mapOwners(as namespace: borrowing OwnedDescriptor, recursive: Bool) throws(SystemError) {
        let raw = namespace.raw
        try check("mount_setattr", "owners") { linux_mount_map_owners(descriptor.raw, raw, recursive ? 1 : 0) }
    }
}

extension UnixSocket {
    /// Sends bytes and a descriptor with them.
    package static func send(_ socket: CInt, _ bytes: [UInt8], descriptor: CInt) throws(SystemError) {
        try check("sendmsg") { linux_send(socket, bytes, bytes.count, descriptor) }
    }
}

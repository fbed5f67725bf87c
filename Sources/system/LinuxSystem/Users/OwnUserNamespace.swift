private import Glibc
private import SystemPackage

/// The user namespace that this process is in.
///
/// Asked only after the program has entered the one that it wants (`UserSpace.enter`): the answers are kept.
package enum OwnUserNamespace {
    /// The users that it knows.
    package static let users = map("uid_map")
    /// The groups that it knows.
    package static let groups = map("gid_map")

    /// Whether it is the machine's own, where root is root.
    package static var isInitial: Bool { users.isIdentity }

    /// Whether nobody but root is known here.
    package static var hasOneUser: Bool { users.count == 1 }

    /// A kernel without user namespaces has no such file.
    private static func map(_ name: String) -> IDMap {
        guard let folder = try? Directory.open("/proc/self"),
            let file = try? folder.open(PathBytes(name), flags: O_RDONLY),
            let bytes = try? DescriptorIO.readAll(file.raw, limit: 65_536)
        else { return IDMap([.init(inner: 0, outer: 0, count: .max)]) }
        return IDMap(text: String(decoding: bytes, as: UTF8.self))
    }
}

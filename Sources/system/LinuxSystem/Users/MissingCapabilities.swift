private import Glibc
package import SystemPackage

/// Which of its rights root lacks for what the kernel refused: "operation not permitted" alone is a riddle to somebody who is
/// root and doesn't know that his container, or his service, may do less.
package enum MissingCapabilities {
    /// What is added to the reason of an error; nothing where what is missing isn't known, or is a matter of files' modes.
    package static func note(_ error: Errno, _ candidates: @autoclosure () -> [Capability]) -> String {
        // Ordinary users lack all of them, and whose namespace is his own has them there.
        guard error == .notPermitted || error == .permissionDenied, geteuid() == 0, OwnUserNamespace.isInitial else {
            return ""
        }
        let missing = candidates().filter { !OwnCapabilities.has($0) }
        return missing.isEmpty ? "" : " (socle itself lacks \(missing.map(\.name).joined(separator: ", ")))"
    }

    /// What a system call may need that was refused.
    static func candidates(_ call: String, _ path: String?, _ error: Errno) -> [Capability] {
        switch call {
        case "fchmod", "fchmodat", "utimensat": [.fileOwner]
        case "fchownat", "fchown": [.changeOwner]
        case "mknodat": [.makeNode]
        case "setxattr", "removexattr": [.setFileCapabilities, .administration, .fileOwner]
        case "pidfd_send_signal", "kill": [.kill]
        case "netlink": [.networkAdministration]
        case "clone": [.administration, .setUser, .setGroup, .setFileCapabilities]
        case "setns": [.administration, .changeRoot]
        case "fsconfig" where error == .permissionDenied: [.overrideAccess]
        case "unshare", "fsopen", "fsmount", "fsconfig", "open_tree", "move_mount", "mount", "mount_setattr", "bpf":
            [.administration]
        case _ where path?.hasPrefix("/proc/") == true: [.trace, .overrideAccess]
        case _ where error == .permissionDenied: [.overrideAccess]
        default: []
        }
    }
}

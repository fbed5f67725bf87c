private import CLinuxShims
private import Glibc

/// As whom a thread makes files. The kernel asks for it where a file system shows mapped owners: somebody who isn't among them can't
/// own what he makes there.
package enum FileIdentity {
    /// Has the calling thread make files as another user, with all its rights, until `giveBack`.
    package static func take(user: UInt32, group: UInt32) throws(SystemError) {
        try check("capset", "files of \(user)") { linux_act_on_files_as(user, group) }
    }

    /// Has the calling thread make files as itself again.
    package static func giveBack() { _ = linux_act_on_files_as(geteuid(), getegid()) }
}

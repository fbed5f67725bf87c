private import CLinuxShims

/// What this program's caller has left open for it, besides the standard streams.
package enum InheritedDescriptors {
    /// Keeps them from the programs that this one starts: monitors and name servers outlive the command, and whoever waits for the
    /// other end of a pipe would wait for them. What a program shall have is put in its place after this, in the child.
    package static func stayHere() {
        // Without it (Linux before 5.11) only somebody waits longer.
        _ = linux_close_at_execution_from(3)
    }
}

private import Glibc

/// Wakes whoever waits for changes in a folder (inotify).
package struct FolderWatch: ~Copyable {
    private let descriptor: OwnedDescriptor

    /// Watches a folder for files that are written to, made, renamed or removed.
    package init(_ folder: borrowing Directory) throws(SystemError) {
        let made = OwnedDescriptor(
            adopting: try check("inotify_init1") { inotify_init1(CInt(IN_CLOEXEC) | CInt(IN_NONBLOCK)) }
        )
        let path = "/proc/self/fd/\(folder.descriptor.raw)"
        let mask = UInt32(IN_MODIFY) | UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE)
        try check("inotify_add_watch", path) { inotify_add_watch(made.raw, path, mask) }
        descriptor = made
    }

    /// Waits for a change, at most so long (-1: whenever); a signal may end it early.
    package func wait(milliseconds: Int32) {
        var entry = pollfd(fd: descriptor.raw, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, milliseconds) > 0 else { return }
        // What happened is looked up; that something did is enough.
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while read(descriptor.raw, &buffer, buffer.count) > 0 {}
    }
}

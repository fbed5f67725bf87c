private import Glibc

/// Descriptors that a loop must not wait for: `O_NONBLOCK`, which all have who share the open file.
package enum NonBlocking {
    package static func set(_ descriptor: CInt) throws(SystemError) {
        let flags = try check("fcntl") { fcntl(descriptor, F_GETFL) }
        try check("fcntl") { fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) }
    }

    /// For streams of others, who have made them so.
    package static func waitUntilWritable(_ descriptor: CInt) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&entry, 1, -1)
    }
}

private import Glibc
package import LinuxSystem
private import SystemPackage

/// Waits for several descriptors at once. There are a handful of them, so `poll` does as well as `epoll`.
package struct Poller: ~Copyable {
    /// What may happen to a descriptor.
    package struct Events: OptionSet, Sendable {
        package let rawValue: Int16
        package init(rawValue: Int16) { self.rawValue = rawValue }

        package static let readable = Events(rawValue: Int16(POLLIN))
        package static let writable = Events(rawValue: Int16(POLLOUT))
        /// The other end is gone, or the descriptor is broken; told without being asked for.
        package static let hungUp = Events(rawValue: Int16(POLLHUP) | Int16(POLLERR) | Int16(POLLNVAL))
    }

    private var entries: [pollfd] = []

    package init() {}

    /// Watches a descriptor (borrowed), or watches it for something else from now on.
    package mutating func watch(_ descriptor: CInt, _ events: Events) {
        let entry = pollfd(fd: descriptor, events: events.rawValue, revents: 0)
        if let index = entries.firstIndex(where: { $0.fd == descriptor }) {
            entries[index] = entry
        } else {
            entries.append(entry)
        }
    }

    package mutating func forget(_ descriptor: CInt) { entries.removeAll { $0.fd == descriptor } }

    /// What happened, after at most `milliseconds` (-1: whenever); empty after a signal too.
    package mutating func wait(milliseconds: Int32 = -1) throws(SystemError) -> [(descriptor: CInt, events: Events)] {
        let count = poll(&entries, nfds_t(entries.count), milliseconds)
        if count < 0 {
            let code = currentErrno()
            if code == .interrupted { return [] }
            throw SystemError("poll", nil, code)
        }
        if count == 0 { return [] }
        return entries.filter { $0.revents != 0 }.map { ($0.fd, Events(rawValue: $0.revents)) }
    }
}

private import Glibc
private import SystemPackage
package import LinuxSystem

/// Waits for several descriptors at once (epoll, level-triggered).
package struct Poller: ~Copyable {
    /// What may happen to a descriptor.
    package struct Events: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        package static let readable = Events(rawValue: EPOLLIN.rawValue)
        package static let writable = Events(rawValue: EPOLLOUT.rawValue)
        /// The other end is gone; told without being asked for.
        package static let hungUp = Events(rawValue: EPOLLHUP.rawValue | EPOLLERR.rawValue)
    }

    private let descriptor: OwnedDescriptor

    package init() throws(SystemError) {
        descriptor = OwnedDescriptor(adopting: try check("epoll_create1") { epoll_create1(CInt(EPOLL_CLOEXEC.rawValue)) })
    }

    /// Watches `other` (borrowed) under its own number. False for what is always ready: a regular file.
    package func add(_ other: CInt, _ events: Events) throws(SystemError) -> Bool {
        var event = epoll_event(events: events.rawValue, data: epoll_data_t(fd: other))
        do { try check("epoll_ctl") { epoll_ctl(descriptor.raw, EPOLL_CTL_ADD, other, &event) } } catch
            where error.errno == .notPermitted {
            return false
        }
        return true
    }

    package func change(_ other: CInt, _ events: Events) throws(SystemError) {
        var event = epoll_event(events: events.rawValue, data: epoll_data_t(fd: other))
        try check("epoll_ctl") { epoll_ctl(descriptor.raw, EPOLL_CTL_MOD, other, &event) }
    }

    package func remove(_ other: CInt) {
        // Closed already is as good as removed.
        _ = epoll_ctl(descriptor.raw, EPOLL_CTL_DEL, other, nil)
    }

    /// What happened, after at most `milliseconds` (-1: whenever); empty after a signal too.
    package func wait(milliseconds: Int32 = -1) throws(SystemError) -> [(descriptor: CInt, events: Events)] {
        var events = [epoll_event](repeating: epoll_event(), count: 16)
        let count = epoll_wait(descriptor.raw, &events, CInt(events.count), milliseconds)
        if count < 0 {
            let code = currentErrno()
            if code == .interrupted { return [] }
            throw SystemError("epoll_wait", nil, code)
        }
        return events.prefix(Int(count)).map { ($0.data.fd, Events(rawValue: $0.events)) }
    }
}

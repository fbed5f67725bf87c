private import Glibc
internal import LinuxSystem
private import SystemPackage

/// The loop of a relay: one thread for all its ports and connections, which never waits for one of them alone.
struct RelayLoop {
    private struct Listener {
        var descriptor: CInt
        var target: SocketAddress
        var isStream: Bool
    }

    /// A process may have 1024 descriptors, and the one that the relay is in needs some itself: others wait for their turn.
    private static let largestCount = 384

    private let listeners: [Listener]
    private let stop: CInt
    private var connections: [RelayedConnection] = []
    private var conversations: RelayedConversations
    /// After a failure to take a connection, when no descriptor is free: the time at which to try again, in milliseconds.
    private var pause: Int64 = 0

    init(_ plan: RelayPlan, listeners: [CInt], stop: CInt) {
        self.listeners = plan.routes.compactMap { route in
            guard listeners.indices.contains(route.listener), let target = route.target else { return nil }
            let raw = listeners[route.listener]
            NonBlocking.set(raw)
            return Listener(descriptor: raw, target: target, isStream: route.container.protocol == .tcp)
        }
        self.stop = stop
        conversations = RelayedConversations()
    }

    /// Goes on until `stop` can be read.
    mutating func run() {
        defer { end() }
        while true {
            var waiting = [pollfd(fd: stop, events: Int16(POLLIN), revents: 0)]
            let now = Self.now()
            let isPaused = now < pause
            let takes = !isPaused && connections.count < Self.largestCount
            for listener in listeners {
                let events = takes || !listener.isStream ? Int16(POLLIN) : 0
                waiting.append(pollfd(fd: listener.descriptor, events: events, revents: 0))
            }
            let firstConnection = waiting.count
            for connection in connections { waiting += connection.interests }
            let firstConversation = waiting.count
            waiting += conversations.interests
            let patience = isPaused ? CInt(pause - now) : conversations.patience(now: now)
            let count = poll(&waiting, nfds_t(waiting.count), patience)
            if count < 0, Glibc.errno != EINTR { return }
            if waiting[0].revents != 0 { return }
            conversations.answer(waiting[firstConversation...].map(\.revents), now: Self.now())
            for (index, connection) in connections.enumerated() {
                let place = firstConnection + 2 * index
                connection.goOn(waiting[place].revents, waiting[place + 1].revents)
            }
            connections.removeAll { $0.isOver }
            for (index, listener) in listeners.enumerated() where waiting[1 + index].revents != 0 {
                if listener.isStream { take(from: listener) } else { pass(from: listener) }
            }
        }
    }

    private mutating func take(from listener: Listener) {
        let raw = accept(listener.descriptor, nil, nil)
        if raw < 0 {
            let code = Glibc.errno
            if [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(code) { pause = Self.now() + 100 }
            return
        }
        _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
        if let connection = RelayedConnection.open(OwnedDescriptor(adopting: raw), to: listener.target) {
            connections.append(connection)
        }
    }

    private mutating func pass(from listener: Listener) {
        conversations.pass(from: listener.descriptor, to: listener.target, now: Self.now())
    }

    private mutating func end() {
        connections = []
        conversations = RelayedConversations()
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// Descriptors that answer at once where they have nothing to say.
enum NonBlocking {
    static func set(_ descriptor: CInt) { _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) }

    /// A socket of this family that programs don't inherit; nil where the process may have no more.
    static func socket(_ family: CInt, _ type: CInt) -> OwnedDescriptor? {
        let raw = Glibc.socket(family, type | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
        return raw < 0 ? nil : OwnedDescriptor(adopting: raw)
    }
}

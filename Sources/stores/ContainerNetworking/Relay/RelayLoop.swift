private import Glibc
internal import LinuxSystem
private import SystemPackage

/// The loop of a relay: one thread for all its ports and connections, which never waits for one of them alone.
struct RelayLoop {
    private struct Listener {
        var descriptor: CInt
        var route: RelayPlan.Route
        var isStream: Bool
        /// Whether somebody has it listen no longer, until the container is back.
        var isSilent = false
    }

    /// A process may have 1024 descriptors, and the one that the relay is in needs some itself: others wait for their turn.
    private static let largestCount = 384

    /// How long a port that doesn't listen isn't looked at, in milliseconds: nobody tells when it does again.
    private static let silence: CInt = 100

    private let plan: RelayPlan
    private var listeners: [Listener]
    private let stop: CInt
    private var connections: [RelayedConnection] = []
    private var conversations: RelayedConversations
    /// After a failure to take a connection, when no descriptor is free: the time at which to try again, in milliseconds.
    private var pause: Int64 = 0

    init(_ plan: RelayPlan, listeners: [CInt], stop: CInt) {
        self.plan = plan
        self.listeners = plan.routes.compactMap { route in
            guard listeners.indices.contains(route.listener), IPAddress(route.address) != nil else { return nil }
            let raw = listeners[route.listener]
            try? NonBlocking.set(raw)
            return Listener(descriptor: raw, route: route, isStream: route.container.protocol == .tcp)
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
            for index in listeners.indices where listeners[index].isSilent {
                listeners[index].isSilent = !NonBlocking.listens(listeners[index].descriptor)
            }
            for listener in listeners {
                let events = takes || !listener.isStream ? Int16(POLLIN) : 0
                waiting.append(pollfd(fd: listener.isSilent ? -1 : listener.descriptor, events: events, revents: 0))
            }
            let firstConnection = waiting.count
            for connection in connections { waiting += connection.interests }
            let firstConversation = waiting.count
            waiting += conversations.interests
            var patience = isPaused ? CInt(pause - now) : conversations.patience(now: now)
            if listeners.contains(where: \.isSilent) {
                patience = patience < 0 ? Self.silence : min(patience, Self.silence)
            }
            let count = poll(&waiting, nfds_t(waiting.count), patience)
            if count < 0, Glibc.errno != EINTR { return }
            if waiting[0].revents != 0 { return }
            conversations.answer(waiting[firstConversation...].map(\.revents), now: Self.now())
            for (index, connection) in connections.enumerated() {
                let place = firstConnection + 2 * index
                connection.goOn(waiting[place].revents, waiting[place + 1].revents)
            }
            connections.removeAll { $0.isOver }
            for index in listeners.indices where waiting[1 + index].revents != 0 {
                if listeners[index].isStream { take(from: index) } else { pass(from: listeners[index]) }
            }
        }
    }

    private mutating func take(from index: Int) {
        let listener = listeners[index]
        let raw = accept(listener.descriptor, nil, nil)
        if raw < 0 {
            let code = Glibc.errno
            if [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(code) { pause = Self.now() + 100 }
            if code == EINVAL { listeners[index].isSilent = true }
            return
        }
        _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
        let client = OwnedDescriptor(adopting: raw)
        guard let target = plan.target(of: listener.route) else { return }
        if let connection = RelayedConnection.open(client, to: target) { connections.append(connection) }
    }

    private mutating func pass(from listener: Listener) {
        conversations.pass(from: listener.descriptor, to: plan.target(of: listener.route), now: Self.now())
    }

    private mutating func end() {
        connections = []
        conversations = RelayedConversations()
    }

    private static func now() -> Int64 { Monotonic.milliseconds() }
}

extension NonBlocking {
    /// Whether connections are taken there.
    static func listens(_ descriptor: CInt) -> Bool {
        var answer: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &answer, &size) == 0 && answer != 0
    }

    /// A socket of this family that programs don't inherit; nil where the process may have no more.
    static func socket(_ family: CInt, _ type: CInt) -> OwnedDescriptor? {
        let raw = Glibc.socket(family, type | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
        return raw < 0 ? nil : OwnedDescriptor(adopting: raw)
    }
}

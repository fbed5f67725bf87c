import LinuxSystem
import NIOCore

/// A connection, and how long it may keep the server waiting.
final class Connection: Sendable {
    private struct State {
        /// Until when something must happen; nil while the server itself is at work.
        var deadline: NIODeadline?
        /// Whether no request is under way.
        var isResting = true
    }

    let channel: any Channel
    private let state = Guarded(State())

    init(_ channel: any Channel) {
        self.channel = channel
        expectRequest()
    }

    var isResting: Bool { state.update { $0.isResting } }

    func isLate(at now: NIODeadline) -> Bool { state.update { $0.deadline.map { $0 < now } ?? false } }

    /// A whole head must come now, the first or the next.
    func expectRequest() { set(.seconds(90), isResting: true) }

    /// Something must come, or go, now.
    func expectProgress() { set(.seconds(60), isResting: false) }

    /// The server is at work.
    func work() { set(nil, isResting: false) }

    private func set(_ patience: TimeAmount?, isResting: Bool) {
        state.update { state in
            state.deadline = patience.map { .now() + $0 }
            state.isResting = isResting
        }
    }
}

/// The connections of a server.
final class ConnectionTable: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        /// When a server that was stopped ends what is still under way.
        var end: NIODeadline?
    }

    private let state = Guarded(State())

    /// How long requests may go on when the server stops.
    private static let grace = TimeAmount.seconds(7)

    var isStopping: Bool { state.update { $0.end != nil } }

    /// Takes one in; nil where there are too many, or no more are taken.
    func add(_ channel: any Channel, limit: Int) -> Connection? {
        let connection = Connection(channel)
        return state.update { state in
            guard state.end == nil, state.connections.count < limit else { return nil }
            state.connections[ObjectIdentifier(connection)] = connection
            return connection
        }
    }

    func remove(_ connection: Connection) { state.update { $0.connections[ObjectIdentifier(connection)] = nil } }

    /// Closes those whose time is over.
    func closeLate() {
        let now = NIODeadline.now()
        let late = state.update { state in
            let isOver = state.end.map { $0 < now } ?? false
            return state.connections.values.filter { isOver || $0.isLate(at: now) }
        }
        for connection in late { connection.channel.close(promise: nil) }
    }

    /// Takes no more, and closes those that rest.
    func stop() {
        let resting = state.update { state in
            state.end = .now() + Self.grace
            return state.connections.values.filter(\.isResting)
        }
        for connection in resting { connection.channel.close(promise: nil) }
    }
}

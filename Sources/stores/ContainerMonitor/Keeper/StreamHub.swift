import ContainerRuntime
private import Glibc
import LinuxSystem
private import SystemPackage

/// Passes what a container writes to its log and to everybody who is attached, and what they type to the container.
final class StreamHub {
    private let streams: ContainerStreams
    private let log: ContainerLog?
    /// Whether the container's input ends with the first client that had it.
    private let inputEndsWithClient: Bool
    private let signal: (CInt) -> Void
    private var clients: [CInt: AttachedClient]
    /// A client has more than enough to read: the container waits until it has read.
    private var isHeldUp = false
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    init(
        _ streams: ContainerStreams,
        log: ContainerLog?,
        clients: [AttachedClient],
        inputEndsWithClient: Bool,
        signal: @escaping (CInt) -> Void
    ) {
        self.streams = streams
        self.log = log
        self.inputEndsWithClient = inputEndsWithClient
        self.signal = signal
        self.clients = Dictionary(uniqueKeysWithValues: clients.map { ($0.descriptor.raw, $0) })
    }

    /// Begins to watch everything.
    func watch(_ poller: inout Poller) {
        for source in streams.sources { poller.watch(source.descriptor.raw, .readable) }
        for client in clients.values { watch(client, &poller) }
    }

    func add(_ client: AttachedClient, _ poller: inout Poller) {
        clients[client.descriptor.raw] = client
        watch(client, &poller)
    }

    /// Handles what happened to one of its descriptors.
    func handle(_ descriptor: CInt, _ events: Poller.Events, _ poller: inout Poller) {
        if let source = streams.sources.first(where: { $0.descriptor.raw == descriptor }) {
            if copy(from: source) == .ended {
                poller.forget(descriptor)
                if streams.hasTerminal { streams.isHungUp = true } else { source.isOpen = false }
            }
            return flush(&poller)
        }
        if let sink = streams.sink, sink.descriptor.raw == descriptor { return feed(sink, &poller) }
        guard let client = clients[descriptor] else { return poller.forget(descriptor) }
        if events.contains(.writable), !client.flush() { return drop(client, &poller) }
        if !events.isDisjoint(with: [.readable, .hungUp]), !receive(from: client, &poller) {
            return drop(client, &poller)
        }
        flush(&poller)
    }

    var isHungUp: Bool { streams.isHungUp }

    /// Looks again whether somebody inside has opened the terminal anew.
    func retry(_ poller: inout Poller) {
        guard streams.isHungUp, !isHeldUp, let source = streams.sources.first else { return }
        streams.isHungUp = false
        poller.watch(source.descriptor.raw, .readable)
    }

    // MARK: - Output

    private enum Outcome { case copied, nothingNow, ended }

    private func copy(from source: ContainerStreams.Source) -> Outcome {
        let count: Int
        do { count = try DescriptorIO.read(source.descriptor.raw, into: &buffer) } catch {
            return error.errno == .wouldBlock || error.errno == .resourceTemporarilyUnavailable ? .nothingNow : .ended
        }
        if count == 0 { return .ended }
        log?.write(buffer[0..<count], source.stream)
        for client in clients.values where client.streams.contains(source.wanted) {
            client.put(source.kind, buffer[0..<count])
        }
        return .copied
    }

    /// Sends what waits, and holds the container up where a client doesn't keep pace.
    private func flush(_ poller: inout Poller) {
        for client in clients.values where !client.isDone {
            if client.flush() { watch(client, &poller) } else { drop(client, &poller) }
        }
        let isFull = clients.values.contains { $0.isFull }
        guard isFull != isHeldUp else { return }
        isHeldUp = isFull
        for source in streams.sources where source.isOpen {
            if isFull { poller.forget(source.descriptor.raw) } else { poller.watch(source.descriptor.raw, .readable) }
        }
    }

    private func watch(_ client: AttachedClient, _ poller: inout Poller) {
        // What it types waits while the container doesn't read.
        let listens = streams.sink.map { $0.waiting.count < 1 << 16 } ?? true
        var events: Poller.Events = listens ? .readable : []
        if !client.isDone { events.insert(.writable) }
        poller.watch(client.descriptor.raw, events)
    }

    private func drop(_ client: AttachedClient, _ poller: inout Poller) {
        poller.forget(client.descriptor.raw)
        clients[client.descriptor.raw] = nil
        if client.streams.contains(.input), inputEndsWithClient, !streams.hasTerminal { endInput(&poller) }
        flush(&poller)
    }

    // MARK: - Input

    private func receive(from client: AttachedClient, _ poller: inout Poller) -> Bool {
        var typed: [UInt8] = []
        var ends = false
        let isThere = client.receive { frame in
            switch frame.kind {
            case .hello: client.streams = AttachedStreams(rawValue: frame.payload.first ?? 0)
            case .input where client.streams.contains(.input): typed += frame.payload
            case .inputEnd where client.streams.contains(.input): ends = true
            case .size: resize(frame)
            case .signal: if let number = frame.payload.first, (1...64).contains(number) { signal(CInt(number)) }
            default: break
            }
        }
        if let sink = streams.sink, !typed.isEmpty {
            sink.waiting += typed
            feed(sink, &poller)
        }
        if ends, inputEndsWithClient, !streams.hasTerminal { endInput(&poller) }
        if isThere { watch(client, &poller) }
        return isThere
    }

    private func resize(_ frame: MonitorFrame) {
        guard streams.hasTerminal, let size = frame.terminalSize, let master = streams.sources.first else { return }
        TerminalMode.resize(master.descriptor.raw, rows: size.rows, columns: size.columns)
    }

    private func feed(_ sink: ContainerStreams.Sink, _ poller: inout Poller) {
        let descriptor = sink.descriptor.raw
        while !sink.waiting.isEmpty {
            let count = sink.waiting.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                let code = currentErrno()
                if code == .interrupted { continue }
                if code == .wouldBlock || code == .resourceTemporarilyUnavailable {
                    return poller.watch(descriptor, .writable)
                }
                // Nobody reads any more.
                sink.waiting = []
                sink.ends = true
                break
            }
            sink.waiting = sink.waiting.dropFirst(count)
        }
        sink.waiting = []
        poller.forget(descriptor)
        if sink.ends { streams.sink = nil }
        for client in clients.values { watch(client, &poller) }
    }

    private func endInput(_ poller: inout Poller) {
        guard let sink = streams.sink else { return }
        sink.ends = true
        feed(sink, &poller)
    }

    // MARK: - The end

    func has(_ client: CInt) -> Bool { clients[client] != nil }

    /// Takes what the container wrote before it ended.
    func drain(_ poller: inout Poller) {
        for source in streams.sources where source.isOpen {
            poller.forget(source.descriptor.raw)
            while copy(from: source) == .copied {
                for client in clients.values where !client.isDone {
                    if !client.flush() { drop(client, &poller) }
                }
            }
        }
        log?.finish()
        streams.sources = []
        if let sink = streams.sink { poller.forget(sink.descriptor.raw) }
        streams.sink = nil
    }

    /// Tells all clients the last word and stays until they have read all that waits for them or are gone.
    func finish(_ report: MonitorFrame, _ poller: inout Poller) {
        for client in clients.values {
            client.put(report.kind, report.payload[...])
        }
        while true {
            for client in clients.values {
                if !client.flush() || client.isDone {
                    poller.forget(client.descriptor.raw)
                    clients[client.descriptor.raw] = nil
                } else {
                    poller.watch(client.descriptor.raw, .writable)
                }
            }
            if clients.isEmpty { return }
            guard let happened = try? poller.wait(milliseconds: 60_000) else { return }
            for (descriptor, events) in happened where clients[descriptor] != nil && events.contains(.hungUp) {
                clients[descriptor] = nil
                poller.forget(descriptor)
            }
        }
    }
}

package import ContainerRuntime
private import Glibc
package import LinuxSystem
package import SystemPackage

/// This process's standard streams, attached to a container through its monitor.
package struct AttachSession {
    package var streams: AttachedStreams
    /// Whether the container has a terminal: then this process's terminal is in raw mode, if it has one.
    package var hasTerminal: Bool
    package var detachKeys = DetachKeys.standard
    /// Whether signals are passed on to the container.
    package var passesSignals = true

    package init(streams: AttachedStreams, hasTerminal: Bool) {
        self.streams = streams
        self.hasTerminal = hasTerminal
    }

    package enum Outcome: Sendable {
        case ended(ExitRecord)
        /// The user let go of the container.
        case detached
    }

    /// A line to the monitor of the container in `folder`; nil where it has none that listens.
    package static func connect(to folder: FilePath) throws(SystemError) -> OwnedDescriptor? {
        do { return try UnixSocket.connect(to: folder.appending(Keeper.socketName)) } catch {
            switch error.errno {
            case .noSuchFileOrDirectory, .connectionRefused: return nil
            default: throw error
            }
        }
    }

    /// Waits for the container's end without any of its streams; nil where its monitor died before.
    package static func waitForEnd(on line: consuming OwnedDescriptor) -> ExitRecord? {
        var frames = FrameReader()
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while let count = try? DescriptorIO.read(line.raw, into: &buffer), count > 0 {
            frames.append(buffer[0..<count])
            while let frame = try? frames.next() {
                if frame.kind == .report { return try? MonitorReport.result(frame.payload) }
            }
        }
        return nil
    }

    /// Passes everything on until the container ends or the user lets go.
    ///
    /// - Parameter greets: whether the monitor doesn't know the streams yet.
    package func run(on line: consuming OwnedDescriptor, greets: Bool) throws(RuntimeError) -> Outcome {
        let peer = AttachedClient(line, streams)
        if greets { peer.put(.hello, [streams.rawValue]) }
        let mode = hasTerminal && streams.contains(.input) ? TerminalMode(raw: 0, waits: true) : nil
        let relay = Relay(self, peer)
        let answer: Result<[UInt8]?, SystemError>
        do throws(SystemError) {
            answer = .success(try relay.run { mode?.makeRaw() })
        } catch { answer = .failure(error) }
        // The terminal is the shell's again before anything is said.
        _ = consume mode
        if let number = relay.deadly { SignalInbox.die(of: number) }
        let report: [UInt8]?
        do throws(SystemError) { report = try answer.get() } catch {
            throw RuntimeError(error.kind, "waiting for the container's monitor: \(error)")
        }
        guard let report else { return .detached }
        return .ended(try MonitorReport.result(report))
    }
}

/// The loop of a session.
private final class Relay {
    private let session: AttachSession
    private let peer: AttachedClient
    private var poller = Poller()
    private var keys: DetachKeys
    private var readsInput: Bool
    private var isWriting: [CInt: Bool] = [1: true, 2: true]
    private var report: [UInt8]?
    /// The signal that ends this process, which isn't the container's.
    private(set) var deadly: CInt?
    private var buffer = [UInt8](repeating: 0, count: 32_768)

    init(_ session: AttachSession, _ peer: AttachedClient) {
        self.session = session
        self.peer = peer
        keys = session.detachKeys
        readsInput = session.streams.contains(.input)
    }

    /// The report of the container's end; nil where the user let go.
    ///
    /// - Parameter resumed: called when this process goes on after it was stopped.
    func run(resumed: () -> Void) throws(SystemError) -> [UInt8]? {
        // As with Docker: what has a terminal gets its keys, and no signals of this process.
        let ownSignals = [SIGWINCH, SIGCONT] + SignalInbox.deadly
        let inbox = try SignalInbox(
            session.hasTerminal ? ownSignals : session.passesSignals ? SignalInbox.forwarded : [SIGWINCH]
        )
        poller.watch(inbox.descriptor.raw, .readable)
        if session.hasTerminal { sendSize() }
        while true {
            // No more is read of what is typed until the monitor has taken what was.
            if readsInput, peer.isDone { poller.watch(0, .readable) } else { poller.forget(0) }
            poller.watch(peer.descriptor.raw, peer.isDone ? .readable : [.readable, .writable])
            for (descriptor, events) in try poller.wait() {
                switch descriptor {
                case inbox.descriptor.raw:
                    let signals = inbox.take()
                    if session.hasTerminal, signals.contains(SIGCONT) { resumed() }
                    pass(signals)
                    if deadly != nil { return nil }
                case 0 where descriptor != peer.descriptor.raw:
                    if takeInput() {
                        // What was typed before the keys.
                        _ = peer.flush()
                        return nil
                    }
                default:
                    if events.contains(.writable) { _ = peer.flush() }
                    if !events.isDisjoint(with: [.readable, .hungUp]) {
                        let isThere = peer.receive { self.handle($0) }
                        if let report { return report }
                        if !isThere { return [] }
                    }
                }
            }
            _ = peer.flush()
        }
    }

    private func pass(_ signals: [CInt]) {
        for number in signals {
            if session.hasTerminal {
                if number == SIGWINCH { sendSize() } else if number != SIGCONT { deadly = number }
            } else {
                peer.put(.signal, [UInt8(number)])
            }
        }
    }

    private func sendSize() {
        guard let size = TerminalMode.size() else { return }
        let frame = MonitorFrame.size(rows: size.rows, columns: size.columns)
        peer.put(frame.kind, frame.payload[...])
    }

    /// Whether the keys were typed that let go of the container.
    private func takeInput() -> Bool {
        let count = (try? DescriptorIO.read(0, into: &buffer)) ?? 0
        guard count > 0 else {
            readsInput = false
            peer.put(.inputEnd, [])
            return false
        }
        if session.hasTerminal {
            var passed: [UInt8] = []
            let letsGo = keys.pass(buffer[0..<count], to: &passed)
            if !passed.isEmpty { peer.put(.input, passed[...]) }
            return letsGo
        } else {
            peer.put(.input, buffer[0..<count])
        }
        return false
    }

    private func handle(_ frame: MonitorFrame) {
        switch frame.kind {
        case .output: write(frame.payload, to: 1)
        case .error: write(frame.payload, to: 2)
        case .report: report = frame.payload
        default: break
        }
    }

    /// A reader who went away doesn't stop the container, as with Docker.
    private func write(_ bytes: [UInt8], to descriptor: CInt) {
        guard isWriting[descriptor] == true else { return }
        do throws(SystemError) { try DescriptorIO.write(descriptor, bytes.span) } catch {
            isWriting[descriptor] = false
        }
    }
}

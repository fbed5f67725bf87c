import ContainerMonitor
import LinuxSystem

/// Ctrl-C and its like during a build: the first one calls the build off, which ends what is at work; the next one, or a build
/// that doesn't end, ends the process.
///
/// A process that is ended so leaves what the next command removes.
final class Interruption {
    private struct State {
        var first: CInt?
        var hasEnded = false
    }

    private static let signals: [CInt] = [1, 2, 15]
    /// How long a build may take to come to its end.
    private static let patience = Duration.seconds(10)

    private var inbox: SignalInbox?
    private let stop: Pipe
    private let state = Guarded(State())

    /// Starts to listen; `body` is called at the first signal, from another thread.
    init(_ body: @escaping @Sendable () -> Void) throws {
        let inbox = try SignalInbox(SignalInbox.notIgnored(among: Self.signals))
        stop = try Pipe()
        let (signals, stop, state) = (inbox.descriptor.raw, stop.reading.raw, state)
        self.inbox = inbox
        let isStarted = DetachedThread.start {
            Self.listen(signals, stop, state, body)
            state.update { $0.hasEnded = true }
        }
        if !isStarted { state.update { $0.hasEnded = true } }
    }

    /// Stops listening; the signal that called the build off, if one did. From now on signals do what they did before.
    func end() -> CInt? {
        let one: [UInt8] = [1]
        // Where it can't be told, it isn't listening.
        try? DescriptorIO.write(stop.writingEnd, one.span)
        let first = state.wait { $0.hasEnded ? .some($0.first) : nil }
        inbox = nil
        return first
    }

    private static func listen(
        _ inbox: CInt,
        _ stop: CInt,
        _ state: Guarded<State>,
        _ body: @escaping @Sendable () -> Void
    ) {
        var buffer: [UInt8] = [0]
        while let ready = try? Readiness.wait(for: [stop, inbox]), !ready[0] {
            guard (try? DescriptorIO.read(inbox, into: &buffer)) == 1 else { continue }
            let signal = CInt(buffer[0])
            let first = state.update { state -> CInt? in
                defer { state.first = state.first ?? signal }
                return state.first
            }
            if let first { Terminal.exit(128 + first) }
            body()
            _ = DetachedThread.start {
                Terminal.sleep(patience)
                Terminal.exit(128 + signal)
            }
        }
    }
}

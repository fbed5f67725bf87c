import ContainerRuntime
private import Glibc
import LinuxSystem
private import SystemPackage

/// Waits for everything that can happen to a running container, in one place.
struct MonitorLoop: ~Copyable {
    /// Whether standard input is passed on.
    private let isInteractive: Bool
    private let hasTerminal: Bool
    private let leash: CInt
    private let inbox: SignalInbox
    /// The keys by which the user lets go of it.
    var detachKeys: DetachKeys?
    /// The pipes that stand for this process's streams; nil where the container has a terminal.
    var streams: StreamRelay?
    /// Whether signals are for this process: it gives the terminal back and ends, as with Docker where there is one.
    var diesOfSignals = false
    private var hasLostFiles = false

    init(isInteractive: Bool, hasTerminal: Bool, leash: CInt, inbox: SignalInbox) {
        self.isInteractive = isInteractive
        self.hasTerminal = hasTerminal
        self.leash = leash
        self.inbox = inbox
    }

    /// Passes signals and the terminal until the container's first process has ended.
    ///
    /// - Returns: nil where the user let go of it before.
    consuming func run(_ container: inout RunningContainer) throws(RuntimeError) -> ExitStatus? {
        do throws(SystemError) {
            if try !watch(&container) {
                container.letGo()
                return nil
            }
        } catch {
            throw RuntimeError(error.kind, "watching the container: \(error)")
        }
        var status = try container.wait()
        status.hasLostFiles = hasLostFiles
        return status
    }

    /// Whether it has ended, and was not let go of.
    private mutating func watch(_ container: inout RunningContainer) throws(SystemError) -> Bool {
        var poller = Poller()
        let ended = container.pidfd.raw
        poller.watch(ended, .readable)
        poller.watch(inbox.descriptor.raw, .readable)
        if leash >= 0 { poller.watch(leash, .readable) }
        let server = container.serverEnd
        if let server { poller.watch(server, []) }
        var relay: TerminalRelay?
        if let master = container.takeTerminal() {
            relay = try TerminalRelay(master: master, readsInput: isInteractive, waits: diesOfSignals, poller: &poller)
            relay?.detachKeys = detachKeys
        }
        try streams?.begin(&poller)
        while true {
            let isHungUp = relay?.isHungUp == true
            let happened = try poller.wait(milliseconds: isHungUp ? 50 : -1)
            if isHungUp { relay?.retry(&poller) }
            for (descriptor, events) in happened {
                switch descriptor {
                case ended:
                    relay?.drain()
                    streams?.finish()
                    return true
                case server:
                    poller.forget(descriptor)
                    if LostFiles.end(ended) { hasLostFiles = true }
                case inbox.descriptor.raw where diesOfSignals:
                    for number in inbox.take() {
                        switch number {
                        case SIGWINCH: relay?.resize()
                        case SIGCONT: relay?.takeAgain()
                        default:
                            relay = nil
                            streams?.leave()
                            SignalInbox.die(of: number)
                        }
                    }
                case inbox.descriptor.raw:
                    if forward(to: container) { relay?.resize() }
                case leash where leash >= 0:
                    // The command died: the container goes on, and the terminal is the shell's again.
                    poller.forget(leash)
                    relay?.detach(&poller)
                default:
                    streams?.handle(descriptor, &poller)
                    relay?.handle(descriptor, events, &poller)
                    if try relay?.isLetGo() == true { return false }
                }
            }
        }
    }

    /// Passes waiting signals on; whether the terminal's size changed, which the container's terminal tells its own
    /// foreground process.
    private func forward(to container: borrowing RunningContainer) -> Bool {
        var resized = false
        for signal in inbox.take() {
            if signal == SIGWINCH, hasTerminal {
                resized = true
                continue
            }
            // One that has ended in this moment takes no signal, and that is known soon enough.
            try? container.signal(signal)
        }
        return resized
    }
}

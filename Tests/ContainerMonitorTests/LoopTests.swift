@testable import ContainerMonitor
import Glibc
import LinuxSystem
import SocleTesting
import SystemPackage
import Testing

/// Signals, polling and what passes between terminals.
@Suite(.serialized) struct LoopTests {
    @Test func signalsBecomeReadable() throws {
        let inbox = try SignalInbox([SIGUSR1, SIGWINCH])
        #expect(inbox.take().isEmpty)
        raise(SIGWINCH)
        raise(SIGUSR1)
        var poller = Poller()
        poller.watch(inbox.descriptor.raw, .readable)
        #expect(try poller.wait(milliseconds: 1_000).map(\.descriptor) == [inbox.descriptor.raw])
        #expect(inbox.take() == [SIGWINCH, SIGUSR1])
    }

    @Test func whatIsPassedOn() {
        let forwarded = Set(SignalInbox.forwarded)
        for number in [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGWINCH, SIGTSTP, SIGCONT] {
            #expect(forwarded.contains(number), "\(number)")
        }
        for number in [SIGKILL, SIGSTOP, SIGCHLD, SIGPIPE, SIGURG, SIGSEGV] {
            #expect(!forwarded.contains(number), "\(number)")
        }
    }

    @Test func aPollerTellsWhatHappened() throws {
        let pipe = try Pipe()
        var poller = Poller()
        poller.watch(pipe.reading.raw, .readable)
        #expect(try poller.wait(milliseconds: 0).isEmpty)
        try DescriptorIO.write(pipe.writing.raw, [1].span)
        #expect(try poller.wait(milliseconds: 0).first?.events.contains(.readable) == true)
        poller.forget(pipe.reading.raw)
        #expect(try poller.wait(milliseconds: 0).isEmpty)
    }

    @Test func theOldModeOfATerminalComesBack() throws {
        let master = OwnedDescriptor(adopting: try check("posix_openpt") { posix_openpt(O_RDWR | O_NOCTTY) })
        #expect(grantpt(master.raw) == 0 && unlockpt(master.raw) == 0)
        let name = try #require(ptsname(master.raw).map { String(cString: $0) })
        let slave = OwnedDescriptor(adopting: try check("open") { Glibc.open(name, O_RDWR | O_NOCTTY) })
        func isRaw() -> Bool {
            var mode = termios()
            tcgetattr(slave.raw, &mode)
            return mode.c_lflag & tcflag_t(ICANON) == 0
        }
        #expect(!isRaw())
        do {
            let mode = TerminalMode(raw: slave.raw)
            #expect(isRaw())
            _ = consume mode
        }
        #expect(!isRaw())
        TerminalMode.resize(master.raw, rows: 33, columns: 77)
        var size = winsize()
        #expect(ioctl(slave.raw, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row == 33 && size.ws_col == 77)
        #expect(TerminalMode.isTerminal(slave.raw))
        let file = try Pipe()
        #expect(!TerminalMode.isTerminal(file.reading.raw))
    }
}

import Glibc
import LinuxSystem
import SocleTesting
import SystemPackage
import Testing

@testable import ContainerMonitor

/// Polling, terminals, and which signals are passed on. (That they are is tested on whole commands: signals belong to a
/// process, and tests share theirs.)
@Suite(.serialized) struct LoopTests {
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
        let pair = try SocketPair()
        var poller = Poller()
        poller.watch(pair.near.raw, .readable)
        #expect(try poller.wait(milliseconds: 0).isEmpty)
        try DescriptorIO.write(pair.far.raw, [1].span)
        #expect(try poller.wait(milliseconds: 0).first?.events.contains(.readable) == true)
        poller.forget(pair.near.raw)
        #expect(try poller.wait(milliseconds: 0).isEmpty)
    }

    @Test func theOldModeOfATerminalComesBack() throws {
        let master = OwnedDescriptor(adopting: try check("open") { Glibc.open("/dev/ptmx", O_RDWR | O_NOCTTY) })
        // TIOCSPTLCK and TIOCGPTN, which Swift doesn't see.
        var (lock, number): (CInt, CInt) = (0, 0)
        #expect(ioctl(master.raw, 0x4004_5431, &lock) == 0 && ioctl(master.raw, 0x8004_5430, &number) == 0)
        let slave = OwnedDescriptor(
            adopting: try check("open") { Glibc.open("/dev/pts/\(number)", O_RDWR | O_NOCTTY) }
        )
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
        let pair = try SocketPair()
        #expect(!TerminalMode.isTerminal(pair.near.raw))
    }
}

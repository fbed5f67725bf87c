private import Glibc
private import LinuxSystem

/// A terminal of the user's: its size, and raw mode with the way back.
package struct TerminalMode: ~Copyable {
    private let descriptor: CInt
    private var saved: termios

    /// Switches a terminal to raw mode; nil for what is no terminal. `descriptor` is borrowed for as long as the value
    /// lives. The old mode comes back when the value ends. With `waits`, a process in the background stops here until it is
    /// in front, as programs of a terminal do.
    package init?(raw descriptor: CInt, waits: Bool = false) {
        if waits, var mode = Self.mode(of: descriptor) { _ = tcsetattr(descriptor, TCSANOW, &mode) }
        guard let saved = Self.mode(of: descriptor) else { return nil }
        self.descriptor = descriptor
        self.saved = saved
        makeRaw()
    }

    /// Switches to raw mode again: somebody else had the terminal meanwhile.
    package func makeRaw() {
        var mode = saved
        cfmakeraw(&mode)
        Self.set(descriptor, mode)
    }

    /// Remembers a terminal's mode without changing it, to bring it back when the value ends.
    package init?(keeping descriptor: CInt) {
        guard let saved = Self.mode(of: descriptor) else { return nil }
        self.descriptor = descriptor
        self.saved = saved
    }

    deinit { Self.set(descriptor, saved) }

    package static func isTerminal(_ descriptor: CInt) -> Bool { isatty(descriptor) == 1 }

    /// The size of the first terminal among the standard streams.
    package static func size() -> (rows: UInt16, columns: UInt16)? {
        for descriptor: CInt in 0...2 {
            var size = winsize()
            if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 {
                return (size.ws_row, size.ws_col)
            }
        }
        return nil
    }

    /// Tells a pseudo terminal its size.
    package static func resize(_ master: CInt, rows: UInt16, columns: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        // A terminal that is gone needs no size.
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    private static func mode(of descriptor: CInt) -> termios? {
        var mode = termios()
        return tcgetattr(descriptor, &mode) == 0 ? mode : nil
    }

    private static func set(_ descriptor: CInt, _ mode: termios) {
        var mode = mode
        // In the background, changing the mode would stop this process unless the signal is blocked.
        var blocked = sigset_t()
        var previous = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, SIGTTOU)
        pthread_sigmask(SIG_BLOCK, &blocked, &previous)
        _ = tcsetattr(descriptor, TCSANOW, &mode)
        pthread_sigmask(SIG_SETMASK, &previous, nil)
    }
}

private import Glibc
import LinuxSystem
import SystemPackage

/// What surrounds the process: its terminal, its environment, its user.
///
/// The one place of this module that asks the C library.
enum Terminal {
    /// Whether a descriptor is a terminal.
    static func isTerminal(_ descriptor: CInt) -> Bool { isatty(descriptor) == 1 }

    static var userID: UInt32 { getuid() }
    static var groupID: UInt32 { getgid() }

    /// Rows and columns of a descriptor's terminal; nil if it is none, or doesn't say.
    static func size(of descriptor: CInt) -> (rows: Int, columns: Int)? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
        return (Int(size.ws_row), Int(size.ws_col))
    }

    /// Holds the thread up.
    static func sleep(_ duration: Duration) {
        let (seconds, fraction) = duration.components
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(fraction / 1_000_000_000))
        nanosleep(&time, nil)
    }

    /// Ends the process at once.
    static func exit(_ status: CInt) -> Never { _exit(status) }

    /// The number of this process.
    static var processNumber: Int32 { getpid() }

    /// A variable of the environment; nil where it isn't set.
    static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// A line that is typed and not shown; nil at the end of the input, and when its user gives up (Ctrl-C).
    static func readSecretLine() -> String? {
        var former = termios()
        guard tcgetattr(0, &former) == 0 else { return readLine() }
        var silent = former
        // Without signals of the keyboard, nothing ends the process before the echo is on again.
        silent.c_lflag &= ~tcflag_t(ECHO | ISIG | ICANON)
        tcsetattr(0, TCSAFLUSH, &silent)
        defer { tcsetattr(0, TCSAFLUSH, &former) }
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(0, &byte, 1) == 1 {
            switch byte {
            case 3: return nil
            case 4 where bytes.isEmpty: return nil
            case 4, 10, 13: return String(decoding: bytes, as: UTF8.self)
            case 8, 127: _ = bytes.popLast()
            case 21: bytes = []
            default: bytes.append(byte)
            }
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// Whether the process runs as the machine's root.
    static var isRoot: Bool { geteuid() == 0 && OwnUserNamespace.isInitial }

    /// The working directory, as its users know it.
    static func workingDirectory() -> FilePath? {
        guard let text = getcwd(nil, 0) else { return nil }
        defer { free(text) }
        return FilePath(String(cString: text))
    }
}

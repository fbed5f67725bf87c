private import Glibc
package import LinuxSystem
private import SystemPackage

/// Reads what a program writes to a terminal or a pipe that nobody looks at any more, in a process of its own: the same
/// program under the name `socle-drain`.
package enum StreamDrain {
    /// `argv[0]` of the process.
    package static let name = "socle-drain"

    /// Leaves the master of a terminal, or the reading end of a pipe, to such a process.
    package static func start(_ reader: CInt) throws(SystemError) {
        try MonitorProcess.spawn([(reader, 3)], name: name)
    }

    /// What the program does under that name: it ends when nobody has the other end open any more.
    package static func main() -> Int32 {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        var entry = pollfd(fd: 3, events: Int16(POLLIN), revents: 0)
        while poll(&entry, 1, -1) > 0 || errno == EINTR {
            let count = read(3, &buffer, buffer.count)
            if count > 0 || count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            break
        }
        return 0
    }
}

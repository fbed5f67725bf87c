private import CLinuxShims
package import ContainerRuntime
private import Glibc
private import LinuxSystem
private import OCISpec
private import Reporting
private import SystemPackage

/// A monitor in a process of its own: the same program under the name `socle-monitor`. It outlives the command, so that
/// a container that isn't thrown away at its end goes on when the command is killed.
package struct MonitorProcess: ~Copyable {
    /// `argv[0]` of a monitor.
    package static let name = "socle-monitor"
    /// Where the order and the line to the command are, in the monitor.
    private static let orderDescriptor: CInt = 3
    private static let lineDescriptor: CInt = 4
    private static let markDescriptor: CInt = 5

    /// POSIX_SPAWN_SETSID, which Swift doesn't see.
    private static let sessionFlag: Int16 = 0x80

    private let process: pid_t
    private let line: OwnedDescriptor

    private init(process: pid_t, line: consuming OwnedDescriptor) {
        self.process = process
        self.line = line
    }

    /// Starts a monitor with this process's standard streams. It holds `mark` from the first moment.
    package static func start(
        _ order: MonitorOrder,
        mark: borrowing ActiveMark
    ) throws(RuntimeError) -> MonitorProcess {
        do throws(SystemError) {
            let document = try sealed(order)
            var ends: [CInt] = [0, 0]
            try check("socketpair") {
                socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
            }
            let line = OwnedDescriptor(adopting: ends[0])
            let other = OwnedDescriptor(adopting: ends[1])
            let process = try spawn([
                (document.raw, orderDescriptor), (other.raw, lineDescriptor), (mark.descriptor, markDescriptor),
            ])
            return MonitorProcess(process: process, line: line)
        } catch {
            throw RuntimeError(error.kind, "starting the container's monitor: \(error)")
        }
    }

    /// Passes signals on to the monitor until the container has ended.
    package consuming func wait() throws(RuntimeError) -> ExitRecord {
        // The monitor restores the terminal; should somebody kill it, this does.
        let mode = TerminalMode(keeping: 0)
        let message: Result<[UInt8], SystemError>
        do throws(SystemError) { message = .success(try receive()) } catch { message = .failure(error) }
        _ = consume mode
        switch message {
        case .success(let bytes): return try MonitorReport.result(bytes)
        case .failure(let error):
            throw RuntimeError(error.kind, "waiting for the container's monitor: \(error)")
        }
    }

    private func receive() throws(SystemError) -> [UInt8] {
        let inbox = try SignalInbox()
        var poller = Poller()
        poller.watch(line.raw, .readable)
        poller.watch(inbox.descriptor.raw, .readable)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            for (descriptor, _) in try poller.wait() {
                if descriptor == inbox.descriptor.raw {
                    for signal in inbox.take() { kill(process, signal) }
                    continue
                }
                let count = (try? DescriptorIO.read(line.raw, into: &buffer)) ?? 0
                if count == 0 {
                    var status: CInt = 0
                    try check("waitpid") { waitpid(process, &status, 0) }
                    return bytes
                }
                bytes += buffer[0..<count]
            }
        }
    }

    // MARK: - Starting

    private static func sealed(_ order: MonitorOrder) throws(SystemError) -> OwnedDescriptor {
        guard let bytes = try? JSON.encode(order) else { throw SystemError("encode", "the order", .invalidArgument) }
        let file = OwnedDescriptor(adopting: try check("memfd_create") { linux_memfd("socle-order", 0) })
        try DescriptorIO.write(file.raw, bytes.span)
        try check("lseek") { lseek(file.raw, 0, SEEK_SET) }
        return file
    }

    private static func spawn(_ descriptors: [(from: CInt, to: CInt)]) throws(SystemError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // First out of the way of the numbers that they shall have: one may have another's.
        let high = descriptors.map { ($0.from, $0.to, $0.to + 100) }
        for (from, _, middle) in high { posix_spawn_file_actions_adddup2(&actions, from, middle) }
        for (_, to, middle) in high {
            posix_spawn_file_actions_adddup2(&actions, middle, to)
            posix_spawn_file_actions_addclose(&actions, middle)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A session of its own: what the terminal sends to the foreground reaches the command, which passes it on once.
        posix_spawnattr_setflags(&attributes, sessionFlag)
        var process = pid_t()
        let code = name.withCString { text -> CInt in
            var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(text), nil]
            defer { free(arguments[0]) }
            return posix_spawn(&process, "/proc/self/exe", &actions, &attributes, &arguments, environ)
        }
        if code != 0 { throw SystemError("posix_spawn", "/proc/self/exe", Errno(rawValue: code)) }
        return process
    }

    // MARK: - In the monitor

    /// What the program does when it is called `socle-monitor`; its exit status, which nobody looks at.
    package static func main() -> Int32 {
        let line = OwnedDescriptor(adopting: lineDescriptor)
        let mark = OwnedDescriptor(adopting: markDescriptor)
        let document = OwnedDescriptor(adopting: orderDescriptor)
        for descriptor in [line.raw, mark.raw, document.raw] {
            guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { return 125 }
        }
        let report: [UInt8]
        do throws(RuntimeError) {
            report = MonitorReport.ended(try Monitor(try read(document.raw), leash: line.raw).run())
        } catch {
            report = MonitorReport.failed(error)
        }
        // A command that was killed doesn't listen; the record is in the folder.
        signal(SIGPIPE, SIG_IGN)
        let isHeard = send(report, to: line.raw)
        _ = consume mark
        return isHeard ? 0 : 1
    }

    private static func send(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
        do { try DescriptorIO.write(descriptor, bytes.span) } catch { return false }
        return true
    }

    private static func read(_ descriptor: CInt) throws(RuntimeError) -> MonitorOrder {
        do {
            return try JSON.decode(MonitorOrder.self, from: try DescriptorIO.readAll(descriptor, limit: 8 << 20))
        } catch {
            throw RuntimeError(.internal, "reading the monitor's order: \(error)")
        }
    }
}

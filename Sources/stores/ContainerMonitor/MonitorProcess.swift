private import CLinuxShims
private import ContainerNetworking
package import ContainerRuntime
private import Glibc
package import LinuxSystem
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
    /// The first of those that are merely held.
    private static let firstHeldDescriptor: CInt = 6

    /// POSIX_SPAWN_SETSID, which Swift doesn't see.
    private static let sessionFlag: Int16 = 0x80

    private let line: OwnedDescriptor

    private init(line: consuming OwnedDescriptor) { self.line = line }

    /// Starts a monitor. It holds `mark` from the first moment, and what is behind `held` as long as it lives.
    package static func start(
        _ given: MonitorOrder,
        mark: borrowing ActiveMark,
        held: [CInt] = []
    ) throws(RuntimeError) -> MonitorProcess {
        var order = given
        order.held = held.count
        do throws(SystemError) {
            let document = try sealed(order)
            let pair = try LinePair()
            let own = [
                (document.raw, orderDescriptor), (pair.other.raw, lineDescriptor), (mark.descriptor, markDescriptor),
            ]
            try spawn(own + held.enumerated().map { ($1, firstHeldDescriptor + CInt($0)) }, name: name)
            return MonitorProcess(line: pair.own)
        } catch {
            throw RuntimeError(error.kind, "starting the container's monitor: \(error)")
        }
    }

    /// Waits until the container has been started; a container that can't be is a `RuntimeError`.
    package func waitForStart() throws(RuntimeError) { try Self.waitForStart(line) }

    static func waitForStart(_ line: borrowing OwnedDescriptor) throws(RuntimeError) {
        var frames = FrameReader()
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = (try? DescriptorIO.read(line.raw, into: &buffer)) ?? 0
            if count == 0 { throw RuntimeError(.internal, "the container's monitor died") }
            frames.append(buffer[0..<count])
            while let frame = try? frames.next() {
                if frame.kind == .started { return }
                if frame.kind == .report { _ = try MonitorReport.result(frame.payload) }
            }
        }
    }

    /// Gives the line to the monitor away, for somebody who stays attached.
    package consuming func takeLine() -> OwnedDescriptor { line }

    // MARK: - Starting

    static func sealed(_ order: some Encodable) throws(SystemError) -> OwnedDescriptor {
        guard let bytes = try? JSON.encode(order) else { throw SystemError("encode", "the order", .invalidArgument) }
        let file = OwnedDescriptor(adopting: try check("memfd_create") { linux_memfd("socle-order", 0) })
        try DescriptorIO.write(file.raw, bytes.span)
        try check("lseek") { lseek(file.raw, 0, SEEK_SET) }
        return file
    }

    /// Starts this program under another name, in a session of its own, with these descriptors and no streams.
    static func spawn(_ descriptors: [(from: CInt, to: CInt)], name: String) throws(SystemError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // First out of the way of the numbers that they shall have: one may have another's.
        let gap = max(100, CInt(descriptors.count) + orderDescriptor)
        let high = descriptors.map { ($0.from, $0.to, $0.to + gap) }
        for (from, _, middle) in high { posix_spawn_file_actions_adddup2(&actions, from, middle) }
        for (_, to, middle) in high {
            posix_spawn_file_actions_adddup2(&actions, middle, to)
            posix_spawn_file_actions_addclose(&actions, middle)
        }
        InheritedDescriptors.stayHere()
        // Whoever reads what the command writes shall not wait for the monitor.
        for standard: CInt in 0...2 { posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", O_RDWR, 0) }
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
    }

    // MARK: - In the monitor

    /// What the program does when it is called `socle-monitor`; its exit status, which nobody looks at.
    package static func main() -> Int32 {
        let line = OwnedDescriptor(adopting: lineDescriptor)
        let mark = OwnedDescriptor(adopting: markDescriptor)
        let document = OwnedDescriptor(adopting: orderDescriptor)
        guard settleIn([line.raw, mark.raw, document.raw]) else { return 125 }
        let order: MonitorOrder
        let keeper: Keeper
        do {
            order = try read(MonitorOrder.self, document.raw)
            keeper = try Keeper(order, line: line)
        } catch {
            return 125
        }
        for number in 0..<CInt(order.held) {
            guard fcntl(firstHeldDescriptor + number, F_SETFD, FD_CLOEXEC) == 0 else { return 125 }
        }
        let id = order.id
        let listeners = (0..<CInt(order.held)).map { firstHeldDescriptor + $0 }
        // Without it the container is still reached at addresses of version 4.
        let relay = order.relay.flatMap { try? PortRelay($0, listeners: listeners) }
        let isHeard = keeper.run {
            relay?.stop()
            // Whoever starts the container again wants the same ports.
            for listener in listeners { close(listener) }
            // What is thrown away is removed by whoever was told of its end, or below.
            if !order.isTemporary { clearMark(id, order.folder, mark) }
        }
        if order.isTemporary ? !isHeard : order.hasNetwork { becomeSettlement(order.settlement) }
        _ = consume mark
        return 0
    }

    /// What such a process does before all else; false where the descriptors aren't there that it was to get.
    static func settleIn(_ descriptors: [CInt]) -> Bool {
        for descriptor in descriptors where fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0 { return false }
        // No folder is in use by it.
        _ = chdir("/")
        // Clients that go away don't end it.
        signal(SIGPIPE, SIG_IGN)
        return true
    }

    private static func clearMark(_ id: String, _ folder: String, _ mark: borrowing OwnedDescriptor) {
        guard let active = try? Directory.open(FilePath(folder).parent.appending("active")),
            let own = try? FileStatus(of: mark.raw), let named = try? active.status(PathBytes(id)),
            // Another one's mark stays.
            own.identity == named.identity
        else { return }
        // The next command finds a mark that nobody holds, and removes it.
        try? active.remove(PathBytes(id))
    }

    /// Lets go of the container and goes on as a command that removes it or what it had.
    private static func becomeSettlement(_ arguments: [String]) {
        if arguments.isEmpty { return }
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        execv("/proc/self/exe", &words)
    }

    /// What such a process is told by a file that was `sealed`.
    static func read<Order: Decodable>(_ type: Order.Type, _ descriptor: CInt) throws(RuntimeError) -> Order {
        do {
            return try JSON.decode(type, from: try DescriptorIO.readAll(descriptor, limit: 8 << 20))
        } catch {
            throw RuntimeError(.internal, "reading the order: \(error)")
        }
    }
}

/// Both ends of what a command and a process of its making talk by.
struct LinePair: ~Copyable {
    let own: OwnedDescriptor
    let other: OwnedDescriptor

    init() throws(SystemError) {
        var ends: [CInt] = [0, 0]
        try check("socketpair") {
            socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
        }
        own = OwnedDescriptor(adopting: ends[0])
        other = OwnedDescriptor(adopting: ends[1])
    }
}

internal import CLaunchShim
private import Glibc
internal import LinuxSystem
internal import Reporting
internal import SystemPackage

/// What a caller does while a plan waits for it.
package struct LaunchPauses {
    /// The process that waits.
    package struct Moment {
        /// Its number, on this side.
        package let pid: Int32
        /// A descriptor of it, borrowed.
        package let process: CInt
        /// The master of its terminal, borrowed; -1 where it has none.
        package let terminal: CInt
    }

    /// The mounts are made, the host's root is still there.
    package var mounted: (Moment) throws(RuntimeError) -> Void
    /// The program waits for its start. Afterwards nobody has to look after the process any more.
    package var ready: (Moment) throws(RuntimeError) -> Void

    package init(
        mounted: @escaping (Moment) throws(RuntimeError) -> Void,
        ready: @escaping (Moment) throws(RuntimeError) -> Void
    ) {
        self.mounted = mounted
        self.ready = ready
    }
}

/// Hears of the descriptor at which a filter asks: it is borrowed, and the program goes on when this returns.
package typealias ListenerDelivery = @Sendable (LaunchPauses.Moment, CInt) throws(RuntimeError) -> Void

/// A plan while it is carried out: what the shim says, until the program has been executed or waits for its start.
struct LaunchCourse: ~Copyable {
    private let socket: OwnedDescriptor
    private var pid: Int32
    /// The process in which the plan goes on.
    private var process: OwnedDescriptor
    private var terminal: OwnedDescriptor?
    /// The plan as it was handed over: the shim writes into it how far it has come.
    private let encoded: OwnedDescriptor

    init(
        _ socket: consuming OwnedDescriptor,
        pid: Int32,
        process: consuming OwnedDescriptor,
        encoded: consuming OwnedDescriptor
    ) {
        self.socket = socket
        self.pid = pid
        self.process = process
        self.encoded = encoded
        terminal = nil
    }

    /// Reads until the shim has executed the program, which closes its end, or has come to where it waits for its start.
    mutating func follow(_ plan: LaunchPlan, _ pauses: LaunchPauses?, _ deliver: ListenerDelivery?) throws {
        var isDelivered = !plan.asksSomebody
        while true {
            let (bytes, passed) = try SocketPair.receive(socket.raw, limit: 64)
            if bytes.isEmpty {
                // The program has been executed, unless it should have waited or somebody should have been told first.
                guard pauses == nil, isDelivered, try hasExecuted(plan) else { throw Self.unreported(plan) }
                return
            }
            guard let report = LaunchReport(bytes) else { throw SystemError("recvmsg", nil, .badMessage) }
            let moment = LaunchPauses.Moment(pid: pid, process: process.raw, terminal: terminal?.raw ?? -1)
            switch report.kind {
            case .terminal: terminal = OwnedDescriptor(adopting: passed)
            case .child:
                // The process that was cloned ends here.
                _ = try? ProcessDescriptor.wait(process.raw)
                process = OwnedDescriptor(adopting: passed)
                pid = Int32(bitPattern: report.detail)
            case .failed: throw report.failure(of: plan)
            case .reached:
                guard let pauses, plan.operations.indices.contains(report.operation),
                    case .pause(let pause) = plan.operations[report.operation]
                else { throw SystemError("recvmsg", nil, .badMessage) }
                switch pause {
                case .mounted: try pauses.mounted(moment)
                case .ready: try pauses.ready(moment)
                }
                try goOn()
                if pause == .ready { return }
            case .listener:
                guard let deliver, !isDelivered else { throw SystemError("recvmsg", nil, .badMessage) }
                let listener = try ProcessDescriptor.take(CInt(bitPattern: report.detail), of: process.raw)
                try deliver(moment, listener.raw)
                isDelivered = true
                try goOn()
            }
        }
    }

    /// Whether the kernel has been given the program. Where a filter refuses the calls of a report, the end of the socket alone
    /// doesn't tell a program that runs from a shim that has ended.
    private func hasExecuted(_ plan: LaunchPlan) throws(SystemError) -> Bool {
        let offset = MemoryLayout<shim_header>.offset(of: \.reached) ?? 0
        let bytes = try DescriptorIO.read(encoded.raw, at: Int64(offset), count: MemoryLayout<UInt32>.size)
        return bytes.reversed().reduce(0) { $0 << 8 | Int($1) } == plan.operations.count
    }

    private static func unreported(_ plan: LaunchPlan) -> RuntimeError {
        let hasFilter = plan.operations.contains { if case .seccomp = $0 { true } else { false } }
        return RuntimeError(
            .internal,
            "unable to start container process: its first process has ended",
            hint: hasFilter ? "its seccomp profile may refuse what starting a program takes" : nil
        )
    }

    private func goOn() throws(SystemError) { try DescriptorIO.write(socket.raw, [UInt8(1)].span) }

    /// Ends the process, which is of no use any more.
    func end() {
        try? ProcessDescriptor.signal(process.raw, SIGKILL)
        _ = try? ProcessDescriptor.wait(process.raw)
    }

    consuming func container(_ afterwards: RunningContainer.Afterwards) -> RunningContainer {
        RunningContainer(pid: pid, pidfd: process, terminal: terminal, afterwards: afterwards)
    }
}

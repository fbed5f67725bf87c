import ContainerRuntime
private import Glibc
import LinuxSystem
private import OCISpec
private import Reporting
private import SystemPackage

/// Tests from time to time whether a container is well, in its monitor's loop: nothing here blocks longer than starting a
/// program takes.
final class HealthWatch {
    /// So much of a test's output is kept.
    private static let outputLimit = 4_096

    private let plan: HealthPlan
    private let order: MonitorOrder
    private let folder: Directory
    /// The container's first process, borrowed.
    private let process: CInt
    private let start: StartRecord
    private let changed: (HealthRecord.Status) -> Void
    private var record = HealthRecord()
    /// When the next test begins.
    private var next: Int64
    private var probe: RunningProbe?

    /// A test that runs.
    private final class RunningProbe {
        var program: RunningContainer
        let descriptor: CInt
        let output: OwnedDescriptor
        let startedAt = WallClock.now()
        var said: [UInt8] = []

        init(_ program: consuming RunningContainer, output: consuming OwnedDescriptor) {
            descriptor = program.pidfd.raw
            self.program = program
            self.output = output
        }

        func read() {
            var buffer = [UInt8](repeating: 0, count: 4_096)
            while let count = try? DescriptorIO.read(output.raw, into: &buffer), count > 0 {
                // What is too much is read all the same, so that the program goes on.
                said += buffer[..<min(count, max(0, HealthWatch.outputLimit + 1 - said.count))]
            }
        }
    }

    /// - Parameter changed: told of every new status.
    init(
        _ plan: HealthPlan,
        _ order: MonitorOrder,
        process: CInt,
        start: StartRecord,
        changed: @escaping (HealthRecord.Status) -> Void
    ) throws(SystemError) {
        self.plan = plan
        self.order = order
        self.process = process
        self.start = start
        self.changed = changed
        folder = try Directory.open(FilePath(order.folder))
        next = 0
        if let old = HealthRecord(in: folder) { record.log = old.log }
        record.write(to: folder)
        schedule()
    }

    /// How long the loop may wait, in milliseconds.
    var milliseconds: Int32 {
        let time = probe.map(deadline(of:)) ?? next
        return Int32(clamping: max(0, (time - WallClock.now() + 999_999) / 1_000_000))
    }

    /// Does what is due; whether that was a test.
    func tick(_ poller: inout Poller) -> Bool {
        let now = WallClock.now()
        if let probe {
            if now >= deadline(of: probe) { end(probe, isLate: true, &poller) }
        } else if now >= next {
            if Wishes.isPaused(in: folder) { schedule() } else { begin(&poller) }
            return true
        }
        return false
    }

    /// Whether a descriptor is one of its own; then it has been handled.
    func handle(_ descriptor: CInt, _ poller: inout Poller) -> Bool {
        guard let probe else { return false }
        if descriptor == probe.output.raw {
            probe.read()
            if probe.said.count > Self.outputLimit || isAtEnd(descriptor) { poller.forget(descriptor) }
            return true
        }
        guard descriptor == probe.descriptor else { return false }
        end(probe, isLate: false, &poller)
        return true
    }

    /// Lets go of a test that runs: the container has ended.
    func stop(_ poller: inout Poller) {
        guard let probe else { return }
        poller.forget(probe.descriptor)
        poller.forget(probe.output.raw)
        self.probe = nil
    }

    private func schedule() {
        let isStarting = record.status == .starting && WallClock.now() - start.startedAt < plan.startPeriod
        next = WallClock.after(nanoseconds: isStarting ? plan.startInterval : plan.interval)
    }

    private func deadline(of probe: RunningProbe) -> Int64 { probe.startedAt.adding(clamping: plan.timeout) }

    private func isAtEnd(_ descriptor: CInt) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 1 && entry.revents & Int16(POLLIN) == 0
    }

    // MARK: - One test

    private func begin(_ poller: inout Poller) {
        let startedAt = WallClock.now()
        do throws(RuntimeError) { probe = try launch() } catch {
            take(.init(start: startedAt, end: WallClock.now(), code: -1, output: error.description))
            return
        }
        guard let probe else { return }
        poller.watch(probe.descriptor, .readable)
        poller.watch(probe.output.raw, .readable)
    }

    private func launch() throws(RuntimeError) -> RunningProbe {
        var spec = order.spec
        spec.process?.args = plan.arguments
        spec.process?.terminal = nil
        spec.process?.consoleSize = nil
        do {
            let pipe = try Pipe()
            let null = try Directory.open("/dev").open("null", flags: O_RDONLY)
            let output = try pipe.reading.duplicate()
            try NonBlocking.set(output.raw)
            let root = try Directory.open(FilePath("/proc/\(start.process.pid)/root"))
            let request = ExecRequest(
                id: order.id,
                process: process,
                spec: spec,
                io: .descriptors(input: null.raw, output: pipe.writingEnd, error: pipe.writingEnd),
                passwd: try? root.readStoredInRoot("etc/passwd", limit: UserLookup.sizeLimit),
                cacheDirectory: FilePath(order.cacheDirectory)
            )
            return RunningProbe(try order.executor.exec(request), output: output)
        } catch let error as RuntimeError {
            throw error
        } catch {
            throw RuntimeError(.internal, "\(error)")
        }
    }

    private func end(_ probe: RunningProbe, isLate: Bool, _ poller: inout Poller) {
        poller.forget(probe.descriptor)
        poller.forget(probe.output.raw)
        self.probe = nil
        if isLate { try? probe.program.signal(SIGKILL) }
        let code = (try? probe.program.wait().code) ?? -1
        probe.read()
        var result = HealthRecord.Probe(start: probe.startedAt, end: WallClock.now(), code: code, output: "")
        if isLate {
            result.code = -1
            result.output = "Health check exceeded timeout (\(Self.text(plan.timeout)))"
        } else {
            result.output = String(decoding: probe.said.prefix(Self.outputLimit), as: UTF8.self)
            if probe.said.count > Self.outputLimit { result.output += "..." }
        }
        take(result)
    }

    private func take(_ result: HealthRecord.Probe) {
        let isNew = record.take(result, plan: plan, startedAt: start.startedAt)
        record.write(to: folder)
        if isNew { changed(record.status) }
        schedule()
    }

    /// `30s`, `1.5s`, `500ms`: as Go writes a duration of this size.
    private static func text(_ nanoseconds: Int64) -> String {
        if nanoseconds < 1_000_000_000 {
            return nanoseconds % 1_000_000 == 0 ? "\(nanoseconds / 1_000_000)ms" : "\(Double(nanoseconds) / 1e6)ms"
        }
        let seconds = nanoseconds / 1_000_000_000
        let rest = nanoseconds % 1_000_000_000
        let tail = rest == 0 ? "\(seconds % 60)s" : "\(Double(seconds % 60) + Double(rest) / 1e9)s"
        if seconds < 60 { return tail }
        return seconds < 3_600 ? "\(seconds / 60)m\(tail)" : "\(seconds / 3_600)h\(seconds / 60 % 60)m\(tail)"
    }
}

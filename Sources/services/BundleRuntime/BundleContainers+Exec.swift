internal import ContainerMonitor
package import ContainerRuntime
internal import LinuxSystem
package import OCISpec
internal import Reporting
package import SystemPackage

/// Another program for a container, and how it is to be started.
package struct BundleExec: Sendable {
    /// The program; nil where `process` is to be made of the container's own.
    package var process: RuntimeSpec.Process
    package var consoleSocket: FilePath?
    package var pidFile: FilePath?
    package var isDetached = false
    package var preserved: [CInt] = []
    package var allowsPaused = false
    /// Groups below the container's that it is to be in: a path or, for some controllers of version 1, `cpu,cpuacct:path`.
    package var groupPaths: [String] = []

    package init(_ process: RuntimeSpec.Process) { self.process = process }
}

extension BundleContainers {
    /// The program that a container was made for: what another one begins with.
    package func process(of id: String) throws(RuntimeError) -> RuntimeSpec.Process {
        guard let process = try open(id).spec().process else {
            throw RuntimeError(.corrupt, "the container's state has no process")
        }
        return process
    }

    /// Starts another program; its exit status, or 0 where nobody waits for it.
    package func exec(_ id: String, _ order: BundleExec) throws(RuntimeError) -> Int32 {
        let folder = try open(id)
        let record = try folder.record()
        switch folder.status(of: record) {
        case .stopped, .creating: throw RuntimeError(.conflict, "cannot exec in a stopped container")
        case .paused where !order.allowsPaused:
            throw RuntimeError(.conflict, "cannot exec in a paused container (use --ignore-paused to override)")
        default: break
        }
        let hasTerminal = order.process.terminal == true
        if order.isDetached, hasTerminal, order.consoleSocket == nil {
            throw RuntimeError(
                .invalidArgument,
                "cannot allocate tty if the runtime will detach without setting console socket"
            )
        }
        let process = try Self.process(of: record)
        let request = try request(order, record, try folder.spec(), process.raw)
        let attends = hasTerminal && order.consoleSocket == nil
        if attends {
            let end = try AttendedContainer.exec(request, by: NativeExecutor(), isInteractive: true) {
                (pid) throws(RuntimeError) in
                if let file = order.pidFile { try PidFile.write(pid, to: file) }
            }
            return end?.code ?? 0
        }
        if !hasTerminal, !order.isDetached {
            return try AttendedContainer.execPiped(request, by: NativeExecutor(), isInteractive: true, passesSignals: true) {
                (pid) throws(RuntimeError) in
                if let file = order.pidFile { try PidFile.write(pid, to: file) }
            }.code
        }
        return try follow(request, order)
    }

    private func follow(_ request: ExecRequest, _ order: BundleExec) throws(RuntimeError) -> Int32 {
        var program = try NativeExecutor().exec(request)
        if let console = order.consoleSocket {
            guard let terminal = program.takeTerminal() else {
                throw RuntimeError(.invalidArgument, "cannot use console socket without a terminal")
            }
            try Self.send(terminal.raw, to: console)
        }
        if let file = order.pidFile { try PidFile.write(program.pid, to: file) }
        if order.isDetached {
            program.letGo()
            return 0
        }
        return try AttendedContainer.follow(&program).code
    }

    private func request(
        _ order: BundleExec,
        _ record: BundleRecord,
        _ spec: RuntimeSpec,
        _ process: CInt
    ) throws(RuntimeError) -> ExecRequest {
        var spec = spec
        spec.process = order.process
        spec.process?.dropUnknownCapabilities()
        spec.hooks = nil
        var io = Self.streams(spec)
        if order.process.terminal == true, order.process.consoleSize == nil, order.consoleSocket == nil {
            io = AttendedContainer.terminal
        }
        var request = ExecRequest(
            id: record.id,
            process: process,
            spec: spec,
            io: io,
            passwd: try passwd(record),
            cacheDirectory: cacheDirectory
        )
        request.bundle = BundleTerms(groups: try record.groups.below(order.groupPaths))
        request.bundle?.keepsKeyring = true
        request.bundle?.preserved = order.preserved
        request.bundle?.deliverListener = record.delivery(spec, .running, first: record.process?.pid)
        return request
    }

    /// The container's users, as its first process sees them; nil where there is no such file.
    private func passwd(_ record: BundleRecord) throws(RuntimeError) -> [UInt8]? {
        guard let pid = record.process?.pid, let root = try? Directory.open(FilePath("/proc/\(pid)/root")),
            let bytes = try? root.readStoredInRoot("/etc/passwd", limit: UserLookup.sizeLimit)
        else { return nil }
        return bytes
    }
}

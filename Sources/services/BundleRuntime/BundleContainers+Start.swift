package import ContainerRuntime
internal import ContainerMonitor
internal import LinuxSystem
internal import OCISpec
internal import Reporting
internal import SystemPackage

extension BundleContainers {
    /// Lets a container's program begin.
    package func start(_ id: String) throws(RuntimeError) {
        let folder = try open(id)
        let lock = try folder.lock()
        defer { withExtendedLifetime(lock) {} }
        let record = try folder.record()
        switch folder.status(of: record) {
        case .created: break
        case .stopped: throw RuntimeError(.conflict, "cannot start a container that has stopped")
        case .paused: throw RuntimeError(.conflict, "cannot start a container in the paused state")
        case .running: throw RuntimeError(.conflict, "cannot start an already running container")
        case .creating: throw RuntimeError(.conflict, "cannot start a container that is being created")
        }
        let process = try Self.process(of: record)
        let pid = record.process?.pid ?? 0
        let spec = try folder.spec()
        let hooks = BundleHooks(record: record, spec: spec, cacheDirectory: cacheDirectory)
        do throws(RuntimeError) {
            try hooks.beforeStart(process.raw, pid: pid)
            try Self.release(folder, spec)
            try hooks.afterStart(pid: pid)
        } catch {
            // A container one of whose hooks failed doesn't run on.
            try? ProcessDescriptor.signal(process.raw, 9)
            throw error
        }
    }

    /// Connects to the socket at which the first process waits, and hears what becomes of its execution.
    private static func release(_ folder: borrowing StateFolder, _ spec: RuntimeSpec) throws(RuntimeError) {
        let socket: OwnedDescriptor
        do throws(SystemError) {
            let path = FilePath("/proc/self/fd/\(folder.directory.descriptor.raw)")
            socket = try UnixSocket.connect(to: path.appending(StateFolder.socket.description))
        } catch {
            throw RuntimeError(error.kind, "connecting to the container's start socket: \(error)")
        }
        do throws(RuntimeError) { try NativeExecutor.finishStart(socket.raw, spec: spec) } catch {
            try? folder.directory.remove(StateFolder.socket)
            throw error
        }
        try? folder.directory.remove(StateFolder.socket)
    }

    /// A descriptor of a container's first process.
    static func process(of record: BundleRecord) throws(RuntimeError) -> OwnedDescriptor {
        guard let stamp = record.process else { throw RuntimeError(.conflict, "container not running") }
        do throws(SystemError) {
            let process = try ProcessDescriptor.open(stamp.pid)
            // Only now is it sure that the number still means this process.
            guard stamp.isAlive else { throw SystemError("pidfd_open", nil, .noSuchProcess) }
            return process
        } catch {
            throw RuntimeError(.conflict, "container not running")
        }
    }

    /// Makes a container, starts it and waits for its end; without `keeps`, nothing of it is left then.
    ///
    /// - Parameter tell: hears what went wrong with its last hooks.
    package func run(
        _ id: String,
        _ options: BundleOptions,
        keeps: Bool,
        tell: (String) -> Void
    ) throws(RuntimeError) -> Int32 {
        try Self.check(id)
        let bundle = try Self.enter(options.bundle)
        try Self.checkConsole(bundle.spec, options)
        if options.isDetached {
            var container = try create(id, bundle, Self.streams(bundle.spec), options)
            container.letGo()
            do throws(RuntimeError) { try start(id) } catch {
                _ = try? delete(id, force: true)
                throw error
            }
            return 0
        }
        let hasTerminal = bundle.spec.process?.terminal == true
        let io = hasTerminal ? AttendedContainer.terminal : Self.streams(bundle.spec)
        let place = try self.place(bundle.spec, id)
        let launcher = BundleLauncher(containers: self, bundle: bundle, options: options)
        defer {
            if !keeps, let message = try? delete(id, force: true) { tell(message) }
        }
        return try AttendedContainer.run(
            request(id, bundle.spec, bundle.rootfs, io, place),
            by: launcher,
            hasTerminal: hasTerminal
        ).code
    }
}

/// Makes and starts a bundle's container in one go, for somebody who waits for it.
private struct BundleLauncher: ContainerLauncher {
    let containers: BundleContainers
    let bundle: Bundle
    let options: BundleOptions

    func launch(_ request: LaunchRequest) throws(RuntimeError) -> RunningContainer {
        let container = try containers.create(request.id, bundle, request.io, options)
        do throws(RuntimeError) { try containers.start(request.id) } catch {
            // The value ends here, and the process with it.
            _ = consume container
            throw error
        }
        return container
    }
}

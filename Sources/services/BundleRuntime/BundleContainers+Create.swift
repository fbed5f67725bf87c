internal import ContainerMonitor
package import ContainerRuntime
internal import LinuxSystem
internal import OCISpec
internal import Reporting
package import SystemPackage

/// What `create` and `run` take beside the bundle.
package struct BundleOptions: Sendable {
    package var bundle: FilePath = "."
    /// Where the master of the container's terminal is sent.
    package var consoleSocket: FilePath?
    package var pidFile: FilePath?
    package var keepsKeyring = false
    /// How many descriptors from 3 on are given on.
    package var preserved: [CInt] = []
    /// Whether nobody waits for the container.
    package var isDetached = true
    /// Variables that the program gets beside its own.
    package var environment: [String] = []

    package init() {}
}

extension BundleContainers {
    /// Makes a container: all is done but the execution of its program. When it throws, nothing is left.
    package func create(_ id: String, _ options: BundleOptions) throws(RuntimeError) {
        try Self.check(id)
        let bundle = try Self.enter(options.bundle)
        try Self.checkConsole(bundle.spec, options)
        let io = Self.streams(bundle.spec)
        var container = try create(id, bundle, io, options)
        container.letGo()
    }

    /// A bundle, whose folder becomes the current directory: hooks begin there.
    static func enter(_ path: FilePath) throws(RuntimeError) -> Bundle {
        let bundle = try Bundle(path)
        do throws(SystemError) { try CurrentDirectory.change(to: bundle.path) } catch {
            throw RuntimeError(error.kind, "chdir \(path): \(Bundle.reason(error))")
        }
        return bundle
    }

    static func checkConsole(_ spec: RuntimeSpec, _ options: BundleOptions) throws(RuntimeError) {
        let hasTerminal = spec.process?.terminal == true
        if options.isDetached, hasTerminal, options.consoleSocket == nil {
            throw RuntimeError(
                .invalidArgument,
                "cannot allocate tty if the runtime will detach without setting console socket"
            )
        }
        if options.consoleSocket != nil, !(options.isDetached && hasTerminal) {
            throw RuntimeError(
                .invalidArgument,
                "cannot use console socket if the runtime will not detach or allocate tty"
            )
        }
    }

    static func streams(_ spec: RuntimeSpec) -> LaunchIO {
        guard spec.process?.terminal == true else { return .descriptors(input: 0, output: 1, error: 2) }
        let size = spec.process?.consoleSize
        return .terminal(rows: size?.height ?? 0, columns: size?.width ?? 0)
    }

    func create(
        _ id: String,
        _ bundle: Bundle,
        _ io: LaunchIO,
        _ options: BundleOptions
    ) throws(RuntimeError) -> RunningContainer {
        let place = try self.place(bundle.spec, id)
        var spec = bundle.spec
        if !options.environment.isEmpty {
            let own = spec.process?.env ?? []
            spec.process?.env = own + options.environment
        }
        var request = request(id, spec, bundle.rootfs, io, place)
        request.bundle?.keepsKeyring = options.keepsKeyring
        request.bundle?.preserved = options.preserved
        if Self.hasEarlyHooks(bundle.spec.hooks) { request.bundle?.stage = bundle.rootfs.string }
        // Whatever can be found wrong is found before anything is made.
        try NativeExecutor().check(request)

        let folder = try StateFolder.make(id, in: root)
        let record = BundleRecord(
            id: id,
            bundle: bundle.path.string,
            rootfs: bundle.rootfs.string,
            ociVersion: bundle.spec.ociVersion,
            created: Timestamp.now.text,
            owner: CurrentUser.id,
            annotations: bundle.spec.annotations,
            process: nil,
            groups: place,
            keepsKeyring: options.keepsKeyring
        )
        do throws(RuntimeError) {
            let lock = try folder.lock()
            defer { withExtendedLifetime(lock) {} }
            try folder.save(spec)
            try folder.save(record)
            let socket = try Self.listen(folder)
            request.bundle?.startSocket = socket.raw
            return try launch(request, record, folder, options)
        } catch {
            folder.remove()
            throw error
        }
    }

    private func launch(
        _ request: LaunchRequest,
        _ record: BundleRecord,
        _ folder: borrowing StateFolder,
        _ options: BundleOptions
    ) throws(RuntimeError) -> RunningContainer {
        let path = folder.path.parent
        let hooks = BundleHooks(record: record, spec: request.spec, cacheDirectory: cacheDirectory)
        var request = request
        request.bundle?.deliverListener = record.delivery(request.spec, .creating, first: nil)
        let stage = request.bundle?.stage ?? "/"
        let pauses = LaunchPauses(
            mounted: { (moment) throws(RuntimeError) in
                do throws(RuntimeError) { try hooks.beforeRoot(moment, stage: stage) } catch {
                    hooks.afterStop()
                    throw RuntimeError(
                        error.kind,
                        "unable to start container process: error during container init: \(error.description)"
                    )
                }
            },
            ready: { (moment) throws(RuntimeError) in
                guard let own = try StateFolder.open(record.id, in: path) else {
                    throw RuntimeError(.conflict, "the container's state has been removed")
                }
                var record = record
                record.process = ProcessStamp.of(moment.pid)
                try own.save(record)
                if let console = options.consoleSocket { try Self.send(moment.terminal, to: console) }
                if let file = options.pidFile { try PidFile.write(moment.pid, to: file) }
            }
        )
        return try NativeExecutor().create(request, pauses)
    }

    /// The order to launch that a bundle's specification is.
    func request(
        _ id: String,
        _ spec: RuntimeSpec,
        _ rootfs: FilePath,
        _ io: LaunchIO,
        _ place: GroupPlace
    ) -> LaunchRequest {
        var request = LaunchRequest(
            id: id,
            spec: spec,
            root: .directory(rootfs),
            io: io,
            cacheDirectory: cacheDirectory
        )
        request.bundle = BundleTerms(groups: place)
        return request
    }

    /// Hooks that run while the container's root is mounted, but not entered.
    private static func hasEarlyHooks(_ hooks: RuntimeSpec.Hooks?) -> Bool {
        [hooks?.prestart, hooks?.createRuntime, hooks?.createContainer].contains { $0?.isEmpty == false }
    }

    private static func listen(_ folder: borrowing StateFolder) throws(RuntimeError) -> OwnedDescriptor {
        do throws(SystemError) {
            return try UnixSocket.listen(as: StateFolder.socket, in: folder.directory)
        } catch {
            throw RuntimeError(error.kind, "making the container's start socket: \(error)")
        }
    }

    static func send(_ terminal: CInt, to socket: FilePath) throws(RuntimeError) {
        do throws(SystemError) {
            let connection = try UnixSocket.connect(to: socket)
            try UnixSocket.send(connection.raw, Array("/dev/ptmx".utf8), descriptor: terminal)
        } catch {
            throw RuntimeError(error.kind, "sending the terminal to the console socket: \(error)")
        }
    }
}

/// Where an engine looks for the number of a first process.
enum PidFile {
    /// All of it or nothing: engines wait for the file.
    static func write(_ pid: Int32, to path: FilePath) throws(RuntimeError) {
        do throws(SystemError) {
            let directory = try Directory.holding(path)
            guard let name = path.lastComponent?.string else { throw SystemError("open", path.string, .isDirectory) }
            try directory.replaceDocument(PathBytes(name), Array("\(pid)".utf8), mode: 0o644)
        } catch {
            throw RuntimeError(error.kind, "writing the pid file: \(error)")
        }
    }
}

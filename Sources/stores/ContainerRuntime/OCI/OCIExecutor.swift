internal import CLinuxShims
internal import Glibc
internal import LinuxSystem
internal import OCISpec
internal import Reporting
package import SystemPackage

/// Starts containers by an OCI runtime: runc, crun, or what speaks as they do.
///
/// The root is assembled in a mount namespace of this thread's own, so that nothing of it is seen outside and nothing stays
/// when the process dies. The container's first process becomes a child of this process, which is made a "subreaper".
/// Both are changes for good: run it in a process that is there for one container, a monitor.
package struct OCIExecutor: ContainerExecutor {
    let program: FilePath
    let bundle: FilePath

    /// `bundle` is made by `launch` and removed by `settle`; its parent must be there.
    package init(program: FilePath, bundle: FilePath) {
        self.program = program
        self.bundle = bundle
    }

    package func launch(_ request: LaunchRequest) throws(RuntimeError) -> RunningContainer {
        do throws(RuntimeError) { return try start(request) } catch {
            Self.settle(id: request.id, bundle: bundle)
            throw error
        }
    }

    /// Removes what the runtime and this executor keep of a container: also one of a process that died.
    package static func settle(id: String, bundle: FilePath) {
        guard let name = bundle.lastComponent?.string,
            let parent = try? Directory.open(bundle.parent), let folder = try? Directory.open(bundle)
        else { return }
        // Each of these finds nothing to do where it was done before.
        let program = String(decoding: text("runtime", folder), as: UTF8.self)
        if !program.isEmpty, let null = try? nullDevice() {
            _ = try? ChildProgram([program, "--root", bundle.appending("state").string, "delete", "--force", id]).run(
                input: null.raw,
                output: null.raw,
                error: null.raw
            )
        }
        // The launching process still has the root there: what the container wrote must not go with the bundle.
        while linux_take_off(bundle.appending("rootfs").string) == 0 {}
        do throws(SystemError) { try folder.remove("rootfs", directory: true) } catch {
            if error.errno != .noSuchFileOrDirectory { return }
        }
        try? parent.removeTree(PathBytes(name))
    }

    private func start(_ request: LaunchRequest) throws(RuntimeError) -> RunningContainer {
        guard request.trees.isEmpty, request.confinements.isEmpty else {
            throw RuntimeError(.unsupported, "trees without a path of their own are not supported by OCI runtimes")
        }
        let folder = try OCIBundle.make(bundle, for: request, program: program)
        try system("entering a mount namespace") { () throws(SystemError) in
            try check("unshare") { linux_own_mounts() }
            try check("prctl") { linux_become_subreaper() }
        }
        try system("mounting the container's root") { () throws(SystemError) in
            try OCIBundle.mountRoot(request.root, at: bundle.appending("rootfs"))
        }
        let terminal = try create(request, folder)
        let pid = try pid(folder)
        let descriptor = try system("opening the container's process") { () throws(SystemError) in
            try ProcessDescriptor.open(pid)
        }
        do throws(RuntimeError) {
            try runtime(["start", request.id], RuntimeCall(.create, bundle, request.spec), folder)
        } catch {
            try? ProcessDescriptor.signal(descriptor.raw, SIGKILL)
            throw error
        }
        let (id, place) = (request.id, bundle)
        return RunningContainer(
            pid: pid,
            pidfd: descriptor,
            terminal: terminal,
            afterwards: .init(settle: { Self.settle(id: id, bundle: place) })
        )
    }

    /// Has the runtime make the container: its program waits for `start`. The terminal's master, if there is one.
    private func create(_ request: LaunchRequest, _ folder: borrowing Directory) throws(RuntimeError)
        -> OwnedDescriptor?
    {
        let words = ["create", "--bundle", bundle.string, "--pid-file", bundle.appending("pid").string]
        return try runtime(words, on: request.id, request.io, RuntimeCall(.create, bundle, request.spec), folder)
    }

    /// Has the runtime start a program of a container with its own streams. The terminal's master, if there is one.
    func runtime(
        _ words: [String],
        on id: String,
        _ io: LaunchIO,
        _ call: RuntimeCall,
        _ folder: borrowing Directory
    ) throws(RuntimeError) -> OwnedDescriptor? {
        switch io {
        case .descriptors(let input, let output, let error):
            try runtime(words + [id], call, folder, input: input, output: output, error: error)
            return nil
        case .terminal(let rows, let columns):
            let socket = try system("making the console socket") { () throws(SystemError) in
                try ConsoleSocket.make(in: folder)
            }
            try runtime(words + ["--console-socket", socket.path, id], call, folder)
            let master = try system("taking the container's terminal") { () throws(SystemError) in
                try socket.receive()
            }
            if rows > 0, columns > 0 {
                var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
                // A terminal of another size still works.
                _ = ioctl(master.raw, UInt(TIOCSWINSZ), &size)
            }
            return master
        }
    }

    /// Calls the runtime; where it fails, its log says why.
    private func runtime(
        _ words: [String],
        _ call: RuntimeCall,
        _ folder: borrowing Directory,
        input: CInt? = nil,
        output: CInt? = nil,
        error: CInt? = nil
    ) throws(RuntimeError) {
        let log = call.folder.appending("log").string
        let state = bundle.appending("state").string
        let status = try system("running \(program)") { () throws(SystemError) in
            let null = try Self.nullDevice()
            return try ChildProgram([program.string, "--root", state, "--log", log, "--log-format", "json"] + words)
                .run(
                    input: input ?? null.raw,
                    output: output ?? null.raw,
                    error: error ?? null.raw
                )
        }
        if status == 0 { return }
        let said = RuntimeLog.lastError(Self.text("log", folder)) ?? "\(program) ended with status \(status)"
        throw RuntimeLog.failure(said, of: call)
    }

    /// A file of the bundle; empty where it can't be read.
    private static func text(_ name: PathBytes, _ folder: borrowing Directory) -> [UInt8] {
        guard let file = try? folder.openForReading(name) else { return [] }
        return (try? DescriptorIO.readAll(file.raw, limit: 1 << 20)) ?? []
    }

    /// What the runtime wrote into its pid file.
    func pid(_ folder: borrowing Directory) throws(RuntimeError) -> Int32 {
        try system("reading the runtime's pid file") { () throws(SystemError) in
            let file = try folder.openForReading("pid")
            let text = String(decoding: try DescriptorIO.readAll(file.raw, limit: 32), as: UTF8.self)
            guard let pid = Int32(text), pid > 1 else { throw SystemError("read", "pid", .badMessage) }
            return pid
        }
    }

    private static func nullDevice() throws(SystemError) -> OwnedDescriptor {
        try Directory.open("/dev").open("null", flags: O_RDWR)
    }

    func system<Value: ~Copyable>(
        _ purpose: String,
        _ body: () throws(SystemError) -> Value
    ) throws(RuntimeError) -> Value {
        do { return try body() } catch { throw RuntimeError(purpose, error) }
    }
}

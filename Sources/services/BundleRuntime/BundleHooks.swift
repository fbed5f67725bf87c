internal import ContainerRuntime
internal import LinuxSystem
internal import OCISpec
internal import Reporting
internal import SystemPackage

/// The hooks of one container, each kind at its time.
struct BundleHooks: Sendable {
    let record: BundleRecord
    let spec: RuntimeSpec
    let cacheDirectory: FilePath

    /// `prestart` and `createRuntime` on the host, `createContainer` in the container's namespaces with the host's paths.
    func beforeRoot(_ moment: LaunchPauses.Moment, stage: String) throws(RuntimeError) {
        let hooks = spec.hooks
        let state = record.state(.creating, pid: moment.pid)
        try HookRun((hooks?.prestart ?? []) + (hooks?.createRuntime ?? []), state).onHost()
        try HookRun(hooks?.createContainer, record.state(.creating, pid: insidePid(moment.pid))).inContainer {
            (hook, io) throws(RuntimeError) in
            // Whoever the container's root is may not go where the bundle is.
            let isMapped = (spec.linux?.namespaces ?? []).contains { $0.type == .user }
            var process = RuntimeSpec.Process(args: words(of: hook), env: hook.env ?? [], cwd: isMapped ? "/" : stage)
            process.oomScoreAdj = spec.process?.oomScoreAdj
            let request = request(process, moment.process, io)
            return try NativeExecutor().startHook(request, program: hook.path)
        }
    }

    /// `startContainer` in the container, as its program.
    func beforeStart(_ process: CInt, pid: Int32) throws(RuntimeError) {
        guard let own = spec.process else { return }
        try HookRun(spec.hooks?.startContainer, record.state(.created, pid: insidePid(pid))).inContainer {
            (hook, io) throws(RuntimeError) in
            var program = own
            program.args = words(of: hook)
            program.env = hook.env ?? []
            program.terminal = nil
            var request = request(program, process, io)
            request.program = hook.path
            request.bundle?.deliverListener = record.delivery(spec, .created, first: pid)
            return try NativeExecutor().exec(request)
        }
    }

    func afterStart(pid: Int32) throws(RuntimeError) {
        try HookRun(spec.hooks?.poststart, record.state(.running, pid: pid)).onHost()
    }

    /// Failing ones are told, and change nothing. What they said.
    @discardableResult
    func afterStop() -> String? {
        do throws(RuntimeError) {
            try HookRun(spec.hooks?.poststop, record.state(.stopped, pid: nil)).onHost()
            return nil
        } catch {
            return error.description
        }
    }

    private func words(of hook: RuntimeSpec.Hook) -> [String] {
        let arguments = hook.args ?? []
        return arguments.isEmpty ? [hook.path] : arguments
    }

    /// The number that the first process has in the container: 1 where it has processes of its own.
    private func insidePid(_ pid: Int32) -> Int32 {
        let own = (spec.linux?.namespaces ?? []).contains { $0.type == .pid && ($0.path ?? "").isEmpty }
        return own ? 1 : pid
    }

    private func request(_ process: RuntimeSpec.Process, _ container: CInt, _ io: LaunchIO) -> ExecRequest {
        var spec = spec
        spec.process = process
        spec.hooks = nil
        var request = ExecRequest(
            id: record.id,
            process: container,
            spec: spec,
            io: io,
            passwd: nil,
            cacheDirectory: cacheDirectory
        )
        request.bundle = BundleTerms(groups: record.groups)
        request.bundle?.keepsKeyring = record.keepsKeyring
        return request
    }
}

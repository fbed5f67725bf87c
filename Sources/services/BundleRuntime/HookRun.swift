internal import ContainerRuntime
internal import LinuxSystem
internal import OCISpec
internal import Reporting
internal import SystemPackage

/// Runs the hooks of one kind, one after another, with the container's state on their standard input.
struct HookRun {
    let hooks: [RuntimeSpec.Hook]
    let state: [UInt8]

    init(_ hooks: [RuntimeSpec.Hook]?, _ state: JSONValue) {
        self.hooks = hooks ?? []
        self.state = Array(state.serialized().utf8)
    }

    /// What a hook reads and writes, in memory: one that leaves a process behind doesn't hold anybody up.
    private struct Streams: ~Copyable {
        static let shown = 64 << 10

        let input: OwnedDescriptor
        let output: OwnedDescriptor
        let error: OwnedDescriptor

        static func make(_ state: [UInt8]) throws(SystemError) -> Streams {
            let input = try MemoryFile.make(name: "state", bytes: state)
            try DescriptorIO.seek(input.raw, to: 0)
            let output = try MemoryFile.make(name: "stdout", bytes: [])
            return Streams(input: input, output: output, error: try MemoryFile.make(name: "stderr", bytes: []))
        }

        /// What it has written, as part of an error.
        var text: String {
            func text(_ descriptor: borrowing OwnedDescriptor) -> String {
                let bytes = (try? DescriptorIO.read(descriptor.raw, at: 0, count: Self.shown)) ?? []
                return String(decoding: bytes, as: UTF8.self)
            }
            return "stdout: \(text(output)), stderr: \(text(error))"
        }
    }

    /// Runs them on the host.
    func onHost() throws(RuntimeError) {
        try each { (hook, streams) throws(RuntimeError) in
            do throws(SystemError) {
                var program = ChildProgram(words(of: hook), environment: hook.env ?? [])
                program.program = hook.path
                program.hasOwnGroup = true
                let child = try program.start(
                    input: streams.input.raw,
                    output: streams.output.raw,
                    error: streams.error.raw
                )
                let process = try ProcessDescriptor.open(child.number)
                guard ProcessDescriptor.ends(process.raw, withinMilliseconds: limit(of: hook)) else {
                    // It is killed when the value ends; what it has started is told to go.
                    ChildProgram.terminate(group: child.number)
                    throw SystemError("hook", nil, .timedOut)
                }
                return ExitStatus.Reason(try child.end())
            } catch {
                throw failure(error, hook)
            }
        }
    }

    /// Runs them as `start` says: in the container.
    func inContainer(
        _ start: (RuntimeSpec.Hook, LaunchIO) throws(RuntimeError) -> RunningContainer
    ) throws(RuntimeError) {
        try each { (hook, streams) throws(RuntimeError) in
            let io = LaunchIO.descriptors(
                input: streams.input.raw,
                output: streams.output.raw,
                error: streams.error.raw
            )
            // One that isn't waited for is killed when the value ends.
            var program: RunningContainer
            do throws(RuntimeError) { program = try start(hook, io) } catch {
                // What isn't started in the container is told as what isn't on the host.
                if let reason = error.programError { throw Self.unstartable(hook, reason, error.kind) }
                throw error
            }
            guard ProcessDescriptor.ends(program.pidfd.raw, withinMilliseconds: limit(of: hook)) else {
                throw failure(SystemError("hook", nil, .timedOut), hook)
            }
            return try program.wait().reason
        }
    }

    private func each(
        _ body: (RuntimeSpec.Hook, borrowing Streams) throws(RuntimeError) -> ExitStatus.Reason
    ) throws(RuntimeError) {
        for (index, hook) in hooks.enumerated() {
            let failed = "error running hook #\(index): "
            let streams: Streams
            do throws(SystemError) { streams = try Streams.make(state) } catch {
                throw RuntimeError(error.kind, "\(failed)\(error)")
            }
            let end: ExitStatus.Reason
            do throws(RuntimeError) { end = try body(hook, streams) } catch {
                throw RuntimeError(error.kind, failed + error.description)
            }
            let told: String
            switch end {
            case .exited(code: 0): continue
            case .exited(let code): told = "exit status \(code)"
            case .signalled(let signal): told = "signal: \(SignalText.of(signal))"
            }
            throw RuntimeError(.internal, "\(failed)error running hook: \(told), \(streams.text)")
        }
    }

    private func words(of hook: RuntimeSpec.Hook) -> [String] {
        let arguments = hook.args ?? []
        return arguments.isEmpty ? [hook.path] : arguments
    }

    private func limit(of hook: RuntimeSpec.Hook) -> Int32 {
        hook.timeout.map { Int32(clamping: $0.multiplied(clampingBy: 1_000)) } ?? -1
    }

    private func failure(_ error: SystemError, _ hook: RuntimeSpec.Hook) -> RuntimeError {
        if error.errno == .timedOut {
            return RuntimeError(.unavailable, "hook ran past specified timeout of \(hook.timeout ?? 0).0s")
        }
        return Self.unstartable(hook, error.errno.rawValue, error.kind)
    }

    private static func unstartable(_ hook: RuntimeSpec.Hook, _ errno: Int32, _ kind: FailureKind) -> RuntimeError {
        RuntimeError(kind, "fork/exec \(hook.path): \(SystemError.reason(errno))")
    }
}

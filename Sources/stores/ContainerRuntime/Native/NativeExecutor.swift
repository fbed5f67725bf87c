internal import CLaunchShim
private import Glibc
internal import LinuxSystem
internal import OCISpec
internal import Reporting
internal import SystemPackage

/// socle's own runtime: compiles the specification into a plan, opens what the plan needs of the host, clones once, and
/// lets the launch shim carry the plan out inside.
package struct NativeExecutor: ContainerExecutor {
    package init() {}

    package func launch(_ request: LaunchRequest) throws(RuntimeError) -> RunningContainer {
        let facts = try LaunchFacts.gather(for: request)
        var plan = try LaunchPlan(request, facts: facts)
        let root = try RootTree(request.root)
        if plan.lacksHome { plan.provideHome(try home(of: plan.uid, in: root)) }

        let group = try ControlGroup.make(
            id: request.id,
            hierarchies: facts.hierarchies,
            resources: request.spec.linux?.resources
        )
        do throws(RuntimeError) {
            let resources = try PlanResources(plan.resources, root: root, group: group, trees: request.trees)
            return try Self.start(
                plan,
                resources.descriptors,
                request.io,
                .init(ranOutOfMemory: { group.ranOutOfMemory() }, settle: { group.remove() })
            )
        } catch {
            group.remove()
            throw error
        }
    }

    /// The plan that a launch would carry out, without doing anything.
    package func plan(for request: LaunchRequest) throws(RuntimeError) -> LaunchPlan {
        try LaunchPlan(request, facts: try LaunchFacts.gather(for: request))
    }

    private func home(of uid: UInt32, in root: borrowing RootTree) throws(RuntimeError) -> String {
        let passwd = try root.file("/etc/passwd", limit: UserLookup.sizeLimit)
        return try UserLookup(passwd: passwd, group: nil).home(of: uid)
    }

    /// Clones, and waits until the plan's program has been executed.
    static func start(
        _ plan: LaunchPlan,
        _ resources: [CInt],
        _ io: LaunchIO,
        _ afterwards: RunningContainer.Afterwards
    ) throws(RuntimeError) -> RunningContainer {
        do {
            let program = try Self.program()
            let encoded = try MemoryFile.make(name: "socle-plan", bytes: plan.encoded())
            let sockets = try SocketPair()
            let streams = try StandardStreams(io)
            let launch = ProcessLaunch(
                program: program.raw,
                plan: encoded.raw,
                report: sockets.far.raw,
                streams: streams.numbers,
                slots: resources,
                namespaces: plan.namespaces.reduce(0) { $0 | $1.flag }
            )
            let child = try launch.start(name: "socle-init")
            let pid = child.pid
            let descriptor = child.takeDescriptor()
            let near = sockets.takeNear()
            switch try Self.outcome(near.raw) {
            case .started(let terminal, let later):
                // The process that was cloned has ended where the plan went on in another.
                if later >= 0 { _ = try? ProcessDescriptor.wait(descriptor.raw) }
                return RunningContainer(
                    pid: pid,
                    pidfd: later < 0 ? descriptor : OwnedDescriptor(adopting: later),
                    terminal: terminal < 0 ? nil : OwnedDescriptor(adopting: terminal),
                    afterwards: afterwards
                )
            case .failed(let report):
                _ = try? ProcessDescriptor.wait(descriptor.raw)
                throw report.failure(of: plan)
            case .silent(let end):
                throw RuntimeError(.internal, "the launch shim ended without a word: \(end)")
            }
        } catch let error as SystemError {
            throw RuntimeError("starting the container's first process", error)
        } catch let error as RuntimeError {
            throw error
        } catch {
            throw RuntimeError(.internal, "starting the container's first process: \(error)")
        }
    }

    // MARK: - The shim

    /// The shim in a sealed memfd: nothing in a container can change it or reach a file of the host through it.
    private static func program() throws(SystemError) -> OwnedDescriptor {
        let bytes = UnsafeRawBufferPointer(start: launch_shim_start(), count: Int(launch_shim_size))
        return try MemoryFile.sealedProgram(name: "socle-init", bytes: bytes)
    }

    private enum Outcome {
        case started(terminal: CInt, later: CInt)
        case failed(LaunchReport)
        case silent(ProcessDescriptor.End)
    }

    /// Reads what the shim says until it has executed the program, which closes its end.
    private static func outcome(_ socket: CInt) throws(SystemError) -> Outcome {
        var terminal: CInt = -1
        var later: CInt = -1
        while true {
            let (bytes, passed) = try SocketPair.receive(socket, limit: 64)
            if bytes.isEmpty { return .started(terminal: terminal, later: later) }
            guard let report = LaunchReport(bytes) else { throw SystemError("recvmsg", nil, .badMessage) }
            switch report.kind {
            case .terminal:
                terminal = passed
            case .child:
                later = passed
            case .failed:
                for descriptor in [terminal, later] where descriptor >= 0 { close(descriptor) }
                return .failed(report)
            }
        }
    }
}

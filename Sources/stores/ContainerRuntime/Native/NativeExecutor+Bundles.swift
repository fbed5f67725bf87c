package import OCISpec
internal import LinuxSystem
internal import Reporting
internal import SystemPackage

extension NativeExecutor {
    /// Makes a container whose program waits for its start; `pauses` is asked on the way. When it throws, no process and no
    /// control group is left.
    ///
    /// What it returns only watches the process: the control groups are the caller's to remove.
    package func create(
        _ request: LaunchRequest,
        _ pauses: LaunchPauses
    ) throws(RuntimeError) -> RunningContainer {
        try begin(request, pauses: pauses)
    }

    /// Says whether a bundle's container could be made, without doing anything.
    package func check(_ request: LaunchRequest) throws(RuntimeError) {
        _ = try plan(for: request)
    }

    /// What a container that waited for its start has to say of its execution; returns when the program runs.
    ///
    /// - Parameter socket: connected to the container's start socket.
    package static func finishStart(_ socket: CInt, spec: RuntimeSpec) throws(RuntimeError) {
        do {
            let (bytes, _) = try SocketPair.receive(socket, limit: 64)
            if bytes.isEmpty { return }
            guard let report = LaunchReport(bytes), report.kind == .failed else {
                throw SystemError("recvmsg", nil, .badMessage)
            }
            throw report.failure(ofProgram: spec.process?.args ?? [])
        } catch let error as SystemError {
            throw RuntimeError("starting the container", error)
        } catch let error as RuntimeError {
            throw error
        } catch {
            throw RuntimeError(.internal, "starting the container: \(error)")
        }
    }

    /// Starts a hook in the namespaces of a container whose root isn't entered yet: it is a program of the host's.
    package func startHook(_ request: ExecRequest, program: String) throws(RuntimeError) -> RunningContainer {
        var launch = request.launch
        launch.program = program
        var planner = try LaunchPlanner(launch, facts: try LaunchFacts.gather(for: launch), joins: true)
        return try start(try planner.planHook(), request)
    }
}

extension LaunchPlanner {
    /// Into the groups and namespaces, and there with all rights that they give.
    fileprivate mutating func planHook() throws(RuntimeError) -> LaunchPlan {
        try planEntering()
        operations += [.openRoot(root), .changeDirectory(at: root, path: workingDirectory)]
        operations += [.fileModeMask(0o022), .seal(first: 0, count: 0)]
        planExecution()
        return LaunchPlan(
            namespaces: [],
            resources: resources,
            operations: operations,
            lacksHome: false,
            uid: 0
        )
    }
}

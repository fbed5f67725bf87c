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
        try begin(request)
    }

    /// Makes the control groups and starts the plan in them. When it throws, no process and no control group is left. The groups
    /// end with the process; those of a bundle's container are the caller's to remove.
    ///
    /// - Parameter pauses: asked on the way, where the program is to wait for its start.
    func begin(_ request: LaunchRequest, pauses: LaunchPauses? = nil) throws(RuntimeError) -> RunningContainer {
        let facts = try LaunchFacts.gather(for: request)
        var plan = try LaunchPlan(request, facts: facts)
        var root = try RootTree(request.root, owners: request.layerOwners)
        if plan.lacksHome { plan.provideHome(try home(of: plan.uid, in: root)) }

        let bundle = request.bundle
        // Held until the first process is in the group.
        let holder = try bundle?.groups.scope?.begin(request.spec, isUnified: !facts.hierarchies.contains { $0.version == 1 })
        defer { withExtendedLifetime(holder) {} }
        let group = try ControlGroup.make(
            id: request.id,
            hierarchies: facts.hierarchies,
            place: bundle == nil ? try request.place : bundle?.groups,
            resources: request.spec.linux?.resources
        )
        do throws(RuntimeError) {
            let resources = try PlanResources(plan.resources, root: root, group: group, request)
            var container = try Self.start(
                plan,
                resources.descriptors,
                request.io,
                .init(ranOutOfMemory: { group.ranOutOfMemory() }, settle: { if bundle == nil { group.remove() } }),
                pauses: pauses,
                deliver: bundle?.deliverListener
            )
            container.server = root.takeServer()
            return container
        } catch {
            group.remove()
            throw error
        }
    }

    /// The plan that a launch would carry out, without doing anything.
    package func plan(for request: LaunchRequest) throws(RuntimeError) -> LaunchPlan {
        try LaunchPlan(request, facts: try LaunchFacts.gather(for: request))
    }

    func home(of uid: UInt32, in root: borrowing RootTree) throws(RuntimeError) -> String {
        let passwd = try root.file("/etc/passwd", limit: UserLookup.sizeLimit)
        return try UserLookup(passwd: passwd, group: nil).home(of: uid)
    }

    /// Clones, and waits until the plan's program has been executed.
    static func start(
        _ plan: LaunchPlan,
        _ resources: [CInt],
        _ io: LaunchIO,
        _ afterwards: RunningContainer.Afterwards,
        pauses: LaunchPauses? = nil,
        deliver: ListenerDelivery? = nil
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
            let first = child.pid
            let descriptor = child.takeDescriptor()
            let near = sockets.takeNear()
            var course = LaunchCourse(near, pid: first, process: descriptor, encoded: encoded)
            do { try course.follow(plan, pauses, deliver) } catch {
                course.end()
                throw error
            }
            return course.container(afterwards)
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
}

internal import LinuxSystem
package import OCISpec
internal import Reporting
package import SystemPackage

/// Another process for a container that runs: `exec`.
package struct ExecRequest: Sendable {
    /// The container's id; it names the control groups.
    package var id: String
    /// A descriptor of the container's first process, borrowed.
    package var process: CInt
    /// What to run, and the filter and namespaces of the container.
    package var spec: RuntimeSpec
    package var io: LaunchIO
    /// `/etc/passwd` of the container, for `HOME`; nil where it has none.
    package var passwd: [UInt8]?
    package var cacheDirectory: FilePath

    package init(
        id: String,
        process: CInt,
        spec: RuntimeSpec,
        io: LaunchIO,
        passwd: [UInt8]?,
        cacheDirectory: FilePath
    ) {
        self.id = id
        self.process = process
        self.spec = spec
        self.io = io
        self.passwd = passwd
        self.cacheDirectory = cacheDirectory
    }

    /// The same as an order to launch, whose mounts are those that the container has.
    var launch: LaunchRequest {
        var spec = spec
        spec.mounts = []
        spec.hostname = nil
        spec.domainname = nil
        return LaunchRequest(
            id: id,
            spec: spec,
            root: .directory("/"),
            io: io,
            cacheDirectory: cacheDirectory
        )
    }
}

extension NativeExecutor {
    /// Starts another process in a container. When it returns, the program has been executed.
    package func exec(_ request: ExecRequest) throws(RuntimeError) -> RunningContainer {
        let launch = request.launch
        let facts = try LaunchFacts.gather(for: launch)
        var planner = try LaunchPlanner(launch, facts: facts, joins: true)
        var plan = try planner.planJoining()
        if plan.lacksHome {
            plan.provideHome(try UserLookup(passwd: request.passwd, group: nil).home(of: plan.uid))
        }
        let group = ControlGroup(id: request.id, hierarchies: facts.hierarchies)
        let resources = try PlanResources(joining: plan.resources, process: request.process, group: group)
        return try Self.start(plan, resources.descriptors, request.io, .init(settle: {}))
    }
}

extension LaunchPlanner {
    /// The plan of another process: into the groups while the host's are seen, then into the namespaces, and from there on
    /// as the first one.
    mutating func planJoining() throws(RuntimeError) -> LaunchPlan {
        try checkNames()
        for hierarchy in facts.hierarchies {
            let slot = resource(.groupProcesses(hierarchy: hierarchy.name), name: "\(hierarchy.name) group")
            operations.append(.joinGroup(slot))
        }
        operations.append(
            .joinContainer(PlanSlot(origin: .resource(0), name: "container"), NamespaceKind.allCases)
        )
        operations += [.enterProcesses, .openRoot(root), .newSession, .sessionKeyring("_ses.\(request.id)")]
        switch request.io {
        case .terminal(let rows, let columns):
            operations.append(.joinTerminal(root: root, rows: rows, columns: columns))
        case .descriptors: operations.append(.nullStreams(at: root, path: "dev/null"))
        }
        try planProcess()
        return LaunchPlan(
            namespaces: [],
            resources: resources,
            operations: operations,
            lacksHome: !(process.env ?? []).contains { $0.hasPrefix("HOME=") },
            uid: process.user.uid
        )
    }
}

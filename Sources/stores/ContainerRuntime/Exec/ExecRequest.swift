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
    /// What is different where the container is an OCI bundle's.
    package var bundle: BundleTerms?
    /// The program's file, where that isn't found by the first argument: a hook's.
    package var program: String?

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
        var request = LaunchRequest(
            id: id,
            spec: spec,
            root: .directory("/"),
            io: io,
            cacheDirectory: cacheDirectory
        )
        request.bundle = bundle
        request.program = program
        return request
    }
}

extension NativeExecutor {
    /// Starts another process in a container. When it returns, the program has been executed.
    package func exec(_ request: ExecRequest) throws(RuntimeError) -> RunningContainer {
        let launch = request.launch
        let facts = try LaunchFacts.gather(for: launch)
        var planner = try LaunchPlanner(launch, facts: facts, joins: true)
        var plan = try planner.planJoining()
        // A hook's variables are all its own.
        if plan.lacksHome, request.program == nil {
            plan.provideHome(try UserLookup(passwd: request.passwd, group: nil).home(of: plan.uid))
        }
        return try start(plan, request)
    }

    /// Carries out a plan that joins a container.
    func start(_ plan: LaunchPlan, _ request: ExecRequest) throws(RuntimeError) -> RunningContainer {
        var group = ControlGroup(
            id: request.id,
            hierarchies: try ControlGroupHierarchy.discover(for: request.bundle?.groups),
            place: request.bundle?.groups
        )
        if group.place == nil { group.place = try request.launch.place }
        let resources = try PlanResources(
            joining: plan.resources,
            process: request.process,
            group: group,
            preserved: request.bundle?.preserved ?? []
        )
        return try Self.start(
            plan,
            resources.descriptors,
            request.io,
            .init(settle: {}),
            deliver: request.bundle?.deliverListener
        )
    }
}

extension LaunchPlanner {
    /// The plan of another process: into the groups while the host's are seen, then into the namespaces, and from there on
    /// as the first one.
    mutating func planJoining() throws(RuntimeError) -> LaunchPlan {
        try planEntering()
        operations += [.openRoot(root), .newSession]
        if request.bundle?.keepsKeyring != true { operations.append(.sessionKeyring("_ses.\(request.id)")) }
        if let label = try confinement() {
            operations.append(.write(at: planPrivateProc(), path: label.file, value: label.value))
        }
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

    /// Into the container's groups and namespaces.
    mutating func planEntering() throws(RuntimeError) {
        try checkNames()
        for hierarchy in facts.hierarchies {
            let slot = resource(.groupProcesses(hierarchy: hierarchy.name), name: "\(hierarchy.name) group")
            operations.append(.joinGroup(slot))
        }
        if isMapped {
            try planWithHostsRights()
        } else if let score = try oomScore() {
            operations.append(.write(at: hostProc(), path: "self/oom_score_adj", value: "\(score)"))
        }
        let further: [NamespaceKind] = [.user, .time].filter { separates($0) }
        // What the container shares with the host belongs to root; an ordinary user may not even join what he is in.
        let common = NamespaceKind.common.filter { facts.userSpace == nil || separates($0) }
        operations.append(.joinContainer(PlanSlot(origin: .resource(0), name: "container"), common + further))
        if isMapped { operations.append(.identity(uid: 0, gid: 0, groups: [])) }
        operations.append(.enterProcesses)
    }
}

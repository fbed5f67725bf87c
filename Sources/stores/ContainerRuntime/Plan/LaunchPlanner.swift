internal import LinuxSystem
internal import OCISpec
internal import Reporting

/// Makes a `LaunchPlan` of a specification: all checks, and the order of work.
struct LaunchPlanner {
    let request: LaunchRequest
    let facts: LaunchFacts
    let spec: RuntimeSpec
    let process: RuntimeSpec.Process
    let linux: RuntimeSpec.Linux

    var resources: [PlanResource] = []
    var operations: [PlanOperation] = []
    private var madeCount = 0

    /// The container's root.
    let root: PlanSlot
    /// A proc file system that nobody else can see or has mounted over.
    var proc: PlanSlot?
    /// The host's proc, where something has to be written before the container has its own.
    var ownProc: PlanSlot?
    /// The tmpfs at `/dev`, where there is one.
    var devices: PlanSlot?
    /// The devpts at `/dev/pts`.
    var terminals: PlanSlot?
    /// A null device that the plan itself made, and the directory that holds it.
    var null: PlanSlot?
    var nullHolder: (slot: PlanSlot, path: String)?
    /// What becomes read-only at the end, since something is still made in it.
    var readOnlyAtEnd: [PlanSlot] = []

    /// - Parameter joins: whether the plan is for another process of a container that runs.
    init(_ request: LaunchRequest, facts: LaunchFacts, joins: Bool = false) throws(RuntimeError) {
        self.request = request
        self.facts = facts
        spec = request.spec
        guard let process = spec.process, let arguments = process.args, !arguments.isEmpty else {
            throw RuntimeError(.invalidArgument, "no command specified")
        }
        self.process = process
        linux = spec.linux ?? RuntimeSpec.Linux()
        resources = [joins ? .container : .root]
        root = PlanSlot(origin: joins ? .made(0) : .resource(0), name: "root")
        madeCount = joins ? 1 : 0
    }

    mutating func plan() throws(RuntimeError) -> LaunchPlan {
        try checkNames()
        let namespaces = try planNamespaces()
        operations.append(.newSession)
        if request.bundle?.keepsKeyring != true { operations.append(.sessionKeyring("_ses.\(request.id)")) }
        operations += [.makePrivate, .stageRoot(root, at: stage)]
        // Hooks see the host's paths; and the kernel mounts proc in a user's namespace only where one is in sight.
        let entersLate = request.bundle?.stage != nil || isMapped || facts.userSpace != nil
        if !entersLate { operations.append(.enterRoot(root)) }
        if separates(.network, joined: false), isMapped || facts.rights.has(.networkAdministration) {
            operations.append(.loopbackUp)
        }
        if let name = spec.hostname, !name.isEmpty { operations.append(.hostName(name)) }
        if let name = spec.domainname, !name.isEmpty { operations.append(.domainName(name)) }

        for mount in spec.mounts ?? [] { try plan(mount) }
        try planProcSettings()
        if request.bundle?.stage != nil { operations.append(.pause(.mounted)) }
        if entersLate { operations.append(.enterRoot(root)) }
        if let propagation = linux.rootfsPropagation { try planPropagation(propagation) }
        try planNull()
        try planStreams()
        try planHiddenPaths()
        planWorkingDirectory()
        for slot in readOnlyAtEnd {
            operations.append(
                .setAttributes(slot, set: .readOnly, clear: [], propagation: .unchanged, recursive: false)
            )
        }
        if spec.root?.readonly == true {
            operations.append(
                .setAttributes(root, set: .readOnly, clear: [], propagation: .unchanged, recursive: false)
            )
        }
        try planProcess()
        return LaunchPlan(
            namespaces: namespaces,
            resources: resources,
            operations: operations,
            lacksHome: !(process.env ?? []).contains { $0.hasPrefix("HOME=") },
            uid: process.user.uid
        )
    }

    /// Where the root is mounted first.
    private var stage: String {
        guard let stage = request.bundle?.stage else { return "/" }
        return isMapped ? "." : stage
    }

    // MARK: - Slots

    /// A slot for something that the plan itself makes.
    mutating func makeSlot(_ name: String) -> PlanSlot {
        defer { madeCount += 1 }
        return PlanSlot(origin: .made(madeCount), name: name)
    }

    /// A slot for something of the host.
    mutating func resource(_ resource: PlanResource, name: String) -> PlanSlot {
        resources.append(resource)
        return PlanSlot(origin: .resource(resources.count - 1), name: name)
    }

    // MARK: - Checks

    func checkNames() throws(RuntimeError) {
        let id = Array(request.id.utf8)
        let first = id.first.map { isWord($0) } ?? false
        guard first, id.count <= 1024, id.allSatisfy({ isWord($0) || [45, 46].contains($0) }) else {
            throw RuntimeError(.invalidArgument, "invalid container id \"\(request.id)\"")
        }
        let texts =
            (process.args ?? []) + (process.env ?? []) + [process.cwd, spec.hostname ?? "", spec.domainname ?? ""]
        if texts.contains(where: { $0.utf8.contains(0) }) {
            throw RuntimeError(.invalidArgument, "a zero byte in an argument, variable, name or path")
        }
        if !process.cwd.hasPrefix("/") {
            throw RuntimeError(.invalidArgument, "working directory \"\(process.cwd)\" is not an absolute path")
        }
        for name in [spec.hostname, spec.domainname] where (name?.utf8.count ?? 0) > 64 {
            throw RuntimeError(.invalidArgument, "host or domain name \"\(name ?? "")\" is longer than 64 bytes")
        }
        try checkSupport()
    }

    /// What the specification knows and this runtime doesn't is refused, never left out.
    private func checkSupport() throws(RuntimeError) {
        if request.bundle != nil {
            try linux.resources?.checkSupport(isUnified: !facts.hierarchies.contains { $0.version == 1 })
        }
        let memory = linux.resources?.memory
        let wanted: [(Bool, String)] = [
            (request.bundle == nil && (spec.hooks.map { $0 != RuntimeSpec.Hooks() } ?? false), "hooks are"),
            (!(process.selinuxLabel ?? "").isEmpty || !(linux.mountLabel ?? "").isEmpty, "SELinux is"),
            (!(linux.personality?.flags ?? []).isEmpty, "flags of a personality are"),
            (request.bundle == nil && linux.seccomp?.hasListener == true, "a seccomp listener is"),
            (!(linux.resources?.hugepageLimits ?? []).isEmpty, "limits of huge pages are"),
            ([memory?.kernel, memory?.kernelTCP].contains { ($0 ?? 0) > 0 }, "limits of kernel memory are"),
        ]
        if let (_, what) = wanted.first(where: { $0.0 }) {
            throw RuntimeError(.unsupported, "\(what) not supported by the native runtime")
        }
        try linux.seccomp?.checkListener()
    }

    private func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 95, 43: true
        default: false
        }
    }

    // MARK: - The root

    private mutating func planPropagation(_ name: String) throws(RuntimeError) {
        let (recursive, plain) = name.hasPrefix("r") ? (true, String(name.dropFirst())) : (false, name)
        switch plain {
        case "private", "slave", "": return
        case "shared":
            operations.append(.setAttributes(root, set: [], clear: [], propagation: .shared, recursive: recursive))
        case "unbindable":
            operations.append(.setAttributes(root, set: [], clear: [], propagation: .unbindable, recursive: recursive))
        default: throw RuntimeError(.invalidArgument, "invalid root propagation \"\(name)\"")
        }
    }
}

extension LaunchPlan {
    /// Plans a launch. Everything that can be wrong with a specification is found here.
    package init(_ request: LaunchRequest, facts: LaunchFacts) throws(RuntimeError) {
        var planner = try LaunchPlanner(request, facts: facts)
        self = try planner.plan()
    }
}

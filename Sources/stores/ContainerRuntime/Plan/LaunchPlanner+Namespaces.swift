internal import LinuxSystem
internal import OCISpec
internal import Reporting

extension LaunchPlanner {
    /// Whether the container has a user namespace that isn't the caller's.
    var isMapped: Bool { separates(.user) }

    /// Whether the container gets a namespace of this kind of its own or, with `joined`, joins one.
    func separates(_ kind: NamespaceKind, joined: Bool = true) -> Bool {
        (linux.namespaces ?? []).contains { $0.type.kind == kind && (joined || ($0.path ?? "").isEmpty) }
    }

    /// The namespaces that the clone makes; those to join, those that only a child enters, and the container's groups are
    /// taken care of by operations.
    mutating func planNamespaces() throws(RuntimeError) -> [NamespaceKind] {
        let (made, joined) = try sortedNamespaces()
        try checkNamespaces(made, joined)
        for hierarchy in facts.hierarchies {
            let slot = resource(.groupProcesses(hierarchy: hierarchy.name), name: "\(hierarchy.name) group")
            operations.append(.joinGroup(slot))
        }
        for (kind, path) in joined where kind != .user {
            operations.append(.joinNamespace(resource(.namespace(path: path, kind: kind), name: "\(kind) namespace"), kind))
        }
        let entersChild = made.contains(.time) || joined.contains { $0.kind == .process }
        guard entersChild || isMapped else {
            // Only now, since the new namespace's root is the group that the process is in.
            if made.contains(.controlGroup) { operations.append(.unshare([.controlGroup])) }
            return made.filter { $0 != .controlGroup }
        }
        if isMapped {
            try planWithHostsRights()
            try planJoinedNetwork()
            planStage()
        }
        if made.contains(.time) { try planClocks() }
        if isMapped {
            try planUserNamespace(joined.first { $0.kind == .user }?.path)
            operations.append(.identity(uid: 0, gid: 0, groups: []))
        }
        operations.append(.unshare(made.filter { ![.user, .time].contains($0) }))
        if entersChild || made.contains(.process) { operations.append(.enterProcesses) }
        return []
    }

    private func sortedNamespaces() throws(RuntimeError) -> (
        made: [NamespaceKind], joined: [(kind: NamespaceKind, path: String)]
    ) {
        var made: [NamespaceKind] = []
        var joined: [(kind: NamespaceKind, path: String)] = []
        var seen: [RuntimeSpec.Namespace.Kind] = []
        for namespace in linux.namespaces ?? [] {
            defer { seen.append(namespace.type) }
            guard !seen.contains(namespace.type) else {
                throw RuntimeError(.invalidArgument, "namespace \"\(namespace.type.rawValue)\" is given twice")
            }
            if let path = namespace.path, !path.isEmpty {
                joined.append((namespace.type.kind, path))
            } else {
                made.append(namespace.type.kind)
            }
        }
        return (made, joined)
    }

    private func checkNamespaces(
        _ made: [NamespaceKind],
        _ joined: [(kind: NamespaceKind, path: String)]
    ) throws(RuntimeError) {
        for (kind, _) in joined where [.mount, .time].contains(kind) {
            throw RuntimeError(.unsupported, "joining a \(kind) namespace is not supported by the native runtime")
        }
        guard made.contains(.mount) else {
            throw RuntimeError(.invalidArgument, "a container needs a mount namespace of its own")
        }
        // Else it would be the host that gets the name.
        for (name, what) in [(spec.hostname, "host"), (spec.domainname, "domain")] where !separates(.uts) {
            if (name ?? "").isEmpty { continue }
            throw RuntimeError(.invalidArgument, "a \(what) name needs a uts namespace of its own")
        }
        let hasMaps = !(linux.uidMappings ?? []).isEmpty || !(linux.gidMappings ?? []).isEmpty
        if hasMaps, !separates(.user) {
            throw RuntimeError(.invalidArgument, "user namespace mappings specified, but user namespace isn't enabled in the config")
        }
        if hasMaps, !made.contains(.user) {
            throw RuntimeError(.invalidArgument, "a user namespace that is joined has its mappings already")
        }
        if !(linux.timeOffsets ?? [:]).isEmpty, !made.contains(.time) {
            throw RuntimeError(.invalidArgument, "time namespace offsets specified, but time namespace isn't enabled in the config")
        }
    }

    /// Stands where the root is to be mounted, while that can be reached: whoever the container's root is may not go there.
    /// The place comes along into the mount namespace.
    private mutating func planStage() {
        guard let stage = request.bundle?.stage else { return }
        operations.append(.changeDirectory(at: resource(.hostFolder(stage), name: "stage"), path: "/"))
    }

    /// A network that is joined belongs to the host's root. It has been joined by now: before, these settings would be the
    /// host's own, which is why another program for the container sets none.
    private mutating func planJoinedNetwork() throws(RuntimeError) {
        guard !separates(.network, joined: false) else { return }
        for (name, value) in networkSettings {
            try checkSysctl(name, value)
            operations.append(.write(at: hostProc(), path: "sys/" + sysctlPath(name), value: value))
        }
    }

    /// What the kernel allows only to those who have rights outside of the user's namespace.
    mutating func planWithHostsRights() throws(RuntimeError) {
        try planLimits()
        if let score = try oomScore() {
            operations.append(.write(at: hostProc(), path: "self/oom_score_adj", value: "\(score)"))
        }
    }

    /// proc as the host sees it, for what belongs to this process alone.
    mutating func hostProc() -> PlanSlot {
        if let ownProc { return ownProc }
        let slot = resource(.hostProc, name: "host's proc")
        ownProc = slot
        return slot
    }

    private mutating func planClocks() throws(RuntimeError) {
        operations.append(.unshare([.time]))
        let known = ["monotonic", "boottime"]
        for (clock, offset) in (linux.timeOffsets ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard known.contains(clock), offset.nanosecs < 1_000_000_000 else {
                throw RuntimeError(.invalidArgument, "invalid time offset of clock \"\(clock)\"")
            }
            operations.append(
                .write(
                    at: hostProc(),
                    path: "self/timens_offsets",
                    value: "\(clock) \(offset.secs) \(offset.nanosecs)\n"
                )
            )
        }
    }

    private mutating func planUserNamespace(_ path: String?) throws(RuntimeError) {
        let source: PlanResource
        if let path {
            source = .namespace(path: path, kind: .user)
        } else {
            source = .userNamespace(try UserMap(users: linux.uidMappings ?? [], groups: linux.gidMappings ?? []))
        }
        operations.append(.joinNamespace(resource(source, name: "user namespace"), .user))
    }
}

extension RuntimeSpec.Namespace.Kind {
    /// The kernel's kind.
    var kind: NamespaceKind {
        switch self {
        case .mount: .mount
        case .network: .network
        case .uts: .uts
        case .pid: .process
        case .ipc: .ipc
        case .cgroup: .controlGroup
        case .user: .user
        case .time: .time
        }
    }
}

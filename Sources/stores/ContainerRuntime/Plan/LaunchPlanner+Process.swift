internal import LinuxSystem
internal import OCISpec
internal import Reporting

extension LaunchPlanner {
    // MARK: - Through proc

    /// Settings of the kernel that belong to the container's own namespaces.
    mutating func planSysctlsWrites(_ proc: PlanSlot) {
        for (name, value) in (linux.sysctl ?? [:]).sorted(by: { $0.key < $1.key }) {
            operations.append(.write(at: proc, path: "sys/" + sysctlPath(name), value: value))
        }
    }

    private func sysctlPath(_ name: String) -> String {
        name.contains("/") ? name : String(name.map { $0 == "." ? "/" : $0 })
    }

    /// Checks the kernel's settings, and writes what goes through proc where the container itself mounts none.
    mutating func planProcSettings() throws(RuntimeError) {
        for (name, value) in linux.sysctl ?? [:] { try checkSysctl(name, value) }
        let settings = !(linux.sysctl ?? [:]).isEmpty || process.oomScoreAdj != nil
        guard settings else { return }
        let slot: PlanSlot
        if let proc {
            slot = proc
        } else {
            slot = makeSlot("proc")
            operations.append(
                .mount(
                    slot,
                    type: "proc",
                    attributes: [.noSetuid, .noDevices, .noExecute],
                    options: [.init(key: "source", value: "proc")]
                )
            )
            planSysctlsWrites(slot)
        }
        if let score = process.oomScoreAdj {
            guard (-1000...1000).contains(score) else {
                throw RuntimeError(.invalidArgument, "oom score adjustment \(score) is not in -1000...1000")
            }
            operations.append(.write(at: slot, path: "self/oom_score_adj", value: "\(score)"))
        }
    }

    /// Only what a namespace of the container keeps apart may be set: else it would be the host's setting.
    private func checkSysctl(_ name: String, _ value: String) throws(RuntimeError) {
        let dotted = sysctlPath(name).split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard dotted.allSatisfy({ !$0.isEmpty && $0 != ".." && $0 != "." && !$0.utf8.contains(0) }) else {
            throw RuntimeError(.invalidArgument, "invalid sysctl \"\(name)\"")
        }
        let ipc: Set<String> = ["msgmax", "msgmnb", "msgmni", "sem", "shmall", "shmmax", "shmmni", "shm_rmid_forced"]
        let kind: NamespaceKind? =
            switch (dotted[0], dotted.count > 1 ? dotted[1] : "") {
            case ("net", _): .network
            case ("kernel", let second) where ipc.contains(second): .ipc
            case ("fs", "mqueue"): .ipc
            case ("kernel", "domainname"): .uts
            default: nil
            }
        guard let kind, !value.utf8.contains(0) else {
            throw RuntimeError(.invalidArgument, "sysctl \"\(name)\" is not in a separate kernel namespace")
        }
        guard separates(kind) else {
            throw RuntimeError(.invalidArgument, "sysctl \"\(name)\" is not allowed in the host's \(kind) namespace")
        }
    }

    // MARK: - The process itself

    var workingDirectory: String { ContainerPath.cleaned(process.cwd) }

    /// Makes the working directory where the image lacks it, while the root can still be written.
    mutating func planWorkingDirectory() {
        if workingDirectory != "/" { operations.append(.directory(at: root, path: workingDirectory, mode: 0o755)) }
    }

    /// From limits to the program's execution. What needs the host's rights comes before they are given up.
    mutating func planProcess() throws(RuntimeError) {
        let user = process.user
        operations.append(.ownStreams(uid: user.uid))
        try planLimits()
        operations.append(.fileModeMask(user.umask ?? 0o022))

        let sets = try capabilitySets()
        operations.append(.boundingSet(sets.bounding))
        operations.append(.changeDirectory(at: root, path: workingDirectory))
        let filter = facts.seccompProgram.map { PlanOperation.seccomp(flags: seccompFlags, program: $0) }
        if (linux.seccomp != nil) != (filter != nil) {
            throw RuntimeError(.internal, "the compiled seccomp filter does not match the specification")
        }
        let keepsPrivileges = process.noNewPrivileges != true
        // Without no_new_privs, loading a filter takes the rights of the host's root.
        if keepsPrivileges, let filter { operations.append(filter) }
        operations.append(.identity(uid: user.uid, gid: user.gid, groups: user.additionalGids ?? []))
        operations.append(
            .capabilities(
                effective: sets.effective,
                permitted: sets.permitted,
                inheritable: sets.inheritable,
                ambient: sets.ambient
            )
        )
        if !keepsPrivileges {
            operations.append(.noNewPrivileges)
            if let filter { operations.append(filter) }
        }
        if request.diesWithParent { operations.append(.deathSignal(9)) }
        if request.usesInit { operations.append(.stayAsInit(name: "socle-init")) }
        planExecution()
    }

    private mutating func planExecution() {
        let arguments = process.args ?? []
        let environment = process.env ?? []
        let name = arguments[0]
        var candidates = [name]
        if !name.contains("/") {
            let path = environment.last { $0.hasPrefix("PATH=") }.map { $0.dropFirst(5) } ?? ""
            candidates = path.split(separator: ":", omittingEmptySubsequences: false).map {
                ($0.isEmpty ? "." : $0) + "/" + name
            }
        }
        operations.append(.execute(candidates: candidates, arguments: arguments, environment: environment))
    }

    private var seccompFlags: UInt64 {
        (linux.seccomp?.flags ?? []).reduce(0) { flags, name in
            switch name {
            case "SECCOMP_FILTER_FLAG_LOG": flags | 2
            case "SECCOMP_FILTER_FLAG_SPEC_ALLOW": flags | 4
            default: flags
            }
        }
    }

    private typealias Sets = (
        bounding: CapabilitySet, effective: CapabilitySet, permitted: CapabilitySet, inheritable: CapabilitySet,
        ambient: CapabilitySet
    )

    private func capabilitySets() throws(RuntimeError) -> Sets {
        let named = process.capabilities ?? RuntimeSpec.Capabilities()
        let last = facts.lastCapability
        let sets: Sets = (
            try CapabilitySet(named.bounding ?? []).limited(to: last),
            try CapabilitySet(named.effective ?? []).limited(to: last),
            try CapabilitySet(named.permitted ?? []).limited(to: last),
            try CapabilitySet(named.inheritable ?? []).limited(to: last),
            try CapabilitySet(named.ambient ?? []).limited(to: last)
        )
        guard sets.effective.isSubset(of: sets.permitted), sets.ambient.isSubset(of: sets.permitted),
            sets.ambient.isSubset(of: sets.inheritable)
        else {
            throw RuntimeError(
                .invalidArgument,
                "effective and ambient capabilities must be permitted, ambient inheritable"
            )
        }
        return sets
    }

    // MARK: - Limits

    /// `RLIMIT_…` as Linux numbers them on both architectures.
    private static let limitNumbers: [String: UInt64] = [
        "RLIMIT_CPU": 0, "RLIMIT_FSIZE": 1, "RLIMIT_DATA": 2, "RLIMIT_STACK": 3, "RLIMIT_CORE": 4, "RLIMIT_RSS": 5,
        "RLIMIT_NPROC": 6, "RLIMIT_NOFILE": 7, "RLIMIT_MEMLOCK": 8, "RLIMIT_AS": 9, "RLIMIT_LOCKS": 10,
        "RLIMIT_SIGPENDING": 11, "RLIMIT_MSGQUEUE": 12, "RLIMIT_NICE": 13, "RLIMIT_RTPRIO": 14, "RLIMIT_RTTIME": 15,
    ]

    private mutating func planLimits() throws(RuntimeError) {
        var seen: Set<String> = []
        for limit in process.rlimits ?? [] {
            guard let number = Self.limitNumbers[limit.type] else {
                throw RuntimeError(.invalidArgument, "unknown resource limit \"\(limit.type)\"")
            }
            guard seen.insert(limit.type).inserted else {
                throw RuntimeError(.invalidArgument, "resource limit \"\(limit.type)\" is given twice")
            }
            guard limit.soft <= limit.hard else {
                throw RuntimeError(.invalidArgument, "the soft limit of \"\(limit.type)\" is above the hard one")
            }
            operations.append(
                .resourceLimit(name: limit.type, resource: number, soft: limit.soft, hard: limit.hard)
            )
        }
    }
}

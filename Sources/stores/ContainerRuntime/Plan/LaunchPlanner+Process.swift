internal import LinuxSystem
internal import OCISpec
internal import Reporting

extension LaunchPlanner {
    // MARK: - Through proc

    /// Settings of the kernel that belong to the container's own namespaces.
    mutating func planSysctlsWrites(_ proc: PlanSlot) {
        let isSet = isMapped && !separates(.network, joined: false)
        for (name, value) in (linux.sysctl ?? [:]).sorted(by: { $0.key < $1.key }) {
            if isSet, networkSettings.contains(where: { $0.key == name }) { continue }
            operations.append(.write(at: proc, path: "sys/" + sysctlPath(name), value: possible(value, of: name)))
        }
    }

    /// Docker's default lets all groups send pings; the kernel takes none that a user namespace doesn't know.
    private func possible(_ value: String, of name: String) -> String {
        guard let space = facts.userSpace, name == "net.ipv4.ping_group_range", value == "0 2147483647" else {
            return value
        }
        return "0 \(min(space.groups.last, 2_147_483_647))"
    }

    /// Those of the network, in order.
    var networkSettings: [(key: String, value: String)] {
        (linux.sysctl ?? [:]).filter { sysctlPath($0.key).hasPrefix("net/") }.sorted { $0.key < $1.key }
    }

    func sysctlPath(_ name: String) -> String {
        name.contains("/") ? name : String(name.map { $0 == "." ? "/" : $0 })
    }

    /// Checks the kernel's settings, and writes what goes through proc where the container itself mounts none.
    mutating func planProcSettings() throws(RuntimeError) {
        for (name, value) in linux.sysctl ?? [:] { try checkSysctl(name, value) }
        let score = isMapped ? nil : try oomScore()
        let label = try confinement()
        guard !(linux.sysctl ?? [:]).isEmpty || score != nil || label != nil else { return }
        let slot: PlanSlot
        if let proc {
            slot = proc
        } else {
            slot = planPrivateProc()
            planSysctlsWrites(slot)
        }
        if let score { operations.append(.write(at: slot, path: "self/oom_score_adj", value: "\(score)")) }
        if let label { operations.append(.write(at: slot, path: label.file, value: label.value)) }
    }

    /// A proc that is mounted nowhere.
    mutating func planPrivateProc() -> PlanSlot {
        let slot = makeSlot("proc")
        operations.append(
            .mount(
                slot,
                type: "proc",
                attributes: [.noSetuid, .noDevices, .noExecute],
                options: [.init(key: "source", value: "proc")]
            )
        )
        return slot
    }

    func oomScore() throws(RuntimeError) -> Int? {
        guard let score = process.oomScoreAdj else { return nil }
        guard (-1000...1000).contains(score) else {
            throw RuntimeError(.invalidArgument, "oom score adjustment \(score) is not in -1000...1000")
        }
        // An engine that asks for a score gets it or an error: it may be lower than the own one and allowed all the same.
        if request.bundle != nil { return score }
        // A process that may not lower its own score keeps it where nothing lower was asked for by name.
        return score == 0 ? max(0, facts.leastScore) : score
    }

    /// What the program's AppArmor profile takes to be written, below proc.
    func confinement() throws(RuntimeError) -> (file: String, value: String)? {
        guard let profile = process.apparmorProfile, !profile.isEmpty else { return nil }
        guard let file = facts.confinementFile else {
            throw RuntimeError(
                .unsupported,
                "apparmor is specified in config, but this kernel has it not or not enabled"
            )
        }
        guard !profile.utf8.contains(0), !profile.utf8.contains(10) else {
            throw RuntimeError(.invalidArgument, "invalid apparmor profile name")
        }
        return (file, "exec \(profile)")
    }

    /// Only what a namespace of the container keeps apart may be set: else it would be the host's setting.
    func checkSysctl(_ name: String, _ value: String) throws(RuntimeError) {
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
        if facts.userSpace?.hasFileStreams != true { operations.append(.ownStreams(uid: user.uid)) }
        // In a user's namespace, they were set before it was entered.
        if !isMapped { try planLimits() }
        operations.append(.fileModeMask(user.umask ?? 0o022))

        let sets = try capabilitySets()
        try planBoundingSet(sets.bounding)
        operations.append(.changeDirectory(at: root, path: workingDirectory))
        try planScheduling()
        planDescriptors()
        let flags = try linux.seccomp.map { (seccomp) throws(RuntimeError) in try SeccompFlag.bits(of: seccomp) }
        var filter = facts.seccompProgram.map { PlanOperation.seccomp(flags: flags ?? 0, program: $0) }
        if (linux.seccomp != nil) != (filter != nil) {
            throw RuntimeError(.internal, "the compiled seccomp filter does not match the specification")
        }
        let keepsPrivileges = process.noNewPrivileges != true
        // Without no_new_privs, loading a filter takes the rights of the host's root.
        if keepsPrivileges, let filter { operations.append(filter) }
        try planIdentity(user)
        operations.append(
            .capabilities(
                effective: sets.effective,
                permitted: sets.permitted,
                inheritable: sets.inheritable,
                ambient: sets.ambient
            )
        )
        if !keepsPrivileges { operations.append(.noNewPrivileges) }
        if request.bundle?.waitsForStart == true {
            let socket = resource(.startSocket, name: "start socket")
            operations.append(.look(candidates: candidates))
            // Only who makes the container can tell whoever answers for it.
            if !keepsPrivileges, linux.seccomp?.asksSomebody == true, let last = filter {
                operations.append(last)
                filter = nil
            }
            operations += [.pause(.ready), .awaitStart(socket, words: lastWords)]
        }
        if !keepsPrivileges, let filter { operations.append(filter) }
        if request.diesWithParent { operations.append(.deathSignal(9)) }
        if request.usesInit { operations.append(.stayAsInit(name: "socle-init")) }
        planExecution()
    }

    /// Takes away what nothing that the program executes may get. Without the right to, `no_new_privs` does the same: then
    /// nothing gets more than the program has.
    private mutating func planBoundingSet(_ set: CapabilitySet) throws(RuntimeError) {
        let mayTake = isMapped || request.bundle != nil || facts.rights.has(.setCapabilities)
        if mayTake { return operations.append(.boundingSet(set)) }
        let more = facts.rights.bounding.subtracting(set).limited(to: facts.lastCapability)
        if more.mask == 0 || process.noNewPrivileges == true { return }
        throw RuntimeError(
            .forbidden,
            "unable to start container process: unable to apply the bounding set of caps: socle itself lacks CAP_SETPCAP"
        )
    }

    private mutating func planIdentity(_ user: RuntimeSpec.User) throws(RuntimeError) {
        let groups = user.additionalGids ?? []
        if !isMapped, try isAlready(user, groups) { return }
        if let space = facts.userSpace, !isMapped {
            if let missing = ([user.gid] + groups).first(where: { !space.groups.contains($0) }) {
                throw unknown("group \(missing)", space.groups, "/etc/subgid")
            }
            if !space.users.contains(user.uid) { throw unknown("user \(user.uid)", space.users, "/etc/subuid") }
            // Who has one number can neither become somebody else nor change groups, which the kernel forbids.
            if space.users.count == 1 { return }
        }
        operations.append(.identity(uid: user.uid, gid: user.gid, groups: groups))
    }

    /// Whether the program can only run as who this process is, and shall. Groups that the image gives its user are left out then:
    /// the container's own files are all that they are about.
    private func isAlready(_ user: RuntimeSpec.User, _ groups: [UInt32]) throws(RuntimeError) -> Bool {
        let rights = facts.rights
        if facts.userSpace?.users.count == 1 { return false }
        let missing = [Capability.setUser, .setGroup].filter { !rights.has($0) }
        if missing.isEmpty || (user.uid == 0 && rights.has(.setGroup)) { return false }
        let known = Set(groups + [user.gid])
        if user.uid == 0, user.gid == rights.group, known.isSuperset(of: rights.groups) { return true }
        let who =
            "\(user.uid):\(user.gid)"
            + (groups.isEmpty ? "" : " groups \(groups.map(String.init).joined(separator: ","))")
        throw RuntimeError(
            .forbidden,
            "unable to start container process: can't become \(who): socle itself lacks \(missing.map(\.name).joined(separator: ", "))"
        )
    }

    private func unknown(_ what: String, _ map: IDMap, _ file: String) -> RuntimeError {
        RuntimeError(
            .exhausted,
            "unable to start container process: \(what) is not among the \(map.count) that this user has: see \(file)"
        )
    }

    private mutating func planScheduling() throws(RuntimeError) {
        if let personality = linux.personality {
            let numbers: [String: UInt64] = ["LINUX": 0, "LINUX32": 8]
            guard let number = numbers[personality.domain] else {
                throw RuntimeError(.invalidArgument, "invalid personality domain \"\(personality.domain)\"")
            }
            operations.append(.personality(number))
        }
        if let scheduler = process.scheduler { operations.append(.scheduler(try SchedulerSetting(scheduler))) }
        if let priority = process.ioPriority {
            let classes = ["IOPRIO_CLASS_RT": 1, "IOPRIO_CLASS_BE": 2, "IOPRIO_CLASS_IDLE": 3]
            let level = priority.priority ?? 0
            guard let kind = classes[priority.class], (0...7).contains(level) else {
                throw RuntimeError(.invalidArgument, "invalid ioPriority: class \(priority.class), priority \(level)")
            }
            operations.append(.ioPriority(UInt64(kind << 13 | level)))
        }
    }

    /// What the container says where its program can't be executed after all, as runc does: it has started by then.
    private var lastWords: [String?] {
        let name = process.args?.first ?? ""
        return (0...133).map { number in
            number == 0 ? nil : "exec \(name): \(SystemError.reason(CInt(number)))\n"
        }
    }

    /// From here on, nothing of the host's stays open but what the program shall have.
    private mutating func planDescriptors() {
        let count = request.bundle?.preservedCount ?? 0
        let first = resources.count
        for index in 0..<count { _ = resource(.preserved(index), name: "descriptor \(3 + index)") }
        operations.append(.seal(first: UInt64(count == 0 ? 0 : first), count: UInt64(count)))
    }

    /// Where the program may be.
    private var candidates: [String] {
        if let program = request.program { return [program] }
        let name = process.args?.first ?? ""
        if name.contains("/") { return [name] }
        let path = (process.env ?? []).last { $0.hasPrefix("PATH=") }.map { $0.dropFirst(5) } ?? ""
        return path.split(separator: ":", omittingEmptySubsequences: false).map {
            ($0.isEmpty ? "." : $0) + "/" + name
        }
    }

    mutating func planExecution() {
        operations.append(
            .execute(candidates: candidates, arguments: process.args ?? [], environment: process.env ?? [])
        )
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

    mutating func planLimits() throws(RuntimeError) {
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

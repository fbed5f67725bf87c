internal import LinuxSystem
internal import OCISpec
internal import Reporting
internal import SystemPackage

extension LaunchPlanner {
    /// What may be mounted below `/proc`: files that make a container's view of the machine its own.
    private static let allowedOnProc: Set<String> = [
        "/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat", "/proc/swaps", "/proc/uptime",
        "/proc/loadavg", "/proc/slabinfo", "/proc/sys/kernel/ns_last_pid", "/proc/sys/crypto/fips_enabled",
    ]

    mutating func plan(_ mount: RuntimeSpec.Mount) throws(RuntimeError) {
        let target = try target(of: mount)
        var options = MountOptions(mount.options ?? [])
        try planOwners(mount, &options)
        let type = mount.type ?? (options.isBind ? "bind" : "")
        if options.copiesUp, options.isBind || type != "tmpfs" || target == "/dev" {
            let what = target == "/dev" ? "at /dev" : "of a mount that is no tmpfs"
            throw RuntimeError(.unsupported, "mount option \"tmpcopyup\" \(what) is not supported")
        }
        switch type {
        case "bind": try planBind(mount, target: target, options: options)
        case _ where options.isBind: try planBind(mount, target: target, options: options)
        case "cgroup", "cgroup2": try planGroups(target: target, options: options)
        case "": throw RuntimeError(.invalidArgument, "mount \"\(mount.destination)\" has no type")
        case "sysfs" where facts.userSpace != nil && !separates(.network):
            planHostTree("/sys", target: target, options: options)
        case "mqueue" where facts.userSpace != nil && !separates(.ipc):
            planHostTree("/dev/mqueue", target: target, options: options)
        default: try planNew(mount, type: type, target: target, options: options)
        }
    }

    /// Whose the files of a bind mount shall seem: as the mount says, else as the container's own namespace has it.
    private func planOwners(_ mount: RuntimeSpec.Mount, _ options: inout MountOptions) throws(RuntimeError) {
        let (users, groups) = (mount.uidMappings ?? [], mount.gidMappings ?? [])
        guard options.mapsOwners || !users.isEmpty || !groups.isEmpty else { return }
        guard options.isBind else {
            throw RuntimeError(
                .unsupported,
                "mapped ids of \"\(mount.destination)\", which is no bind mount, are not supported"
            )
        }
        let isOwn = users.isEmpty && groups.isEmpty
        options.change.owners = try UserMap(
            users: isOwn ? linux.uidMappings ?? [] : users,
            groups: isOwn ? linux.gidMappings ?? [] : groups
        )
    }

    /// The destination without `.`, `..` and doubled separators.
    private func target(of mount: RuntimeSpec.Mount) throws(RuntimeError) -> String {
        guard !mount.destination.utf8.contains(0), mount.source?.utf8.contains(0) != true else {
            throw RuntimeError(.invalidArgument, "a zero byte in a mount's path")
        }
        let target = ContainerPath.cleaned(mount.destination)
        if target == "/" { throw RuntimeError(.invalidArgument, "mounting over \"/\" is refused") }
        return target
    }

    private func attachment(_ target: String, isProc: Bool = false) throws(RuntimeError) -> PlanOperation.Attachment {
        guard target == "/proc" || target.hasPrefix("/proc/") else { return [] }
        if isProc, target == "/proc" { return [] }
        if Self.allowedOnProc.contains(target) { return .onProc }
        throw RuntimeError(.invalidArgument, "\"\(target)\" cannot be mounted because it is inside /proc")
    }

    // MARK: - Bind mounts

    private mutating func planBind(
        _ mount: RuntimeSpec.Mount,
        target: String,
        options: MountOptions
    ) throws(RuntimeError) {
        let given = mount.source.flatMap { request.trees[$0] }
        guard let source = mount.source, source.hasPrefix("/") || given != nil else {
            throw RuntimeError(.invalidArgument, "bind source \"\(mount.source ?? "")\" is not an absolute path")
        }
        guard let isDirectory = facts.sources[source] else {
            throw RuntimeError(.invalidArgument, "bind source path does not exist: \(source)")
        }
        var how = try attachment(target)
        if !isDirectory { how.insert(.file) }
        var change = options.change
        // Only what asks for it itself, in a root that is shared too, as runtimes have it.
        change.staysPeer = change.propagation == .shared && linux.rootfsPropagation?.hasSuffix("shared") == true
        let slot = resource(
            given != nil
                ? .given(name: source, change: change)
                : .tree(path: source, recursive: options.bindsRecursively, change: change),
            name: target
        )
        operations.append(.attach(slot, at: root, path: target, how))
        // The host's own /dev in a container: nothing is made in it.
        if target == "/dev" { devices = nil }
    }

    /// What only the owner of the host's namespaces may mount: the host's own is shown, with all that is below it.
    private mutating func planHostTree(_ source: String, target: String, options: MountOptions) {
        var change = MountChange()
        change.recursiveSet = options.attributes
        let slot = resource(.tree(path: source, recursive: true, change: change), name: target)
        operations.append(.attach(slot, at: root, path: target, []))
    }

    // MARK: - New file systems

    private mutating func planNew(
        _ mount: RuntimeSpec.Mount,
        type: String,
        target: String,
        options: MountOptions
    ) throws(RuntimeError) {
        var attributes = options.attributes
        var data = options.superblock + options.data
        if let groups = facts.userSpace?.groups, type == "devpts" {
            // Terminals belong to a group that a user with few numbers doesn't have.
            data.removeAll { $0.key == "gid" && !($0.value.flatMap { UInt32($0) }.map(groups.contains) ?? false) }
        }
        var how = try attachment(target, isProc: type == "proc")
        if ["proc", "sysfs"].contains(type) { how.insert(.noLinks) }
        let slot = makeSlot(target)
        if attributes.contains(.readOnly) {
            if type == "tmpfs" || target == "/dev" {
                // Mount points may yet have to be made in it.
                attributes.remove(.readOnly)
                readOnlyAtEnd.append(slot)
            } else {
                data.append(.init(key: "ro", value: nil))
            }
        }
        if type == "tmpfs", !data.contains(where: { $0.key == "mode" }) { how.insert(.keepMode) }
        let source = PlanOperation.MountOption(key: "source", value: mount.source ?? type)
        operations.append(.mount(slot, type: type, attributes: attributes, options: [source] + data))
        if type == "proc", proc == nil {
            proc = slot
            planSysctlsWrites(slot)
        }
        if target == "/dev" { try planDevices(in: slot) }
        if options.copiesUp { how.insert(.copyUp) }
        operations.append(.attach(slot, at: root, path: target, how))
        if target == "/dev" { try planHostDevices() }
        if target == "/dev/pts", type == "devpts" { terminals = slot }
    }

    // MARK: - Control groups

    private mutating func planGroups(target: String, options: MountOptions) throws(RuntimeError) {
        let version1 = facts.hierarchies.filter { $0.version == 1 }
        if version1.isEmpty { return planUnified(target: target, options: options) }
        let folder = makeSlot(target)
        operations.append(
            .mount(
                folder,
                type: "tmpfs",
                attributes: options.attributes.subtracting(.readOnly),
                options: [.init(key: "source", value: "tmpfs"), .init(key: "mode", value: "755")]
            )
        )
        // Filled before it gets the mode of what it covers, in which whoever has few rights can't make anything.
        for hierarchy in version1 {
            operations.append(.directory(at: folder, path: hierarchy.name, mode: 0o755))
            guard hierarchy.controllers.count > 1 else { continue }
            for controller in hierarchy.controllers {
                operations.append(.symbolicLink(at: folder, path: controller, target: hierarchy.name))
            }
        }
        operations.append(.attach(folder, at: root, path: target, .keepMode))
        for hierarchy in version1 {
            let slot = resource(
                .groupTree(hierarchy: hierarchy.name, change: MountChange(set: options.attributes)),
                name: "\(target)/\(hierarchy.name)"
            )
            operations.append(.attach(slot, at: folder, path: hierarchy.name, []))
        }
    }

    private mutating func planUnified(target: String, options: MountOptions) {
        if separates(.controlGroup) {
            let slot = makeSlot(target)
            operations.append(
                .mount(
                    slot,
                    type: "cgroup2",
                    attributes: options.attributes,
                    options: [.init(key: "source", value: "cgroup")]
                )
            )
            operations.append(.attach(slot, at: root, path: target, []))
        } else if let hierarchy = facts.hierarchies.first {
            // All of the host's groups, as the names in /proc/self/cgroup have it. Mounted anew, the host's own mount of them would
            // get other options.
            let slot = resource(
                .tree(path: hierarchy.top.string, recursive: false, change: MountChange(set: options.attributes)),
                name: target
            )
            operations.append(.attach(slot, at: root, path: target, []))
        }
    }
}

private import Glibc
internal import LinuxSystem
internal import OCISpec
internal import Reporting
internal import SystemPackage

/// The groups of one container: a directory in each hierarchy, `socle/<id>` below the hierarchy's parent group unless it
/// has a place of its own.
struct ControlGroup: Sendable {
    let id: String
    let hierarchies: [ControlGroupHierarchy]
    var place: GroupPlace?

    private static let folder = "socle"

    /// Makes the directories and sets what `resources` asks for; on an error, nothing is left.
    static func make(
        id: String,
        hierarchies: [ControlGroupHierarchy],
        place: GroupPlace? = nil,
        resources: RuntimeSpec.Resources?
    ) throws(RuntimeError) -> ControlGroup {
        let group = ControlGroup(id: id, hierarchies: hierarchies, place: place)
        var made: [ControlGroupHierarchy] = []
        do throws(RuntimeError) {
            // A scope's group of version 2 is there. Of version 1, systemd makes those of the controllers that it knows.
            for hierarchy in hierarchies where place?.scope == nil || hierarchy.version == 1 {
                try group.makeDirectory(in: hierarchy)
                made.append(hierarchy)
            }
            try group.apply(resources ?? RuntimeSpec.Resources())
        } catch {
            // Never more: a group that was there before belongs to a container that runs.
            ControlGroup(id: id, hierarchies: made, place: place).remove()
            throw error
        }
        return group
    }

    /// The container's directory in a hierarchy.
    func path(in hierarchy: ControlGroupHierarchy) -> FilePath {
        if let place { return FilePath(place.directories[hierarchy.name] ?? "/nonexistent") }
        return hierarchy.parent.appending(Self.folder).appending(id)
    }

    func hierarchy(named name: String) -> ControlGroupHierarchy? { hierarchies.first { $0.name == name } }

    /// The hierarchy of a version 1 controller.
    func hierarchy(of controller: String) -> ControlGroupHierarchy? {
        hierarchies.first { $0.version == 1 && $0.controllers.contains(controller) }
    }

    /// The version 2 hierarchy.
    var unified: ControlGroupHierarchy? { hierarchies.first { $0.version == 2 } }

    /// Whether limits are set through version 2.
    var isUnified: Bool { !hierarchies.contains { $0.version == 1 } }

    // MARK: - Directories

    private func makeDirectory(in hierarchy: ControlGroupHierarchy) throws(RuntimeError) {
        let parent = path(in: hierarchy).parent
        let purpose = "making the container's control group in \(hierarchy.name)"
        for attempt in 0..<100 {
            do {
                if attempt > 0 { try makeAll(parent, in: hierarchy) }
                guard try make(path(in: hierarchy)) || place?.scope != nil || place != nil && isEmpty(hierarchy) else {
                    throw RuntimeError(.conflict, "container id \"\(id)\" is in use: its control group exists")
                }
                if hierarchy.controllers.contains("cpuset") { try copyProcessors(to: path(in: hierarchy)) }
                if place != nil { passOnControllers(from: parent, in: hierarchy) }
                return
            } catch let error as SystemError where error.errno == .noSuchFileOrDirectory && attempt < 99 {
                // The first container since the machine started: the common folder has to be made.
            } catch let error as SystemError {
                throw RuntimeError(purpose, error)
            } catch let error as RuntimeError {
                throw error
            } catch {
                throw RuntimeError(.internal, "\(purpose): \(error)")
            }
        }
    }

    /// Makes a directory that groups are made in, with all that leads to it.
    private func makeAll(_ folder: FilePath, in hierarchy: ControlGroupHierarchy) throws(SystemError) {
        do throws(SystemError) {
            if try make(folder) { try prepare(folder, in: hierarchy) }
        } catch  where error.errno == .noSuchFileOrDirectory && folder.components.count > 1 {
            try makeAll(folder.parent, in: hierarchy)
            if try make(folder) { try prepare(folder, in: hierarchy) }
        }
    }

    /// Whether nobody is in the group, or below it: one that an engine has made for the container.
    private func isEmpty(_ hierarchy: ControlGroupHierarchy) -> Bool {
        (try? read(path(in: hierarchy).appending("cgroup.procs")))?.isEmpty == true
            && GroupTree(top: path(in: hierarchy)).processes.isEmpty
    }

    /// Whether the directory is new.
    private func make(_ path: FilePath) throws(SystemError) -> Bool {
        do {
            try check("mkdir", path.string) { path.withPlatformString { mkdir($0, 0o755) } }
            return true
        } catch  where error.errno == .fileExists {
            return false
        }
    }

    /// A new common folder passes on what its children need.
    private func prepare(_ folder: FilePath, in hierarchy: ControlGroupHierarchy) throws(SystemError) {
        if hierarchy.controllers.contains("cpuset") { try copyProcessors(to: folder) }
        guard isUnified, hierarchy.version == 2 else { return }
        for directory in [folder.parent, folder] { try passOnControllers(of: directory) }
    }

    /// A group that others have made may pass nothing on yet, nor those above it.
    private func passOnControllers(from folder: FilePath, in hierarchy: ControlGroupHierarchy) {
        guard isUnified, hierarchy.version == 2, folder.starts(with: hierarchy.top) else { return }
        if folder != hierarchy.top { passOnControllers(from: folder.parent, in: hierarchy) }
        try? passOnControllers(of: folder)
    }

    private func passOnControllers(of folder: FilePath) throws(SystemError) {
        let available = try read(folder.appending("cgroup.controllers"))
        for controller in available.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            // One that can't be passed on is missed only when a limit asks for it, and then its file isn't there.
            try? write("+\(controller)", to: folder.appending("cgroup.subtree_control"))
        }
    }

    /// A new cpuset group may run nowhere until it is told where.
    private func copyProcessors(to group: FilePath) throws(SystemError) {
        for file in ["cpuset.cpus", "cpuset.mems"] {
            let value = try read(group.parent.appending(file))
            try write(value.split(separator: "\n").first.map(String.init) ?? "", to: group.appending(file))
        }
    }

    // MARK: - Files

    func read(_ path: FilePath) throws(SystemError) -> String { try HostFile.text(path.string, limit: 1 << 20) }

    func write(_ value: String, to path: FilePath) throws(SystemError) {
        try Self.write(value, to: try open(path), at: path)
    }

    /// A file of the group's, for writing.
    func open(_ path: FilePath) throws(SystemError) -> OwnedDescriptor {
        OwnedDescriptor(
            adopting: try check("open", path.string) {
                path.withPlatformString { Glibc.open($0, O_WRONLY | O_CLOEXEC | O_NOFOLLOW) }
            }
        )
    }

    /// One value: the kernel takes each write as a whole.
    static func write(_ value: String, to file: borrowing OwnedDescriptor, at path: FilePath) throws(SystemError) {
        let bytes = Array(value.utf8)
        try check("write", path.string) { Glibc.write(file.raw, bytes, bytes.count) }
    }

    /// Opens the file that takes the container's first process, which puts itself in.
    ///
    /// In version 1 that is `tasks`, which moves one thread, and the first process has no other: `cgroup.procs` waits for a
    /// lock of the whole kernel's, 8 to 16 ms on an idle machine, where `tasks` takes 0.04.
    func processes(in hierarchy: ControlGroupHierarchy) throws(SystemError) -> OwnedDescriptor {
        try open(path(in: hierarchy).appending(hierarchy.version == 1 ? "tasks" : "cgroup.procs"))
    }

    // MARK: - The end

    /// Whether the kernel has killed something in the group for want of memory.
    func ranOutOfMemory() -> Bool {
        let file: FilePath? =
            if let memory = hierarchy(of: "memory") {
                path(in: memory).appending("memory.oom_control")
            } else {
                unified.map { path(in: $0).appending("memory.events") }
            }
        guard let file, let text = try? read(file) else { return false }
        return text.split(separator: "\n").contains { $0.hasPrefix("oom_kill ") && !$0.hasSuffix(" 0") }
    }

    /// Kills all that is in it, and in the groups that the container has made in it.
    func kill() {
        killUnified()
        for hierarchy in hierarchies { GroupTree(top: path(in: hierarchy)).kill() }
    }

    private func killUnified() {
        if let unified { try? write("1", to: path(in: unified).appending("cgroup.kill")) }
    }

    /// Kills what is left and removes the directories, with what the container has made in them. What is gone already is no
    /// error.
    ///
    /// The common folder stays, empty, as Docker's does: making it again for every container would double the cost.
    func remove() {
        killUnified()
        if let scope = place?.scope {
            // Who made it, removes it; where it is made for systemd alone, what is beside it goes first.
            let others = hierarchies.filter { $0.version == 1 && $0.name != "systemd" }
            if !others.isEmpty { ControlGroup(id: id, hierarchies: others, place: place.map { .init(directories: $0.directories) }).remove() }
            return scope.end()
        }
        // The freezer's first: what stands still leaves none of the others.
        let freezer = hierarchy(of: "freezer")
        for hierarchy in hierarchies where hierarchy == freezer { removeDirectory(path(in: hierarchy)) }
        for hierarchy in hierarchies where hierarchy != freezer { removeDirectory(path(in: hierarchy)) }
    }

    /// Processes that have just been killed leave their group a little later.
    private func removeDirectory(_ path: FilePath) {
        for attempt in 0..<50 {
            let result = path.withPlatformString { rmdir($0) }
            if result == 0 || currentErrno() != .resourceBusy { return }
            if attempt % 10 == 1 { GroupTree(top: path).clear() }
            usleep(2_000)
        }
    }
}

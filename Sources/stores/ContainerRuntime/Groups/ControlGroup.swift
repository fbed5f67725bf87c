private import Glibc
internal import LinuxSystem
internal import OCISpec
internal import Reporting
internal import SystemPackage

/// The groups of one container: a directory in each hierarchy, `socle/<id>` below the hierarchy's parent group.
struct ControlGroup: Sendable {
    let id: String
    let hierarchies: [ControlGroupHierarchy]

    private static let folder = "socle"

    /// Makes the directories and sets what `resources` asks for; on an error, nothing is left.
    static func make(
        id: String,
        hierarchies: [ControlGroupHierarchy],
        resources: RuntimeSpec.Resources?
    ) throws(RuntimeError) -> ControlGroup {
        let group = ControlGroup(id: id, hierarchies: hierarchies)
        var made: [ControlGroupHierarchy] = []
        do throws(RuntimeError) {
            for hierarchy in hierarchies {
                try group.makeDirectory(in: hierarchy)
                made.append(hierarchy)
            }
            try group.apply(resources ?? RuntimeSpec.Resources())
        } catch {
            // Never more: a group that was there before belongs to a container that runs.
            ControlGroup(id: id, hierarchies: made).remove()
            throw error
        }
        return group
    }

    /// The container's directory in a hierarchy.
    func path(in hierarchy: ControlGroupHierarchy) -> FilePath {
        hierarchy.parent.appending(Self.folder).appending(id)
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
        let parent = hierarchy.parent.appending(Self.folder)
        let purpose = "making the container's control group in \(hierarchy.name)"
        for attempt in 0..<100 {
            do {
                if attempt > 0, try make(parent) { try prepare(parent, in: hierarchy) }
                guard try make(path(in: hierarchy)) else {
                    throw RuntimeError(.conflict, "container id \"\(id)\" is in use: its control group exists")
                }
                if hierarchy.controllers.contains("cpuset") { try copyProcessors(to: path(in: hierarchy)) }
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
        let available = try read(hierarchy.parent.appending("cgroup.controllers"))
        let wanted = available.split(whereSeparator: { $0 == " " || $0 == "\n" }).map { "+\($0)" }
        for directory in [hierarchy.parent, folder] {
            for controller in wanted {
                // One that can't be passed on is missed only when a limit asks for it, and then its file isn't there.
                try? write(controller, to: directory.appending("cgroup.subtree_control"))
            }
        }
    }

    /// A new cpuset group may run nowhere until it is told where.
    private func copyProcessors(to group: FilePath) throws(SystemError) {
        for file in ["cpuset.cpus", "cpuset.mems"] {
            let value = try read(group.removingLastComponent().appending(file))
            try write(value.split(separator: "\n").first.map(String.init) ?? "", to: group.appending(file))
        }
    }

    // MARK: - Files

    func read(_ path: FilePath) throws(SystemError) -> String { try HostFile.text(path.string, limit: 1 << 20) }

    func write(_ value: String, to path: FilePath) throws(SystemError) {
        let raw = try check("open", path.string) {
            path.withPlatformString { open($0, O_WRONLY | O_CLOEXEC | O_NOFOLLOW) }
        }
        let file = OwnedDescriptor(adopting: raw)
        let bytes = Array(value.utf8)
        try check("write", path.string) { Glibc.write(file.raw, bytes, bytes.count) }
    }

    /// Opens the file that takes the container's first process, which puts itself in.
    ///
    /// In version 1 that is `tasks`, which moves one thread, and the first process has no other: `cgroup.procs` waits for a
    /// lock of the whole kernel's, 8 to 16 ms on an idle machine, where `tasks` takes 0.04.
    func processes(in hierarchy: ControlGroupHierarchy) throws(SystemError) -> OwnedDescriptor {
        let file = path(in: hierarchy).appending(hierarchy.version == 1 ? "tasks" : "cgroup.procs")
        return OwnedDescriptor(
            adopting: try check("open", file.string) {
                file.withPlatformString { open($0, O_WRONLY | O_CLOEXEC | O_NOFOLLOW) }
            }
        )
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

    /// Kills what is left and removes the directories. What is gone already is no error.
    ///
    /// The common folder stays, empty, as Docker's does: making it again for every container would double the cost.
    func remove() {
        if let unified { try? write("1", to: path(in: unified).appending("cgroup.kill")) }
        for hierarchy in hierarchies { removeDirectory(path(in: hierarchy)) }
    }

    /// Processes that have just been killed leave their group a little later.
    private func removeDirectory(_ path: FilePath) {
        for attempt in 0..<50 {
            let result = path.withPlatformString { rmdir($0) }
            if result == 0 || currentErrno() != .resourceBusy { return }
            if attempt % 10 == 1 { killAll(in: path) }
            usleep(2_000)
        }
    }

    private func killAll(in path: FilePath) {
        guard let text = try? read(path.appending("cgroup.procs")) else { return }
        for line in text.split(separator: "\n") {
            // A zero is a process of another process namespace, which isn't ours.
            if let pid = Int32(line), pid > 1, pid != getpid() { kill(pid, SIGKILL) }
        }
    }
}

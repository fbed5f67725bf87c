private import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A control group with all groups below it: a container may make some, as many and as deep as it likes, and by any name.
struct GroupTree: Sendable {
    let top: FilePath

    /// The processes in any of them.
    var processes: [Int32] {
        var found: [Int32] = []
        walk { found += Self.processes(of: $0) }
        return found
    }

    /// Kills all processes in them.
    func kill() { walk { Self.end($0) } }

    /// Kills all processes in them, and removes all groups but the top one. Where processes take a moment to go, groups stay.
    func clear() {
        walk({ Self.end($0) }, left: { parent, name in _ = try? parent.remove(name, directory: true) })
    }

    // MARK: - One group

    private static func processes(of group: borrowing Directory) -> [Int32] {
        guard let file = try? group.open("cgroup.procs", flags: O_RDONLY),
            let bytes = try? DescriptorIO.readAll(file.raw, limit: 1 << 20)
        else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { Int32($0) }
    }

    private static func end(_ group: borrowing Directory) {
        // A zero is a process of another process namespace, which isn't ours.
        for pid in processes(of: group) where pid > 1 && pid != getpid() { Glibc.kill(pid, SIGKILL) }
        // In version 1, one that stands still dies only when it goes on.
        guard let state = try? group.open("freezer.state", flags: O_WRONLY) else { return }
        try? DescriptorIO.write(state.raw, Array("THAWED".utf8).span)
    }

    // MARK: - All of them

    /// - Parameters:
    ///   - visit: gets each group, before those below it.
    ///   - left: gets what each group but the top one is in, and its name, after those below it.
    private func walk(
        _ visit: (borrowing Directory) -> Void,
        left: (borrowing Directory, PathBytes) -> Void = { _, _ in }
    ) {
        // Groups that go away meanwhile have nothing for us.
        try? descend(visit, left)
    }

    private func descend(
        _ visit: (borrowing Directory) -> Void,
        _ left: (borrowing Directory, PathBytes) -> Void
    ) throws(SystemError) {
        guard let name = top.lastComponent?.string else { return }
        // From above: what somebody has mounted there isn't entered, and has no processes to tell of, whatever its files say.
        var descent = try Descent(try Directory.open(top.parent))
        try descent.enter(PathBytes(name))
        visit(descent.current)
        var waiting = [Self.groups(in: descent.current)]
        while let level = waiting.indices.last {
            if let next = waiting[level].popLast() {
                do throws(SystemError) { try descent.enter(next) } catch { continue }
                visit(descent.current)
                waiting.append(Self.groups(in: descent.current))
            } else {
                waiting.removeLast()
                guard !waiting.isEmpty, let name = try descent.leave() else { return }
                left(descent.current, name)
            }
        }
    }

    private static func groups(in group: borrowing Directory) -> [PathBytes] {
        ((try? group.entries()) ?? []).filter { $0.kind == .directory }.map(\.name)
    }
}

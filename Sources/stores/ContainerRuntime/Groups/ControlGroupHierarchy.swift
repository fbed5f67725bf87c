private import Glibc
internal import LinuxSystem
package import SystemPackage

/// One hierarchy of control groups that the machine has mounted, and where containers' groups go in it.
package struct ControlGroupHierarchy: Sendable, Hashable {
    /// 1 or 2.
    package var version: Int
    /// The folder's name below `/sys/fs/cgroup`: `cpu,cpuacct`, `systemd`, `unified`.
    package var name: String
    /// The controllers of a version 1 hierarchy; empty for a named one and for version 2.
    package var controllers: [String]
    /// The directory in which the containers' groups are made.
    package var parent: FilePath
    /// Where the hierarchy is mounted.
    package var top: FilePath

    package init(version: Int, name: String, controllers: [String], parent: FilePath, top: FilePath? = nil) {
        self.top = top ?? parent
        self.version = version
        self.name = name
        self.controllers = controllers
        self.parent = parent
    }

    /// The hierarchies that containers join, in the order of the machine's mounts.
    ///
    /// Where both versions are mounted, the limits are version 1's and nothing is missed in version 2, whose group costs
    /// more to join than everything else takes. But systemd looks there for who is in a scope. A user's scope is his, wherever
    /// this process is.
    ///
    /// - Parameter place: where the container's groups are, unless they are in the usual place.
    package static func discover(for place: GroupPlace? = nil) throws(RuntimeError) -> [ControlGroupHierarchy] {
        let all = try discoverAll()
        if place?.scope != nil { return all }
        if !OwnUserNamespace.isInitial { return delegated(all, own: try ownUnifiedGroup()) }
        return all.contains { $0.version == 1 } ? all.filter { $0.version == 1 } : all
    }

    /// Every hierarchy that is mounted.
    static func discoverAll() throws(RuntimeError) -> [ControlGroupHierarchy] {
        do {
            let membership = try HostFile.text("/proc/self/cgroup", limit: 1 << 20)
            return parse(mounts: try HostFile.text("/proc/self/mountinfo", limit: 16 << 20), membership: membership)
        } catch {
            throw RuntimeError("reading the control group hierarchies", error)
        }
    }

    /// The group of version 2 that this process is in, from the hierarchy's top.
    static func ownUnifiedGroup() throws(RuntimeError) -> String {
        do { return memberships(try HostFile.text("/proc/self/cgroup", limit: 1 << 20))[""] ?? "/" } catch {
            throw RuntimeError("reading this process's control group", error)
        }
    }

    /// From the texts of `/proc/self/mountinfo` and `/proc/self/cgroup`.
    ///
    /// Version 1 groups are made below the group that this process is in: its limits go on counting. A machine with
    /// nothing but version 2 doesn't allow that, since a group has either processes or children with controllers; there
    /// they are made below the hierarchy's root, as Docker makes them.
    package static func parse(mounts: String, membership: String) -> [ControlGroupHierarchy] {
        let own = memberships(membership)
        var found: [ControlGroupHierarchy] = []
        for fields in groupMounts(mounts) {
            guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else { continue }
            let (root, point, type) = (String(fields[3]), FilePath(unescaped(fields[4])), fields[dash + 1])
            guard let name = point.lastComponent?.string, !found.contains(where: { $0.name == name }) else { continue }
            if type == "cgroup2" {
                found.append(.init(version: 2, name: name, controllers: [], parent: below(point, root, own[""] ?? "/"), top: point))
                continue
            }
            let options = fields[dash + 3].split(separator: ",").map(String.init)
            guard
                let (key, path) = own.first(where: { entry in
                    !entry.key.isEmpty && entry.key.split(separator: ",").allSatisfy { options.contains(String($0)) }
                })
            else { continue }
            let controllers = key.hasPrefix("name=") ? [] : key.split(separator: ",").map(String.init)
            found.append(.init(version: 1, name: name, controllers: controllers, parent: below(point, root, path), top: point))
        }
        if !found.contains(where: { $0.version == 1 }), let index = found.indices.first {
            found[index].parent = found[index].top
        }
        return found
    }

    /// What an ordinary user has of them: the part of version 2 that was made his own, up to the highest group from which
    /// he may move processes. Nothing where version 1 has the limits, which can't be given away.
    private static func delegated(_ all: [ControlGroupHierarchy], own: String) -> [ControlGroupHierarchy] {
        guard all.count == 1, var hierarchy = all.first, hierarchy.version == 2 else { return [] }
        var found: FilePath?
        var group = FilePath(hierarchy.parent.string + (own == "/" ? "" : own))
        while group != hierarchy.parent, group.starts(with: hierarchy.parent) {
            let isOurs = [group, group.appending("cgroup.procs")].allSatisfy { path in
                path.withPlatformString { access($0, W_OK) } == 0
            }
            if isOurs { found = group }
            group.removeLastComponent()
        }
        guard let found else { return [] }
        hierarchy.parent = found
        return [hierarchy]
    }

    /// The group's path by what the line names: `cpu,cpuacct`, `name=systemd`, or nothing for version 2.
    private static func memberships(_ text: String) -> [String: String] {
        var found: [String: String] = [:]
        for line in lines(text) {
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            if parts.count == 3 { found[String(Substring(parts[1]))] = String(Substring(parts[2])) }
        }
        return found
    }

    /// The words of the lines that tell of control groups. Machines have thousands of other mounts, so these are looked for as bytes.
    private static func groupMounts(_ text: String) -> [[Substring]] {
        let bytes = Array(text.utf8)
        let (mark, newline) = (Array(" - cgroup".utf8), UInt8(ascii: "\n"))
        var found: [[Substring]] = []
        var position = 0
        while let place = ByteSearch.firstIndex(of: mark, in: bytes, from: position) {
            let start = bytes[..<place].lastIndex(of: newline).map { $0 + 1 } ?? 0
            position = bytes[place...].firstIndex(of: newline) ?? bytes.count
            found.append(
                bytes[start..<position].split(separator: UInt8(ascii: " ")).map { Substring(decoding: $0, as: UTF8.self) }
            )
        }
        return found
    }

    private static func lines(_ text: String) -> [Substring.UTF8View] { text.utf8.split(separator: UInt8(ascii: "\n")) }

    /// A group's directory, where `root` of the hierarchy is mounted at `point`.
    private static func below(_ point: FilePath, _ root: String, _ path: String) -> FilePath {
        let rest =
            root != "/" && (path == root || path.hasPrefix(root + "/")) ? String(path.dropFirst(root.count)) : path
        return FilePath(point.string + (rest == "/" ? "" : rest))
    }

    /// Mount points are written with octal escapes for spaces.
    private static func unescaped(_ field: Substring) -> String {
        field.contains("\\")
            ? field.split(separator: "\\040", omittingEmptySubsequences: false).joined(separator: " ") : String(field)
    }
}

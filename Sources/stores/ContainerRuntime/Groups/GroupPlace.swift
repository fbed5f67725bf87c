internal import OCISpec
internal import Reporting
internal import SystemPackage

/// Where a container's control groups are: a directory in every hierarchy, by the hierarchy's name.
package struct GroupPlace: Sendable, Hashable, Codable {
    package var directories: [String: String]
    /// The unit that systemd made the group for, where it did.
    package private(set) var scope: SystemdScope?

    /// Where every container is for which nobody says anything else.
    package static func standard(_ id: String) -> String { "/socle/\(id)" }

    package init(directories: [String: String]) { self.directories = directories }

    /// The group of a scope.
    package init(scope: SystemdScope) throws(RuntimeError) {
        directories = [:]
        self.scope = scope
        for hierarchy in try ControlGroupHierarchy.discover(for: self) { directories[hierarchy.name] = hierarchy.top.string + scope.path }
    }

    /// The place that a specification's `cgroupsPath` means: below the hierarchy's top where it is absolute, else below the
    /// group that this process is in. Without one, it is the container's id.
    package init(cgroupsPath: String?, id: String) throws(RuntimeError) {
        let path = cgroupsPath.flatMap { $0.isEmpty ? nil : $0 } ?? id
        guard !path.utf8.contains(0), !path.contains("\n") else {
            throw RuntimeError(.invalidArgument, "invalid cgroupsPath \"\(path)\"")
        }
        if path.split(separator: ":", omittingEmptySubsequences: false).count == 3 {
            throw RuntimeError(
                .unsupported,
                "cgroupsPath \"\(path)\" is one for systemd, whose groups weren't asked for",
                hint: "give --systemd-cgroup, or use the engine's cgroupfs driver"
            )
        }
        // A path can't leave the hierarchy.
        let inner = ContainerPath.cleaned(path)
        if inner == "/" { throw RuntimeError(.invalidArgument, "invalid cgroupsPath \"\(path)\"") }
        directories = [:]
        for hierarchy in try ControlGroupHierarchy.discover() {
            let base = path.hasPrefix("/") ? hierarchy.top : hierarchy.parent
            directories[hierarchy.name] = base.string + inner
        }
    }
}

extension GroupPlace {
    /// The place of groups inside of these: one `path` for all or, for a controller's, `controller[,controller]:path`.
    package func below(_ words: [String]) throws(RuntimeError) -> GroupPlace {
        var place = self
        for word in words {
            let parts = word.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count <= 2 else { throw RuntimeError(.invalidArgument, "invalid --cgroup argument: \(word)") }
            if parts.count == 1, words.count > 1 {
                throw RuntimeError(.invalidArgument, "invalid --cgroup argument: \(word) (missing <controller>: prefix)")
            }
            let path = parts.last ?? ""
            let inner = ContainerPath.cleaned("/" + path)
            guard !path.utf8.contains(0), !path.split(separator: "/").contains("..") else {
                throw RuntimeError(.invalidArgument, "unable to create new parent process: \(path) is not a sub cgroup path")
            }
            let controllers = parts.count == 1 ? nil : parts[0].split(separator: ",", omittingEmptySubsequences: false)
            for controller in controllers ?? [] where !directories.keys.contains(where: { $0.split(separator: ",").contains(controller) }) {
                throw RuntimeError(.invalidArgument, "unable to create new parent process: unknown controller \(controller) in SubCgroupPaths")
            }
            for (name, folder) in directories where inner != "/" {
                if let controllers, !name.split(separator: ",").contains(where: controllers.contains) { continue }
                place.directories[name] = folder + inner
            }
        }
        return place
    }
}

extension LaunchRequest {
    /// Where the specification wants the control groups of a container that comes in no bundle; nil is the usual place.
    var place: GroupPlace? {
        get throws(RuntimeError) {
            guard let path = spec.linux?.cgroupsPath, !path.isEmpty, path != GroupPlace.standard(id) else { return nil }
            return try GroupPlace(cgroupsPath: path, id: id)
        }
    }
}

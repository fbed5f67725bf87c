import ContainerRuntime
import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

/// The host's devices that a container is given: by `--device`, or all of them with `--privileged`.
enum HostDevices {
    /// What has a meaning of its own in each container, or is no device.
    private static let skipped: Set<String> = ["pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev", "console"]

    static func find(_ request: RunRequest) throws -> [SpecMerge.FoundDevice] {
        if request.privileged { return try all(below: try Directory.open("/dev"), at: "/dev", depth: 0) }
        return try request.devices.flatMap(find)
    }

    /// The numbers of the devices that limits name.
    static func numbers(_ limits: BlockLimits?) throws -> [String: DeviceNumber] {
        var found: [String: DeviceNumber] = [:]
        for path in limits?.paths ?? [] {
            guard let status = try HostFile.status(FilePath(path)) else {
                throw RuntimeError(.notFound, "stat \(path): no such file or directory", exitCode: 127)
            }
            found[path] = DeviceNumber(
                major: Int64(status.rawDevice.major),
                minor: Int64(status.rawDevice.minor)
            )
        }
        return found
    }

    private static func find(_ request: DeviceRequest) throws -> [SpecMerge.FoundDevice] {
        let letters = Set(request.permissions)
        guard !letters.isEmpty, letters.isSubset(of: ["r", "w", "m"]), letters.count == request.permissions.count else {
            throw PlainFailure(.invalidArgument, "bad mode specified: \(request.permissions)")
        }
        guard request.container.hasPrefix("/") else {
            throw PlainFailure(.invalidArgument, "bad format for path: \(request.container)")
        }
        let status: FileStatus?
        do { status = try HostFile.status(FilePath(request.host)) } catch {
            throw failure(request.host, error.description)
        }
        guard let status else { throw failure(request.host, "no such file or directory", exitCode: 127) }
        let place = ContainerPath.cleaned(request.container)
        var nodes = [node(status, path: place)].compactMap { $0 }
        if status.kind == .directory {
            nodes = try all(below: try Directory.open(FilePath(request.host)), at: place, depth: 0).map(\.node)
        }
        if nodes.isEmpty { throw failure(request.host, "not a device node") }
        return nodes.map { .init(node: $0, permissions: request.permissions) }
    }

    private static func failure(_ path: String, _ reason: String, exitCode: Int32 = 125) -> RuntimeError {
        RuntimeError(
            .notFound,
            "error gathering device information while adding custom device \"\(path)\": \(reason)",
            exitCode: exitCode
        )
    }

    private static func all(
        below folder: borrowing Directory,
        at path: String,
        depth: Int
    ) throws -> [SpecMerge.FoundDevice] {
        guard depth < 16 else { return [] }
        var found: [SpecMerge.FoundDevice] = []
        for entry in try folder.entries().sorted(by: { $0.name < $1.name }) {
            let name = entry.name.description
            // What disappears meanwhile isn't there.
            guard !skipped.contains(name), let status = try folder.status(entry.name) else { continue }
            let place = "\(path)/\(name)"
            if status.kind == .directory {
                found += try all(below: try folder.directory(entry.name), at: place, depth: depth + 1)
            } else if let node = node(status, path: place) {
                found.append(.init(node: node, permissions: "rwm"))
            }
        }
        return found
    }

    private static func node(_ status: FileStatus, path: String) -> RuntimeSpec.Device? {
        let type: String
        switch status.kind {
        case .characterDevice: type = "c"
        case .blockDevice: type = "b"
        default: return nil
        }
        return .init(
            path,
            type: type,
            major: Int64(status.rawDevice.major),
            minor: Int64(status.rawDevice.minor),
            fileMode: status.permissions,
            uid: status.uid,
            gid: status.gid
        )
    }
}

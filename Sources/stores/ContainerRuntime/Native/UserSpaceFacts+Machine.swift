private import CLinuxShims
internal import LinuxSystem
internal import OCISpec
internal import SystemPackage

extension UserSpaceFacts {
    /// Those that a request's plan depends on; nil where root is the machine's own.
    static func gather(for request: LaunchRequest) -> UserSpaceFacts? {
        if OwnUserNamespace.isInitial { return nil }
        var facts = UserSpaceFacts(users: OwnUserNamespace.users, groups: OwnUserNamespace.groups)
        for device in request.spec.linux?.devices ?? [] { facts.devices[device.path] = path(of: device) }
        if case .descriptors(let input, let output, let error) = request.io {
            facts.hasFileStreams = [input, output, error].contains { (try? FileStatus(of: $0))?.kind == .file }
        }
        return facts
    }

    /// A device can't be made in a user namespace: where the host has it. The kernel says under which name.
    private static func path(of device: RuntimeSpec.Device) -> String? {
        let isSame = { (path: String) in
            guard let folder = try? Directory.open("/"), let file = try? folder.openInRoot(PathBytes(path), flags: LINUX_O_PATH),
                let status = try? FileStatus(of: file.raw)
            else { return false }
            return status.kind == (device.type == "b" ? .blockDevice : .characterDevice)
                && Int64(status.rawDevice.major) == device.major && Int64(status.rawDevice.minor) == device.minor
        }
        if isSame(device.path) { return device.path }
        let folder = device.type == "b" ? "block" : "char"
        let text = try? HostFile.text("/sys/dev/\(folder)/\(device.major ?? 0):\(device.minor ?? 0)/uevent", limit: 65_536)
        let name = text?.split(separator: "\n").first { $0.hasPrefix("DEVNAME=") }?.dropFirst(8)
        return name.map { "/dev/\($0)" }.flatMap { isSame($0) ? $0 : nil }
    }
}

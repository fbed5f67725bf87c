private import CLinuxShims
internal import LinuxSystem
internal import OCISpec
internal import SystemPackage

/// Where the host has devices, for containers that can only be shown them: nobody may make devices in a user namespace, nor
/// without `CAP_MKNOD`.
enum HostDevicePlaces {
    /// By the devices' paths in the container; nil where devices can be made.
    static func gather(for spec: RuntimeSpec) -> [String: String]? {
        if OwnUserNamespace.isInitial, OwnCapabilities.has(.makeNode) { return nil }
        var places: [String: String] = [:]
        for device in spec.linux?.devices ?? [] { places[device.path] = path(of: device) }
        return places
    }

    /// Where the host has a device. The kernel says under which name.
    private static func path(of device: RuntimeSpec.Device) -> String? {
        let isSame = { (path: String) in
            guard let folder = try? Directory.open("/"),
                let file = try? folder.openInRoot(PathBytes(path), flags: LINUX_O_PATH),
                let status = try? FileStatus(of: file.raw)
            else { return false }
            return status.kind == (device.type == "b" ? .blockDevice : .characterDevice)
                && Int64(status.rawDevice.major) == device.major && Int64(status.rawDevice.minor) == device.minor
        }
        if isSame(device.path) { return device.path }
        let folder = device.type == "b" ? "block" : "char"
        let text = try? HostFile.text(
            "/sys/dev/\(folder)/\(device.major ?? 0):\(device.minor ?? 0)/uevent",
            limit: 65_536
        )
        let name = text?.split(separator: "\n").first { $0.hasPrefix("DEVNAME=") }?.dropFirst(8)
        return name.map { "/dev/\($0)" }.flatMap { isSame($0) ? $0 : nil }
    }
}

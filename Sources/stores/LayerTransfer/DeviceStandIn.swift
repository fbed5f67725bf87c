import LinuxSystem
import TarFormat

/// What stands for a device where none can be made, in a user namespace: an empty file with an attribute that says which.
///
/// Programs in a container see the file; what is packed again is the device, so that an image is the same whoever made it.
enum DeviceStandIn {
    static let attribute: PathBytes = "user.socle.device"

    /// `c 1:3`
    static func value(_ kind: TarEntry.Kind) -> [UInt8]? {
        switch kind {
        case .characterDevice(let major, let minor): Array("c \(major):\(minor)".utf8)
        case .blockDevice(let major, let minor): Array("b \(major):\(minor)".utf8)
        default: nil
        }
    }

    /// The device that a file stands for; nil where it stands for itself.
    static func device(_ status: FileStatus, _ attributes: [TarEntry.XAttr]) -> TarEntry.Kind? {
        guard !OwnUserNamespace.isInitial, status.kind == .file, status.size == 0,
            let value = attributes.first(where: { PathBytes($0.name) == attribute })?.value
        else { return nil }
        let parts = String(decoding: value, as: UTF8.self).split(separator: " ")
        let numbers = parts.last?.split(separator: ":").compactMap { UInt32($0) } ?? []
        guard parts.count == 2, numbers.count == 2, numbers[0] < 1 << 12, numbers[1] < 1 << 20 else { return nil }
        switch parts[0] {
        case "c": return .characterDevice(major: numbers[0], minor: numbers[1])
        case "b": return .blockDevice(major: numbers[0], minor: numbers[1])
        default: return nil
        }
    }
}

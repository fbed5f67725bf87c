/// What the kernel lets this process do though it owns nothing of it. Root may lack some of it, in a container most of all.
///
/// Asked only after the program has entered the user namespace that it wants, as with `OwnUserNamespace`: the answers are kept.
package enum OwnCapabilities {
    /// What may be done, as the kernel's mask.
    package static var effective: UInt64 { masks.effective }
    /// What this process can give to a program that it starts.
    package static var grantable: UInt64 { masks.permitted & masks.bounding }
    /// What programs that are executed can get at all.
    package static var bounding: UInt64 { masks.bounding }

    package static func has(_ capability: Capability) -> Bool { effective >> capability.rawValue & 1 == 1 }

    /// What `/proc/self/status` says, read once. What can't be read is everything: then the kernel's own refusals tell.
    private static let masks = {
        var masks = (effective: UInt64.max, permitted: UInt64.max, bounding: UInt64.max)
        for line in (UserSpace.text("/proc/self/status") ?? "").utf8.split(separator: UInt8(ascii: "\n")) where line.starts(with: "Cap".utf8) {
            let words = line.split { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
            guard words.count == 2, let mask = UInt64(Substring(words[1]), radix: 16) else { continue }
            switch Substring(words[0]) {
            case "CapEff:": masks.effective = mask
            case "CapPrm:": masks.permitted = mask
            case "CapBnd:": masks.bounding = mask
            default: break
            }
        }
        return masks
    }()
}

/// The capabilities that this program itself needs for something, by their numbers in Linux.
package enum Capability: UInt64, Sendable, Hashable, CaseIterable {
    case changeOwner = 0
    case overrideAccess = 1
    case fileOwner = 3
    case kill = 5
    case setGroup = 6
    case setUser = 7
    case setCapabilities = 8
    case networkAdministration = 12
    case changeRoot = 18
    case trace = 19
    case administration = 21
    case nice = 23
    case resource = 24
    case makeNode = 27
    case setFileCapabilities = 31

    /// As Linux names it.
    package var name: String {
        switch self {
        case .changeOwner: "CAP_CHOWN"
        case .overrideAccess: "CAP_DAC_OVERRIDE"
        case .fileOwner: "CAP_FOWNER"
        case .kill: "CAP_KILL"
        case .setGroup: "CAP_SETGID"
        case .setUser: "CAP_SETUID"
        case .setCapabilities: "CAP_SETPCAP"
        case .networkAdministration: "CAP_NET_ADMIN"
        case .changeRoot: "CAP_SYS_CHROOT"
        case .trace: "CAP_SYS_PTRACE"
        case .administration: "CAP_SYS_ADMIN"
        case .nice: "CAP_SYS_NICE"
        case .resource: "CAP_SYS_RESOURCE"
        case .makeNode: "CAP_MKNOD"
        case .setFileCapabilities: "CAP_SETFCAP"
        }
    }
}

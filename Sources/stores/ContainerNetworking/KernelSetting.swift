internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A setting of the kernel's networks, in the network namespace of the calling thread.
struct KernelSetting {
    /// Below `/proc/sys/net`: `ipv4`, `ipv6/conf/eth0`.
    var folder: String
    var name: String

    static let forwarding = KernelSetting(folder: "ipv4", name: "ip_forward")
    /// For all cards. A card that passes packets on listens to no router's offers, unless its `accept_ra` is 2.
    static let forwardingIPv6 = KernelSetting(folder: "ipv6/conf/all", name: "forwarding")

    /// Whether a card has no addresses of version 6, and listens to nobody who offers some.
    static func isWithoutIPv6(_ card: String) -> KernelSetting {
        KernelSetting(folder: "ipv6/conf/\(card)", name: "disable_ipv6")
    }

    /// Has a card speak version 6, and believe nobody who offers routes or addresses, or asks for ours: a container could.
    static func speakIPv6(_ card: String) throws(NetworkError) {
        for name in ["accept_ra", "accept_redirects", "accept_dad"] {
            try KernelSetting(folder: "ipv6/conf/\(card)", name: name).set("0")
        }
        try isWithoutIPv6(card).set("0")
    }

    /// Whether what comes from a card may be sent on to what listens on the loopback address, and the other way round.
    static func routesLoopback(_ card: String) -> KernelSetting {
        KernelSetting(folder: "ipv4/conf/\(card)", name: "route_localnet")
    }

    /// Turns it on where this kernel has it.
    func turnOn() throws(NetworkError) { try set("1") }

    /// Gives it a value of one digit where this kernel has it.
    private func set(_ value: Unicode.Scalar) throws(NetworkError) {
        let digit = UInt8(ascii: value)
        do throws(SystemError) {
            let place = try Directory.open(FilePath("/proc/sys/net/\(folder)"))
            let known = try place.readInRoot(PathBytes(name), limit: 64)
            if known.first == digit { return }
            let file = try place.open(PathBytes(name), flags: O_WRONLY)
            try DescriptorIO.write(file.raw, [digit].span)
        } catch {
            // A kernel without IPv6.
            if error.errno == .noSuchFileOrDirectory { return }
            throw NetworkError(.system(error))
        }
    }
}

internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// A setting of the kernel's networks, in the network namespace of the calling thread.
struct KernelSetting {
    /// Below `/proc/sys/net`: `ipv4`, `ipv6/conf/eth0`.
    var folder: String
    var name: String

    static let forwarding = KernelSetting(folder: "ipv4", name: "ip_forward")

    /// Whether a card has no addresses of version 6, and listens to nobody who offers some.
    static func isWithoutIPv6(_ card: String) -> KernelSetting {
        KernelSetting(folder: "ipv6/conf/\(card)", name: "disable_ipv6")
    }

    /// Whether what comes from a card may be sent on to what listens on the loopback address, and the other way round.
    static func routesLoopback(_ card: String) -> KernelSetting {
        KernelSetting(folder: "ipv4/conf/\(card)", name: "route_localnet")
    }

    /// Turns it on where this kernel has it.
    func turnOn() throws(NetworkError) {
        do throws(SystemError) {
            let place = try Directory.open(FilePath("/proc/sys/net/\(folder)"))
            let known = try place.readInRoot(PathBytes(name), limit: 64)
            if known.first == UInt8(ascii: "1") { return }
            let file = try place.open(PathBytes(name), flags: O_WRONLY)
            try DescriptorIO.write(file.raw, [UInt8(ascii: "1")].span)
        } catch {
            // A kernel without IPv6.
            if error.errno == .noSuchFileOrDirectory { return }
            throw NetworkError(.system(error))
        }
    }
}

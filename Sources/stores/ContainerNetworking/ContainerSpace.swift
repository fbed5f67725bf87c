private import CLinuxShims
private import Glibc
internal import LinuxSystem
package import SystemPackage

/// The network namespace of a container.
///
/// It is pinned to a file, so that it is there for every process that starts something in it, and as long as the
/// container is meant to run.
package struct ContainerSpace: ~Copyable {
    let holder: NetworkNamespace

    /// A new one, pinned to a file that is made; `lo` is up.
    package init(pinnedAt path: FilePath) throws(NetworkError) { holder = try Self.make(pinnedAt: path) }

    private static func make(pinnedAt path: FilePath) throws(NetworkError) -> NetworkNamespace {
        var holder = try NetworkNamespace()
        try holder.routing.change(LinkMessages.bringUp(1), "lo")
        let source = "/proc/self/fd/\(holder.descriptor.raw)"
        try network { () throws(SystemError) in
            let folder = try Directory.open(path.parent)
            _ = try folder.open(PathBytes(path.lastComponent?.string ?? ""), flags: O_WRONLY | O_CREAT, mode: 0o600)
            try check("mount", path.string) { linux_bind_file(source, path.string) }
        }
        return holder
    }

    /// One that is there: of a running container.
    package init(at path: FilePath) throws(NetworkError) { holder = try NetworkNamespace(at: path) }

    /// Takes a namespace off its file, which goes as well; nothing happens where there is none.
    package static func unpin(_ path: FilePath) {
        // Once for each time that it was mounted; a file that isn't one any more says so.
        while linux_take_off(path.string) == 0 {}
        unlink(path.string)
    }

    /// Gives the container's end its address and its routes.
    borrowing func bringUp(_ endpoint: EndpointPlan, on bridge: BridgePlan) throws(NetworkError) {
        var routing = try network { () throws(SystemError) in
            RoutingSocket(adopting: try holder.routing.duplicate())
        }
        let index = try Bridges.index(of: endpoint.card, &routing)
        let address = LinkMessages.add(endpoint.address, prefix: bridge.subnet.prefix, to: index)
        try routing.change(address, endpoint.card)
        try routing.change(LinkMessages.bringUp(index), endpoint.card)
        for case .v4(let address) in endpoint.linkLocal {
            try routing.change(LinkMessages.add(address, prefix: 16, to: index), endpoint.card)
        }
        try bringUpIPv6(endpoint, on: bridge, index, &routing)
        try lead(through: endpoint, on: bridge)
    }

    /// Has the ways to everywhere that are its lead through a card that is up.
    package borrowing func lead(through endpoint: EndpointPlan, on bridge: BridgePlan) throws(NetworkError) {
        if bridge.isInternal { return }
        var routing = try network { () throws(SystemError) in
            RoutingSocket(adopting: try holder.routing.duplicate())
        }
        let index = try Bridges.index(of: endpoint.card, &routing)
        if endpoint.isDefaultRoute {
            try routing.change(LinkMessages.addDefaultRoute(through: bridge.gateway, on: index), "default route")
        }
        if endpoint.isDefaultRouteIPv6, let plan = bridge.ipv6 {
            try routing.change(LinkMessages.addDefaultRoute(through: plan.gateway, on: index), "default route")
        }
    }

    /// The same of version 6, where the network speaks it. A card of a namespace of ours doesn't until it is told to.
    private borrowing func bringUpIPv6(
        _ endpoint: EndpointPlan,
        on bridge: BridgePlan,
        _ index: UInt32,
        _ routing: inout RoutingSocket
    ) throws(NetworkError) {
        guard let plan = bridge.ipv6, let address = endpoint.ipv6 else { return }
        let card = endpoint.card
        let path = FilePath("/proc/self/fd/\(holder.descriptor.raw)")
        try NetworkNamespace.within(path) { () throws(NetworkError) in try KernelSetting.speakIPv6(card) }
        try routing.change(LinkMessages.add(address, prefix: plan.subnet.prefix, to: index), card)
        for case .v6(let address) in endpoint.linkLocal {
            try routing.change(LinkMessages.add(address, prefix: 64, to: index), card)
        }
    }
}

import ContainerNetworking
import LinuxSystem
import MetadataStorage
import Reporting
import SystemPackage

extension Networks {
    /// Takes a container off one network.
    ///
    /// - Parameter pid: its first process, where it runs: another network's card then leads out in place of this one's.
    func disconnect(_ id: String, from network: ContainerNetworkState, pid: Int32? = nil) throws {
        let gone = try endpoints(of: id).filter { $0.network.id == network.id }
        if gone.contains(where: \.isUserMode) {
            throw PlainFailure(.unsupported, "an ordinary user's container keeps its network while it runs")
        }
        try takeOff(gone)
        let heirs: [Endpoint] = try metadata.transaction {
            try metadata.networks.deleteEndpoints(of: id, on: network.id)
            let places = try self.heirs(of: gone)
            for heir in places { try metadata.networks.update(heir.row()) }
            try follow(gone)
            return places
        }
        for heir in heirs {
            guard let pid, let bridge = heir.network.plan else { continue }
            var plan = heir.plan
            // What it led before, it leads still.
            plan.isDefaultRoute = plan.isDefaultRoute && gone.contains(where: \.document.isDefaultRoute)
            plan.isDefaultRouteIPv6 = plan.isDefaultRouteIPv6 && gone.contains { $0.document.isDefaultRouteIPv6 == true }
            let lead = plan
            try there { try Self.space(of: pid).lead(through: lead, on: bridge) }
            for entrance in heir.entrances { try router.open(entrance) }
        }
    }

    /// The places through which a container is reached, and reaches others, in place of those that went: the first by name
    /// that have a way out.
    private func heirs(of gone: [Endpoint]) throws -> [Endpoint] {
        guard let id = gone.first?.container else { return [] }
        let open = try endpoints(of: id).filter { $0.network.plan?.isInternal == false && !$0.isUserMode }
            .sorted { $0.network.name < $1.network.name }
        var heirs: [Endpoint] = []
        if let last = gone.first(where: \.document.isDefaultRoute), var heir = open.first {
            heir.document.isDefaultRoute = true
            heir.document.ports = last.document.ports
            heir.document.entrances = last.document.entrances
            heirs.append(heir)
        }
        if gone.contains(where: { $0.document.isDefaultRouteIPv6 == true }),
            let heir = open.first(where: { $0.ipv6 != nil })
        {
            if heirs.first?.network.id != heir.network.id { heirs.append(heir) }
            heirs[heirs.count - 1].document.isDefaultRouteIPv6 = true
        }
        return heirs
    }

    /// Where a container's network is found while it runs.
    static func network(of pid: Int32) -> FilePath { FilePath("/proc/\(pid)/ns/net") }

    static func space(of pid: Int32) throws(NetworkError) -> ContainerSpace {
        try ContainerSpace(at: network(of: pid))
    }
}

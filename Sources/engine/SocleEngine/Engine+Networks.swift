import ContainerManagement
import EventStorage
import ImageManagement
package import OCISpec

extension Engine {
    /// `network rm` of one name or ID
    package func removeNetwork(_ name: String) throws {
        let network = try containers.networks.find(name)
        // Places of containers that died are no reason to keep it.
        _ = try containers.networkMembers(network)
        try containers.networks.remove(network.id)
        containers.tell(.network, "destroy", network.id, ["name": network.name, "type": network.document.driver])
    }

    /// `network prune`: the names of those that went
    package func pruneNetworks(_ filter: PruneFilter) throws -> [String] {
        let used = try containers.networksInUse()
        try containers.freeAbandonedPlaces()
        defer { tell(.network, pruned: 0) }
        return try containers.networks.prune(
            where: { network in
                let isOld = filter.until.map { network.createdAt < $0.epochNanoseconds } ?? true
                return isOld && filter.labels.accepts(network.document.labels)
            },
            keeping: used
        )
    }

    /// `network inspect`, in Docker's fields
    package func inspectNetwork(_ name: String) throws -> JSONValue {
        let network = try containers.networks.find(name)
        return NetworkInspection(network: network, members: try containers.networkMembers(network)).value
    }
}

import ContainerMonitor
import ContainerNetworking
import LinuxSystem
package import MetadataStorage
import OCISpec
import Reporting
package import SystemPackage

/// The networks of one store, and who is on them.
///
/// The database says what there is; the kernel's bridges, cards and packet rules follow it. Whoever changes both does so
/// within a transaction, which is also what keeps two processes from doing it at once. What a killed process left half
/// done is put right by the next change, since rules and name server's files are always written as a whole.
package struct Networks: Sendable {
    let metadata: MetadataStore
    let names: NameServer
    /// An ordinary user's networks are there.
    let router: UserModeRouter

    package init(root: FilePath, metadata: MetadataStore) {
        self.metadata = metadata
        let folder = root.appending("networks")
        names = NameServer(folder: folder.appending("names"))
        router = UserModeRouter(folder: folder.appending("router"))
    }

    // MARK: - Looking

    /// All networks, by name.
    package func all() throws -> [ContainerNetworkState] {
        try makePredefined()
        return try metadata.networks.all().map { try ContainerNetworkState($0) }
    }

    /// The network with this name, ID or beginning of an ID.
    package func find(_ text: String) throws -> ContainerNetworkState {
        if NetworkNames.predefined.contains(text) { try makePredefined() }
        if let row = try row(text) { return try ContainerNetworkState(row) }
        throw PlainFailure(.notFound, "network \(text) not found")
    }

    private func row(_ text: String) throws -> NetworkRow? {
        do throws(MetadataError) { return try metadata.networks.row(text) } catch {
            guard case .ambiguous = error.reason else { throw error }
            throw PlainFailure(.invalidArgument, "network \(text) is ambiguous")
        }
    }

    /// Everybody's place.
    func endpoints() throws -> [Endpoint] {
        let networks = try metadata.networks.all().reduce(into: [:]) { $0[$1.id] = try ContainerNetworkState($1) }
        return try metadata.networks.endpoints().compactMap { row in
            try networks[row.network].map { try Endpoint(row, on: $0) }
        }
    }

    /// The places of one container, the one with the way out first.
    func endpoints(of container: String) throws -> [Endpoint] {
        let rows = try metadata.networks.endpoints(of: container)
        if rows.isEmpty { return [] }
        return try rows.compactMap { row in
            try metadata.networks.row(row.network).map { try Endpoint(row, on: ContainerNetworkState($0)) }
        }.sorted {
            ($1.document.isDefaultRoute ? 1 : 0, $0.document.card) < (
                $0.document.isDefaultRoute ? 1 : 0, $1.document.card
            )
        }
    }

    // MARK: - Making

    /// What `network create` asks for.
    package struct Request: Sendable, Hashable {
        package var name: String
        package var subnet: String?
        package var gateway: String?
        package var range: String?
        /// Whether it has addresses of version 6 as well.
        package var isIPv6 = false
        package var subnetIPv6: String?
        package var gatewayIPv6: String?
        package var rangeIPv6: String?
        package var isInternal = false
        package var isAttachable = false
        package var labels: [String: String] = [:]
        package var options: [String: String] = [:]
        /// Addresses that no container gets, by what has them.
        package var reserved: [String: String] = [:]
        /// For the driver of addresses.
        package var ipamOptions: [String: String] = [:]

        package init(name: String) { self.name = name }
    }

    /// `network create`: the new one's ID. The host's bridge is made when the first container comes.
    package func create(_ request: Request) throws -> String {
        guard NetworkNames.isValid(request.name), !NetworkNames.reserved.contains(request.name) else {
            throw PlainFailure(
                .invalidArgument,
                NetworkNames.reserved.contains(request.name)
                    ? "operation is not permitted on predefined \(request.name) network"
                    : "\(request.name) includes invalid characters for a network name, only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
            )
        }
        try makePredefined()
        let routes = try Bridges.routes()
        let routesIPv6 = request.isIPv6 ? try Bridges.routesIPv6() : []
        let own = OwnUserNamespace.isInitial ? [] : [UserModeRouter.subnet]
        return try metadata.transaction {
            let others = try metadata.networks.all().map { try ContainerNetworkState($0) }
            let plans = others.compactMap(\.plan)
            var draft = try NetworkDraft(request, routes: routes, known: plans.map(\.subnet) + own)
            if request.isIPv6 {
                try draft.addIPv6(request, routes: routesIPv6, known: plans.compactMap(\.ipv6?.subnet))
            }
            var document = draft.document
            if !document.link.isEmpty, others.contains(where: { $0.document.link == document.link }) {
                throw PlainFailure(
                    .forbidden,
                    "cannot create network ID (\(document.link)): conflicts with network ID (\(document.link)): networks have same bridge name"
                )
            }
            let id = RandomID.make()
            if document.link.isEmpty { document.link = LinkPlan.namePrefix + "-" + id.prefix(9) }
            try insert(id, request.name, document)
            return id
        }
    }

    private func insert(_ id: String, _ name: String, _ document: NetworkDocument) throws {
        let row = NetworkRow(id: id, name: name, createdAt: WallClock.now(), document: try JSON.encode(document))
        try metadata.networks.insert(row)
    }

    /// Enters `bridge`, `host` and `none` where they are missing, with a range of addresses that the host doesn't use.
    func makePredefined() throws {
        if try metadata.networks.row("bridge") != nil { return }
        // An ordinary user's is none that the host could confuse with others.
        let routes = OwnUserNamespace.isInitial ? try Bridges.routes() : []
        try metadata.transaction {
            if try metadata.networks.row("bridge") != nil { return }
            let known = try metadata.networks.all().map { try ContainerNetworkState($0) }.compactMap(\.plan?.subnet)
            let subnet = try SubnetPool.free(isStandard: true, taken: routes + known)
            var document = NetworkDocument()
            document.subnet = subnet.description
            document.gateway = IPv4Address(subnet.address.number + 1).description
            // Another store of this machine may have the first name.
            var number = 0
            while try Bridges.has(LinkPlan.namePrefix + String(number)) { number += 1 }
            document.link = LinkPlan.namePrefix + String(number)
            try insert(RandomID.make(), "bridge", document)
            for name in ["host", "none"] {
                var document = NetworkDocument()
                document.driver = name == "none" ? "null" : name
                try insert(RandomID.make(), name, document)
            }
        }
    }

    // MARK: - Removing

    /// `network rm`
    package func remove(_ text: String) throws {
        let network = try find(text)
        if network.isPredefined {
            throw PlainFailure(.forbidden, "\(network.name) is a pre-defined network and cannot be removed")
        }
        try metadata.transaction {
            let users = try endpoints().filter { $0.network.id == network.id }
            if let user = users.first {
                throw PlainFailure(
                    .conflict,
                    "error while removing network: network \(network.name) id \(network.id) has active endpoints "
                        + "(\(user.document.name))"
                )
            }
            try metadata.networks.delete(network.id)
            try settleNames()
            guard hasPlace else { return }
            let link = network.document.link
            try there { try Bridges.remove(link) }
            try applyRules(onlyIfThere: true)
        }
    }

    /// `network prune`: the names of those that went. The standard network's bridge and rules go as well where nobody is on
    /// any network; they come back with the next container.
    package func prune(where accepts: (ContainerNetworkState) throws -> Bool, keeping used: Set<String>) throws
        -> [String]
    {
        let busy = Set(try endpoints().map(\.network.id))
        var gone: [String] = []
        for network in try all() where !network.isPredefined && !busy.contains(network.id) {
            guard !used.contains(network.name), !used.contains(network.id), try accepts(network) else { continue }
            try remove(network.id)
            gone.append(network.name)
        }
        try metadata.transaction { try takeDownIdle() }
        return gone
    }

    private func takeDownIdle() throws {
        guard try !endpoints().contains(where: { !$0.isUserMode }) else { return }
        try settleNames()
        guard OwnUserNamespace.isInitial else { return router.stop() }
        for network in try metadata.networks.all().map({ try ContainerNetworkState($0) }) {
            if let plan = network.plan { try Bridges.remove(plan.link) }
        }
        let table = try table()
        if try Bridges.hasTable(table) {
            try Bridges.remove(NetworkRules(table: table, bridges: [], forwardings: []))
        }
    }

    // MARK: - The kernel

    /// Runs `body` where the networks are: on the host, or in an ordinary user's router, on a thread of its own there.
    func there<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
        OwnUserNamespace.isInitial ? try body() : try router.within(body)
    }

    /// Whether there is such a place.
    var hasPlace: Bool { OwnUserNamespace.isInitial || router.isThere }

    /// The packet rules' table: one for each store of the machine.
    func table() throws -> String {
        let link = try metadata.networks.row("bridge").map { try ContainerNetworkState($0).document.link } ?? ""
        let number = link.dropFirst(LinkPlan.namePrefix.utf8.count)
        return LinkPlan.namePrefix + (number == "0" ? "" : "_\(number)")
    }

    /// Makes the packet rules say what the database says.
    func applyRules(onlyIfThere: Bool = false) throws {
        let table = try table()
        if onlyIfThere, try !there({ try Bridges.hasTable(table) }) { return }
        let networks = try metadata.networks.all().map { try ContainerNetworkState($0) }
        let forwardings = try endpoints().flatMap(\.forwardings)
        let rules = NetworkRules(table: table, bridges: networks.compactMap(\.plan), forwardings: forwardings)
        try there { try Bridges.apply(rules) }
    }
}

import ContainerManagement
import ContainerMonitor
import ContainerNetworking
import LinuxSystem
import OCISpec
import Reporting

/// The columns of `ps`.
enum ContainerRow {
    static let headers = [
        "ID": "CONTAINER ID", "Image": "IMAGE", "Command": "COMMAND", "RunningFor": "CREATED",
        "CreatedAt": "CREATED AT",
        "Status": "STATUS", "State": "STATE", "Ports": "PORTS", "Names": "NAMES", "Labels": "LABELS",
        "Mounts": "MOUNTS",
        "Networks": "NETWORKS", "LocalVolumes": "LOCAL VOLUMES", "Size": "SIZE",
    ]

    /// A container of which nothing is known.
    static var empty: TemplateRow {
        TemplateRow(typeName: typeName, fields: headers.mapValues { _ in "" }, labels: [:])
    }

    private static let typeName = "*formatter.ContainerContext"

    static func row(of container: ContainerSummary, isWhole: Bool, now: Timestamp) -> TemplateRow {
        let created = Timestamp(epochNanoseconds: container.createdAt)
        let command = isWhole ? container.command : Ellipsis.text(container.command, 20)
        let mounts = container.mounts.map { mount in
            let name = mount.name ?? mount.source
            return isWhole ? name : Ellipsis.text(name, 15)
        }
        return TemplateRow(
            typeName: typeName,
            fields: [
                "ID": isWhole ? container.id : String(container.id.prefix(12)), "Image": container.imageName,
                "Command": GoText.quoted(command), "RunningFor": GoTime.ago(created, now: now),
                "CreatedAt": GoTime.text(created), "Status": container.status(now: now.epochNanoseconds),
                "State": container.state.word,
                "Ports": PortText.list(container.ports, exposed: container.openPorts), "Names": container.name,
                "Labels": container.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(
                    separator: ","
                ),
                "Mounts": mounts.joined(separator: ","), "Networks": container.networks.joined(separator: ","),
                "LocalVolumes": String(container.mounts.count { $0.kind == .volume }), "Size": container.size.map {
                    "\(HumanSize.decimal($0.written)) (virtual \(HumanSize.decimal($0.whole)))"
                } ?? "0B",
            ],
            labels: container.labels
        )
    }
}

/// The filters of `ps`.
struct ContainerFilters {
    private let filters: [Filter]
    private let all: [ContainerSummary]
    /// Those that there are, where a filter asks for one.
    private let networks: [ContainerNetworkState]

    init(_ filters: [Filter], among all: [ContainerSummary], networks: [ContainerNetworkState] = []) {
        self.filters = filters
        self.all = all
        self.networks = networks
    }

    private static let states: Set<String> = [
        "created", "restarting", "running", "removing", "paused", "exited", "dead",
    ]

    private static let healths: Set<String> = ["starting", "healthy", "unhealthy", "none"]

    func apply(_ containers: [ContainerSummary]) throws -> [ContainerSummary] {
        for filter in filters where filter.name == "status" && !Self.states.contains(filter.value) {
            throw ArgumentError("invalid filter 'status=\(filter.value)'")
        }
        for filter in filters where filter.name == "health" && !Self.healths.contains(filter.value) {
            throw PlainFailure(.invalidArgument, "Unrecognised filter value for health: \(filter.value)")
        }
        _ = try filters.flag("is-task")
        for filter in filters where filter.name == "exited" && Int(filter.value) == nil {
            throw PlainFailure(.invalidArgument, "strconv.Atoi: parsing \(GoText.quoted(filter.value)): invalid syntax")
        }
        let published = try ports("publish")
        let exposed = try ports("expose")
        let before = try bound("before")
        let since = try bound("since")
        return containers.filter { container in
            filters.accept("id") { container.id.hasPrefix($0) }
                && filters.accept("name") { matches($0, container.name) }
                && filters.accept("status") { $0 == container.state.word }
                && filters.accept("exited") { $0 == exitCode(container).map { String($0) } }
                && filters.accept("ancestor") { isMade(container, from: $0) }
                && filters.accept("volume") { wanted in
                    container.mounts.contains { [$0.name, $0.source, $0.destination].contains(wanted) }
                }
                && filters.accept("network") { isOn($0, container) }
                && filters.accept("health") { $0 == container.health?.rawValue ?? "none" }
                && filters.accept("is-task") { (try? Bool(argument: $0)) == false }
                && accept(published, container.ports.map { ($0.hostPort, $0.container.protocol.rawValue) })
                && accept(exposed, (container.exposed + container.ports.map(\.container)).map { ($0.number, $0.protocol.rawValue) })
                && filters.acceptLabels(container.labels)
                && before.map { container.createdAt < $0 } ?? true && since.map { container.createdAt > $0 } ?? true
        }
    }

    private func ports(_ name: String) throws(PlainFailure) -> [PortFilter] {
        var result: [PortFilter] = []
        for filter in filters where filter.name == name {
            do throws(ArgumentError) { result.append(try PortFilter(argument: filter.value)) } catch {
                throw PlainFailure(.invalidArgument, "error while looking up for \(name) \(filter.value): \(error.description)")
            }
        }
        return result
    }

    /// Whether nothing is wanted, or one of the ports is.
    private func accept(_ wanted: [PortFilter], _ ports: [(UInt16, String)]) -> Bool {
        wanted.isEmpty || wanted.contains { filter in ports.contains { filter.covers($0, $1) } }
    }

    private func bound(_ name: String) throws -> Int64? {
        try filters.last { $0.name == name }.map { filter in
            let container = all.first { $0.name == filter.value } ?? all.first { $0.id.hasPrefix(filter.value) }
            guard let container else { throw PlainFailure(.notFound, "no such container \(filter.value)") }
            return container.createdAt
        }
    }

    private func exitCode(_ container: ContainerSummary) -> Int32? {
        if case .exited(let code, _, _, _) = container.state { Int32(code) } else { nil }
    }

    /// Whether a container is on a network that is called so, or whose ID begins so.
    private func isOn(_ wanted: String, _ container: ContainerSummary) -> Bool {
        if container.networks.contains(wanted) { return true }
        return networks.contains { network in
            (network.name == wanted || network.id.hasPrefix(wanted))
                && container.networks.contains { $0 == network.name || network.id.hasPrefix($0) }
        }
    }

    /// The whole name or an expression that something of it matches, with or without Docker's slash in front.
    private func matches(_ pattern: String, _ name: String) -> Bool {
        if pattern == name || pattern == "/" + name { return true }
        guard let expression = ExtendedExpression(pattern) else { return false }
        return expression.matches(name) || expression.matches("/" + name)
    }

    private func isMade(_ container: ContainerSummary, from image: String) -> Bool {
        if let named = try? ImageReference(image).withDefaultTag, let own = try? ImageReference(container.imageName) {
            if own.withDefaultTag == named { return true }
        }
        let hex = image.hasPrefix("sha256:") ? image.dropFirst(7) : image[...]
        return !hex.isEmpty && container.image.hex.hasPrefix(hex)
    }
}

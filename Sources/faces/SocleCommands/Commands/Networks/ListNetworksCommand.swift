import ContainerManagement
import OCISpec
import Reporting
import SocleEngine

/// `socle network ls`.
struct ListNetworksCommand: Command {
    static let usage = Usage("", 0...0, "List networks")
    static var flags: [Flag<Self>] {
        Flag.list("filter", short: "f", \.filters, as: "filter", "Provide filter values (e.g. \"driver=bridge\")")
        Flag.value("format", \.format, "Format output: 'table', 'table TEMPLATE', 'json' or a Go template")
        Flag.toggle("no-trunc", \.isWhole, "Do not truncate the output")
        Flag.toggle("quiet", short: "q", \.quiet, "Only display network IDs")
    }
    var operands: [String] = []
    var filters: [Filter] = []
    var format: String?
    var isWhole = false
    var quiet = false

    private static let headers = [
        "ID": "NETWORK ID", "Name": "NAME", "Driver": "DRIVER", "Scope": "SCOPE", "IPv6": "IPV6",
        "Internal": "INTERNAL", "Labels": "LABELS", "CreatedAt": "CREATED AT",
    ]

    func run(in session: Session) throws -> ExitCode {
        try filters.require(among: ["id", "name", "driver", "dangling", "label", "scope", "type"])
        for filter in filters where filter.name == "type" && !["builtin", "custom"].contains(filter.value) {
            throw PlainFailure(.invalidArgument, "invalid filter: 'type'='\(filter.value)'")
        }
        let standard = quiet ? "{{.ID}}" : "table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}"
        let format = session.format(format, own: "networksFormat", isQuiet: quiet)
        let listing = try Listing(format, standard: standard, Self.headers)
        let containers = try session.engine().containers
        let dangling = try filters.last { $0.name == "dangling" }.map { try Bool(argument: $0.value) }
        let inUse = dangling == nil ? [] : try containers.networksInUse()
        let networks = try containers.networks.all().filter(accepts).filter { network in
            let isFree = !network.isPredefined && inUse.isDisjoint(with: [network.id, network.name])
            return dangling.map { $0 == isFree } ?? true
        }
        session.output.write(try listing.text(networks.map(row)))
        return .success
    }

    private func accepts(_ network: ContainerNetworkState) -> Bool {
        filters.accept("id") { network.id.hasPrefix($0) }
            && filters.accept("name") { $0.isEmpty || network.name.firstRange(of: $0) != nil }
            && filters.accept("driver") { $0 == network.document.driver }
            && filters.accept("scope") { $0 == "local" }
            && filters.accept("type") { $0 == (network.isPredefined ? "builtin" : "custom") }
            && filters.acceptLabels(network.document.labels)
    }

    private func row(_ network: ContainerNetworkState) -> TemplateRow {
        TemplateRow(
            typeName: "*network.networkContext",
            fields: [
                "ID": isWhole ? network.id : String(network.id.prefix(12)), "Name": network.name,
                "Driver": network.document.driver, "Scope": "local", "IPv6": String(network.document.ipv6 != nil),
                "Internal": String(network.document.isInternal),
                "Labels": network.document.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                    .joined(separator: ","),
                "CreatedAt": GoTime.text(Timestamp(epochNanoseconds: network.createdAt)),
            ],
            labels: network.document.labels
        )
    }
}

/// `socle network inspect`.
struct InspectNetworksCommand: Command {
    static let usage = Usage(
        "NETWORK [NETWORK...]",
        1...Usage.many,
        "Display detailed information on one or more networks"
    )
    static var flags: [Flag<Self>] {
        Flag.value("format", short: "f", \.format, "Format the output using the given Go template, or 'json'")
        Flag.refused(["scope"])
        Flag.refused(["verbose"], takesValue: false)
    }
    var operands: [String] = []
    var format: String?

    func run(in session: Session) throws -> ExitCode {
        try Inspection(format: format, session).show(operands, type: .network)
    }
}

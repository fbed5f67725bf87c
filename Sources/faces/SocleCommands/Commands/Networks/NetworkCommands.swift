import ContainerManagement
import OCISpec
import Reporting
import SocleEngine

/// `socle network create`.
struct CreateNetworkCommand: Command {
    static let usage = Usage("NETWORK", 1...1, "Create a network")
    static var flags: [Flag<Self>] {
        Flag.list("aux-address", \.reserved, as: "map", "Auxiliary IPv4 or IPv6 addresses used by Network driver")
        Flag.toggle("attachable", \.isAttachable, "Enable manual container attachment")
        Flag.value("driver", short: "d", \.driver, "Driver to manage the Network (default \"bridge\")")
        Flag.list("gateway", \.gateways, "IPv4 or IPv6 Gateway for the master subnet")
        Flag.toggle("internal", \.isInternal, "Restrict external access to the network")
        Flag.value("ipam-driver", \.addressDriver, "IP Address Management Driver (default \"default\")")
        Flag.list("ipam-opt", \.addressOptions, as: "map", "Set IPAM driver specific options")
        Flag.list("ip-range", \.ranges, "Allocate container ip from a sub-range")
        Flag.toggle("ipv6", \.isIPv6, "Enable IPv6 networking")
        Flag.list("label", \.labels, "Set metadata on a network")
        Flag.list("opt", short: "o", \.options, as: "map", "Set driver specific options")
        Flag.list("subnet", \.subnets, "Subnet in CIDR format that represents a network segment")
        Flag.refused(["config-from", "scope"])
        Flag.refused(["config-only", "ingress"], takesValue: false)
    }
    var operands: [String] = []
    var addressDriver: String?
    var addressOptions: [KeyValue] = []
    var driver: String?
    var gateways: [String] = []
    var isAttachable = false
    var isInternal = false
    var isIPv6 = false
    var labels: [KeyValue] = []
    var options: [KeyValue] = []
    var ranges: [String] = []
    var reserved: [KeyValue] = []
    var subnets: [String] = []

    func run(in session: Session) throws -> ExitCode {
        if let driver, driver != "bridge" {
            throw PlainFailure(.unsupported, "network driver \(driver) is not supported", hint: "bridge is")
        }
        switch addressDriver ?? "" {
        case "", "default": break
        case "null": throw PlainFailure(.invalidArgument, "ipv4 pool is empty")
        case let name: throw PlainFailure(.notFound, "plugin \(GoText.quoted(name)) not found")
        }
        var request = Networks.Request(name: operands[0])
        request.isIPv6 = isIPv6
        try request.take(subnets: subnets, gateways: gateways, ranges: ranges)
        request.isInternal = isInternal
        request.isAttachable = isAttachable
        request.labels = labels.dictionary
        request.options = options.dictionary
        request.reserved = reserved.dictionary
        request.ipamOptions = addressOptions.dictionary
        session.output.print(try session.engine().createNetwork(request))
        return .success
    }
}

/// `socle network rm`.
struct RemoveNetworksCommand: Command {
    static let usage = Usage("NETWORK [NETWORK...]", 1...Usage.many, "Remove one or more networks")
    static var flags: [Flag<Self>] {
        Flag.toggle("force", short: "f", \.force, "Do not error if the network does not exist")
    }
    var operands: [String] = []
    var force = false

    func run(in session: Session) throws -> ExitCode {
        let engine = try session.engine()
        return Each.do(operands, Self.errorStyle, session) { name in
            do { try engine.removeNetwork(name) } catch let failure as any Failure
                where force && failure.kind == .notFound
            { return }
            session.output.print(name)
        }
    }
}

/// `socle network prune`.
struct PruneNetworksCommand: Command {
    static let usage = Usage("", 0...0, "Remove all unused networks")
    static var flags: [Flag<Self>] {
        Flag.list("filter", \.filters, as: "filter", "Provide filter values (e.g. 'until=<timestamp>')")
        Flag.toggle("force", short: "f", \.isForced, "Do not prompt for confirmation")
    }
    var operands: [String] = []
    var filters: [Filter] = []
    var isForced = false

    func run(in session: Session) throws -> ExitCode {
        let filter = try PruneFilters.parse(filters, now: .now)
        let warning = "WARNING! This will remove all custom networks not used by at least one container.\n"
        guard isForced || PruneText.confirm(warning, session.output) else { return .success }
        let gone = try session.engine().pruneNetworks(filter)
        if !gone.isEmpty { session.output.print("Deleted Networks:\n" + gone.joined(separator: "\n") + "\n") }
        return .success
    }
}

/// `socle network connect`.
struct ConnectNetworkCommand: Command {
    static let usage = Usage("NETWORK CONTAINER", 2...2, "Connect a container to a network")
    static var flags: [Flag<Self>] {
        Flag.list("alias", \.aliases, "Add network-scoped alias for the container")
        Flag.value("ip", \.ip, "IPv4 address (e.g., \"172.30.100.104\")")
        Flag.value("ip6", \.ip6, "IPv6 address (e.g., \"2001:db8::33\")")
        Flag.list("link-local-ip", \.linkLocalAddresses, "Add a link-local address for the container")
        Flag.refused(["driver-opt", "link"])
    }
    var operands: [String] = []
    var aliases: [String] = []
    var ip: String?
    var ip6: String?
    var linkLocalAddresses: [String] = []

    func run(in session: Session) throws -> ExitCode {
        var request = EndpointRequest(address: ip, aliases: aliases)
        request.ipv6Address = ip6
        if !linkLocalAddresses.isEmpty { request.linkLocalAddresses = linkLocalAddresses }
        try session.engine().containers.connect(operands[1], to: operands[0], request)
        return .success
    }
}

/// `socle network disconnect`.
struct DisconnectNetworkCommand: Command {
    static let usage = Usage("NETWORK CONTAINER", 2...2, "Disconnect a container from a network")
    static var flags: [Flag<Self>] {
        Flag.toggle("force", short: "f", \.isForced, "Force the container to disconnect from a network")
    }
    var operands: [String] = []
    var isForced = false

    func run(in session: Session) throws -> ExitCode {
        try session.engine().containers.disconnect(operands[1], from: operands[0], isForced: isForced)
        return .success
    }
}

import ContainerNetworking
import Reporting

/// What `network create -o` says of a bridge, in the words of Docker's driver.
struct BridgeOptions: Hashable, Sendable {
    static let name = "com.docker.network.bridge.name"
    static let masquerade = "com.docker.network.bridge.enable_ip_masquerade"
    static let communication = "com.docker.network.bridge.enable_icc"
    static let hostBinding = "com.docker.network.bridge.host_binding_ipv4"
    static let mtu = "com.docker.network.driver.mtu"
    static let cardPrefix = "com.docker.network.container_iface_prefix"

    /// What the bridge is called on the host; nil is a name of our own.
    var link: String?
    /// Whether what leaves gets the host's address.
    var masquerades = true
    /// Whether containers reach each other.
    var connects = true
    /// The host's address of ports that are published without one.
    var hostAddress: String?
    /// The largest packet; nil is that of the host's way out.
    var mtu: UInt32?
    /// What containers' cards are called, without their numbers.
    var cardPrefix = "eth"

    /// Where nothing is said.
    init() {}

    init(_ options: [String: String]) throws(PlainFailure) {
        for (key, value) in options.sorted(by: { $0.key < $1.key }) {
            switch key {
            case Self.name: if !value.isEmpty { link = try Self.checked(link: value) }
            case Self.masquerade: masquerades = try Self.boolean(key, value)
            case Self.communication: connects = try Self.boolean(key, value)
            case Self.hostBinding: hostAddress = try Self.address(key, value)
            case Self.mtu: mtu = try Self.size(key, value)
            case Self.cardPrefix: cardPrefix = try Self.checked(prefix: value)
            default: throw PlainFailure(.unsupported, "network option \(key) is not supported")
            }
        }
    }

    /// Firewalls are told of our cards by the beginning of their names.
    private static func checked(link name: String) throws(PlainFailure) -> String {
        guard name.hasPrefix(LinkPlan.namePrefix), name.utf8.count <= 15, NetworkNames.isValid(name) else {
            throw PlainFailure(
                .invalidArgument,
                "a bridge can't be called \"\(name)\": its name begins with \(LinkPlan.namePrefix) and has at most 15 bytes"
            )
        }
        return name
    }

    /// A card's name has 15 bytes, and at least one of them is its number.
    private static func checked(prefix: String) throws(PlainFailure) -> String {
        if prefix.isEmpty { return "eth" }
        guard prefix.utf8.count <= 13, NetworkNames.isValid(prefix), prefix != "lo" else {
            throw PlainFailure(.invalidArgument, "containers' cards can't be called \"\(prefix)\" and a number")
        }
        return prefix
    }

    private static func boolean(_ key: String, _ value: String) throws(PlainFailure) -> Bool {
        if let answer = Bool(goText: value) { return answer }
        throw unreadable(key, value, "strconv.ParseBool: parsing \"\(value)\": invalid syntax")
    }

    private static func address(_ key: String, _ value: String) throws(PlainFailure) -> String {
        if let address = IPv4Address(value) { return address.description }
        throw unreadable(key, value, "nil ip")
    }

    private static func size(_ key: String, _ value: String) throws(PlainFailure) -> UInt32? {
        guard let number = Int(value) else {
            throw unreadable(key, value, "strconv.Atoi: parsing \"\(value)\": invalid syntax")
        }
        if number == 0 { return nil }
        // What the kernel lets cards of version 4 have.
        guard (68...65_535).contains(number) else {
            throw PlainFailure(.invalidArgument, "invalid MTU number: \(number)")
        }
        return UInt32(number)
    }

    private static func unreadable(_ key: String, _ value: String, _ reason: String) -> PlainFailure {
        PlainFailure(.invalidArgument, "failed to parse \(key) value: \(value) (\(reason))")
    }
}

import ContainerNetworking
import MetadataStorage
import OCISpec
import Reporting
import SystemPackage
import Testing

@testable import ContainerManagement

/// Who gets which addresses, ports and names: decisions, without a kernel.
@Suite struct NetworkTests {
    @Test func modesAreWrittenAsTheyAreRead() throws {
        for text in ["none", "host", "bridge", "container:x", "own"] {
            let mode = NetworkMode(rawValue: text)
            #expect(mode.rawValue == text)
            var request = RunRequest(image: "i")
            request.network = mode
            request.connection.ports = [.init(hostPorts: 1...2, container: ContainerPort(80))]
            #expect(try JSON.decode(RunRequest.self, from: JSON.encode(request)) == request)
        }
        #expect(NetworkMode(rawValue: "default") == .bridge)
    }

    private static func request(_ network: NetworkMode, _ change: (inout RunRequest) -> Void) -> RunRequest {
        var request = RunRequest(image: "i")
        request.network = network
        change(&request)
        return request
    }

    @Test func whatDoesNotGoTogetherIsRefused() throws {
        let refused = [
            Self.request(.container("x")) { $0.hostname = "h" },
            Self.request(.container("x")) { $0.nameServers = ["1.1.1.1"] },
            Self.request(.container("x")) { $0.extraHosts = ["a:1.1.1.1"] },
            Self.request(.container("x")) { $0.connection.publishesAll = true },
            Self.request(.bridge) { $0.connection.endpoint.address = "10.0.0.9" },
            Self.request(.bridge) { $0.connection.endpoint.aliases = ["a"] },
            Self.request(.host) { $0.connection.endpoint.hardwareAddress = "02:42:00:00:00:01" },
            Self.request(.network("own")) { $0.connection.endpoint.address = "10.0.0" },
            Self.request(.network("own")) { $0.connection.endpoint.hardwareAddress = "01:00:00:00:00:00" },
            Self.request(.network("own")) { $0.connection.endpoint.aliases = ["a b"] },
        ]
        for request in refused { #expect(throws: PlainFailure.self) { try request.checkNetwork() } }
        try Self.request(.network("own")) {
            $0.connection.endpoint = EndpointRequest(address: "10.0.0.9", aliases: ["a"])
        }.checkNetwork()
    }

    private static func chooser(_ taken: [PortBinding] = [], busy: Set<UInt16> = []) -> PortChooser {
        var chooser = PortChooser(taken: taken, subject: "name (id)")
        chooser.hold = {
            busy.contains($0.hostPort)
                ? nil
                : try PortReservation.take(
                    .init(
                        hostAddress: "127.0.0.1",
                        hostPort: $0.hostPort,
                        container: ContainerPort($0.container.number, .sctp)
                    )
                )
        }
        chooser.speaksIPv6 = { false }
        return chooser
    }

    @Test func namedPortsComeBeforeAnyPorts() throws {
        var chooser = Self.chooser(busy: [32_769])
        let wishes = [
            PublishedPort(container: ContainerPort(80)), PublishedPort(container: ContainerPort(81)),
            PublishedPort(hostPorts: 32_768...32_768, container: ContainerPort(82)),
        ]
        #expect(try chooser.choose(wishes).map(\.hostPort) == [32_770, 32_771, 32_768])
        #expect(chooser.reservations.count == 3)
    }

    /// The same number for both versions, or another one for both.
    @Test func anyAddressIsOneOfEachVersion() throws {
        var chooser = Self.chooser([PortBinding(hostAddress: "::1", hostPort: 8080, container: ContainerPort(80))])
        chooser.speaksIPv6 = { true }
        let wishes = [
            PublishedPort(hostPorts: 8080...8081, container: ContainerPort(80)),
            PublishedPort(hostAddress: "0:0::1", hostPorts: 9000...9000, container: ContainerPort(80)),
            PublishedPort(hostAddress: "::ffff:127.0.0.1", hostPorts: 9000...9000, container: ContainerPort(80)),
            PublishedPort(hostPorts: 7...7, container: ContainerPort(7, .sctp)),
        ]
        let chosen = try chooser.choose(wishes).map(\.host)
        #expect(chosen == ["0.0.0.0:8081", "[::]:8081", "[::1]:9000", "127.0.0.1:9000", "0.0.0.0:7"])
        #expect(throws: PlainFailure.self) {
            try chooser.choose([PublishedPort(hostAddress: "::1", container: ContainerPort(8, .sctp))])
        }
    }

    /// Ports of a container's start come before others, and of those of version 6 there are no others.
    @Test func whatRunsKeepsItsPorts() throws {
        var chooser = Self.chooser()
        chooser.speaksIPv6 = { true }
        let own = ["0.0.0.0", "::"].map { PortBinding(hostAddress: $0, hostPort: 32_770, container: ContainerPort(80)) }
        var standing = StandingPorts(in: "/nowhere", process: 0)
        standing.bindings = own
        chooser.standing = standing
        let (known, new) = (PublishedPort(container: ContainerPort(80)), PublishedPort(container: ContainerPort(81)))
        #expect(try chooser.choose([new, known]).map(\.host) == ["0.0.0.0:32768", "0.0.0.0:32770", "[::]:32770"])
        var late = Self.chooser([own[0]])
        late.standing = standing
        #expect(try late.choose([known]).map(\.host) == ["0.0.0.0:32768"])
        #expect(throws: PlainFailure.self) {
            try late.choose([PublishedPort(hostPorts: 32_770...32_770, container: ContainerPort(80))])
        }
    }

    @Test func aTakenPortIsAConflict() throws {
        let taken = PortBinding(hostAddress: "127.0.0.1", hostPort: 8080, container: ContainerPort(80))
        var chooser = Self.chooser([taken])
        let failure = #expect(throws: PlainFailure.self) {
            try chooser.choose([PublishedPort(hostPorts: 8080...8080, container: ContainerPort(80))])
        }
        #expect(
            failure?.description
                == "driver failed programming external connectivity on endpoint name (id): "
                + "Bind for 0.0.0.0:8080 failed: port is already allocated"
        )
        #expect(
            try chooser.choose([PublishedPort(hostPorts: 8080...8081, container: ContainerPort(80))]).map(\.hostPort)
                == [8081]
        )
    }

    private static func draft(
        _ change: (inout Networks.Request) -> Void,
        routes: [IPv4Subnet] = [],
        known: [IPv4Subnet] = []
    ) throws -> NetworkDocument {
        var request = Networks.Request(name: "n")
        change(&request)
        return try NetworkDraft(request, routes: routes, known: known).document
    }

    @Test func networksGetWhatIsAskedFor() throws {
        let document = try Self.draft {
            $0.subnet = "172.28.5.0/24"
            $0.range = "172.28.5.128/25"
        }
        #expect(document.gateway == "172.28.5.1" && document.range == "172.28.5.128/25")
        let other = try Self.draft { _ in }
        #expect(other.subnet == "10.211.0.0/24" && other.gateway == "10.211.0.1")
        let taken = try #require(IPv4Subnet("172.28.0.0/16"))
        #expect(throws: PlainFailure.self) { try Self.draft({ $0.subnet = "172.28.5.0/24" }, known: [taken]) }
        #expect(throws: PlainFailure.self) {
            try Self.draft({ $0.subnet = "172.28.0.0/15" }, routes: [taken])
        }
        for change in [
            { $0.gateway = "1.2.3.4" }, { $0.subnet = "1.2.3.4" }, { $0.subnet = "fd00::/64" },
            {
                $0.subnet = "172.28.5.0/24"
                $0.gateway = "172.28.6.1"
            }, { $0.options = ["com.docker.network.bridge.name": "docker0"] }, { $0.options = ["x": "y"] },
            { $0.options = ["com.docker.network.driver.mtu": "10"] }, { $0.options = ["com.docker.network.container_iface_prefix": "a/b"] },
            { $0.options = ["com.docker.network.container_iface_prefix": "averyverylongone"] }, { $0.reserved = ["a": "10.9.0.1"] },
        ] as [(inout Networks.Request) -> Void] {
            #expect(throws: PlainFailure.self) { try Self.draft(change) }
        }
    }

    @Test func optionsOfBridges() throws {
        let document = try Self.draft {
            $0.subnet = "172.28.5.0/24"
            $0.reserved = ["router": "172.28.5.2", "other": "172.28.5.3"]
            $0.options = [
                BridgeOptions.masquerade: "false", BridgeOptions.communication: "0", BridgeOptions.mtu: "1400",
                BridgeOptions.hostBinding: "127.0.0.1", BridgeOptions.cardPrefix: "foo", BridgeOptions.name: "socle-x",
            ]
        }
        #expect(document.link == "socle-x" && document.reserved?.count == 2)
        let row = NetworkRow(id: "i", name: "n", createdAt: 0, document: try JSON.encode(document))
        let state = try ContainerNetworkState(row)
        let plan = try #require(state.plan)
        #expect(!plan.masquerades && !plan.connects && plan.mtu == 1_400)
        #expect(state.options.hostAddress == "127.0.0.1" && state.options.cardPrefix == "foo")
        #expect(plan.freeAddress(taken: state.reserved)?.description == "172.28.5.4")
        #expect(try BridgeOptions(["com.docker.network.bridge.name": "", BridgeOptions.mtu: "0"]) == BridgeOptions())
    }

    private static func six(_ flags: [String], routes: [String] = [], known: [String] = []) throws -> NetworkDocument
        .IPv6?
    {
        var request = Networks.Request(name: "n")
        request.isIPv6 = true
        let values = { (name: String) in
            flags.filter { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
        }
        try request.take(subnets: values("subnet"), gateways: values("gateway"), ranges: values("range"))
        for (number, address) in values("aux").enumerated() { request.reserved["\(number)"] = address }
        if let mtu = values("mtu").first { request.options[BridgeOptions.mtu] = mtu }
        var draft = try NetworkDraft(request, routes: [], known: [])
        try draft.addIPv6(
            request,
            routes: routes.compactMap { IPv6Subnet($0) },
            known: known.compactMap { IPv6Subnet($0) }
        )
        return draft.document.ipv6
    }

    @Test func networksGetWhatIsAskedForOfVersionSix() throws {
        let chosen = try #require(
            try Self.six(["subnet=fd00:1::9/64", "range=fd00:1::100/120", "subnet=172.28.5.0/24", "gateway=172.28.5.9"])
        )
        #expect(chosen.subnet == "fd00:1::/64" && chosen.gateway == "fd00:1::1" && chosen.range == "fd00:1::100/120")
        #expect(chosen.isSubnetChosen)
        let kept = try #require(
            try Self.six(["subnet=fd00:1::/64", "subnet=10.0.0.0/8", "aux=fd00:1::2", "aux=10.0.0.2"])
        )
        #expect(kept.reserved?.values.sorted() == ["fd00:1::2"])
        let any = try #require(try Self.six(["subnet=172.28.5.0/24"]))
        #expect(any.subnet.hasPrefix("fd") && any.subnet.hasSuffix("/64") && !any.isSubnetChosen)
        for flags in [
            ["subnet=fd00:1::/64", "subnet=fd00:2::/64"], ["gateway=fd00:1::1"],
            ["subnet=172.28.5.0/24", "gateway=fd00:1::1"],
            ["subnet=fd00:1::/64", "gateway=fd00:1::"], ["subnet=fd00:1::/64", "gateway=fd00:2::1"],
            ["subnet=fe80::/64"],
            ["subnet=fd00:1::/64", "range=fd00::/16"], ["subnet=::/0"], ["subnet=fd00:1::/127"], ["subnet=fd00:1::/x"],
            ["subnet=::ffff:10.0.0.0/112"], ["subnet=ff05::/64"],
            ["subnet=fd00:1::/64", "subnet=10.0.0.0/8", "range=10.0.0.0/9", "range=10.0.0.0/9"],
            ["aux=fd00:1::2"], ["subnet=fd00:1::/64", "aux=fd00:2::2"], ["subnet=fd00:1::/64", "aux=fd00:1::1"],
            ["subnet=fd00:1::/64", "aux=fd00:1::2", "aux=fd00:1::2"], ["subnet=fd00:1::/64", "aux=10.0.0.2"],
            ["subnet=fd00:1::/64", "mtu=1279"],
        ] { #expect(throws: PlainFailure.self, "\(flags)") { try Self.six(flags) } }
        #expect(throws: PlainFailure.self) { try Self.six(["subnet=fd00:1::/64"], known: ["fd00::/16"]) }
        #expect(throws: PlainFailure.self) { try Self.six(["subnet=fd00:1::/64"], routes: ["fd00:1::/64"]) }
        #expect(throws: Never.self) { try Self.six(["subnet=fd00:1::/64"], routes: ["::/0", "fd00::/8"]) }
        var four = Networks.Request(name: "n")
        #expect(throws: PlainFailure.self) { try four.take(subnets: ["fd00:1::/64"], gateways: [], ranges: []) }
    }

    @Test func theFilesSayWhereAContainerIs() throws {
        var request = Self.request(.network("own")) { $0.extraHosts = ["host:host-gateway"] }
        request.searchDomains = ["lan"]
        var place = NetworkPlace([], hostname: "h", domain: "")
        place.gateway = "10.211.0.1"
        place.nameServer = "10.211.0.1"
        place.lines = "10.211.0.2\th\n"
        let files = try NetworkFiles(request, hostname: "h", place: place) { .init(hosts: nil, resolver: nil) }
        #expect(String(decoding: files.hosts, as: UTF8.self).hasSuffix("10.211.0.1\thost\n10.211.0.2\th\n"))
        #expect(
            String(decoding: files.resolver, as: UTF8.self) == "search lan\nnameserver 10.211.0.1\noptions ndots:0\n"
        )
    }
}

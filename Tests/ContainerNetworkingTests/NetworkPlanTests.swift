import Testing

@testable import ContainerNetworking

@Suite struct NetworkPlanTests {
    private static let bridge = BridgePlan(
        id: "abc",
        link: "socle0",
        subnet: IPv4Subnet(IPv4Address(10, 212, 0, 0), prefix: 29),
        gateway: IPv4Address(10, 212, 0, 1)
    )

    @Test func addressesAreReadStrictly() {
        #expect(IPv4Address("10.0.0.255")?.description == "10.0.0.255")
        for text in ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.-4", "1.2.3.+4", " 1.2.3.4", "::1"] {
            #expect(IPv4Address(text) == nil, "\(text)")
        }
        #expect(IPv4Subnet("172.28.5.9/24")?.description == "172.28.5.0/24")
        for text in ["1.2.3.4", "1.2.3.4/33", "1.2.3.4/-1", "1.2.3.4/", "x/8"] {
            #expect(IPv4Subnet(text) == nil, "\(text)")
        }
    }

    @Test func subnetsEndWhereTheNextBegins() {
        let subnet = IPv4Subnet(IPv4Address(10, 1, 2, 0), prefix: 23)
        #expect(subnet.last == IPv4Address(10, 1, 3, 255))
        #expect(subnet.contains(IPv4Address(10, 1, 3, 255)) && !subnet.contains(IPv4Address(10, 1, 4, 0)))
        #expect(IPv4Subnet(IPv4Address(0), prefix: 0).last == IPv4Address(255, 255, 255, 255))
        #expect(subnet.contains(IPv4Subnet(IPv4Address(10, 1, 3, 0), prefix: 24)))
        #expect(!IPv4Subnet(IPv4Address(10, 1, 3, 0), prefix: 24).contains(subnet))
    }

    @Test func theLowestFreeAddressIsGiven() {
        var taken: Set<IPv4Address> = []
        var given: [String] = []
        while let address = Self.bridge.freeAddress(taken: taken) {
            taken.insert(address)
            given.append(address.description)
        }
        // Without the network's own, the gateway's and the one for all.
        #expect(given == (2...6).map { "10.212.0.\($0)" })
        var part = Self.bridge
        part.range = IPv4Subnet(IPv4Address(10, 212, 0, 4), prefix: 30)
        #expect(part.freeAddress(taken: [])?.description == "10.212.0.4")
        #expect(part.canGive(IPv4Address(10, 212, 0, 2)) && !part.canGive(IPv4Address(10, 212, 0, 7)))
    }

    @Test func rangesAvoidWhatIsThere() throws {
        #expect(try SubnetPool.free(isStandard: true, taken: []).description == "10.212.0.0/16")
        let company = IPv4Subnet(IPv4Address(10, 0, 0, 0), prefix: 8)
        #expect(try SubnetPool.free(isStandard: true, taken: [company]).description == "172.29.0.0/16")
        // Every store on a machine has its own.
        var stores: [IPv4Subnet] = []
        for _ in 0..<20 { stores.append(try SubnetPool.free(isStandard: true, taken: stores)) }
        #expect(stores[3].description == "10.214.0.0/20" && stores[19].description == "172.27.0.0/20")
        let first = IPv4Subnet(IPv4Address(10, 211, 0, 0), prefix: 24)
        #expect(try SubnetPool.free(isStandard: false, taken: [first]).description == "10.211.1.0/24")
        // The way to everywhere is no reason.
        let everywhere = IPv4Subnet(IPv4Address(0), prefix: 0)
        #expect(try SubnetPool.free(isStandard: false, taken: [everywhere]) == first)
        let all = [
            company, IPv4Subnet(IPv4Address(172, 16, 0, 0), prefix: 12),
            IPv4Subnet(IPv4Address(192, 168, 0, 0), prefix: 16),
        ]
        #expect(throws: NetworkError(.noAddress)) { try SubnetPool.free(isStandard: false, taken: all) }
    }

    @Test func hardwareAddressesFollowAddresses() {
        #expect(HardwareAddress.standing(for: IPv4Address(10, 212, 0, 2)).description == "02:42:0a:d4:00:02")
        #expect(HardwareAddress("92:D0:c6:0a:29:33")?.description == "92:d0:c6:0a:29:33")
        for text in ["", "92:d0:c6:0a:29", "93:d0:c6:0a:29:33", "9:d0:c6:0a:29:33", "zz:d0:c6:0a:29:33"] {
            #expect(HardwareAddress(text) == nil, "\(text)")
        }
    }

    @Test func rulesNameEveryNetworkAndPort() {
        var closed = Self.bridge
        (closed.link, closed.isInternal) = ("socle-closed", true)
        closed.subnet = IPv4Subnet(IPv4Address(10, 211, 0, 0), prefix: 24)
        let ports = [
            PortBinding(hostAddress: "0.0.0.0", hostPort: 8080, container: ContainerPort(80)),
            PortBinding(hostAddress: "127.0.0.1", hostPort: 53, container: ContainerPort(5353, .udp)),
        ]
        let rules = NetworkRules(
            table: "socle",
            bridges: [Self.bridge, closed],
            forwardings: ports.map { .init($0, to: .v4(IPv4Address(10, 212, 0, 2))) }
        ).commands
        #expect(rules.hasPrefix("add table inet socle\ndelete table inet socle\ntable inet socle {\n"))
        #expect(rules.contains("elements = { 0.0.0.0/0 . 8080 : 10.212.0.2 . 80 }"))
        #expect(rules.contains("elements = { 127.0.0.1 . 53 : 10.212.0.2 . 5353 }"))
        #expect(rules.contains(#"ip saddr 10.212.0.0/29 oifname != "socle0" masquerade"#))
        #expect(!rules.contains(#"ip saddr 10.211.0.0/24 oifname != "socle-closed" masquerade"#))
        #expect(rules.contains(#"iifname { "socle-closed" } drop"#))
        #expect(rules.contains(#"iifname { "socle0", "socle-closed" } oifname "socle*" drop"#))
        let none = NetworkRules(table: "socle", bridges: [], forwardings: [])
        #expect(none.commands == none.removal)
    }

    @Test func addressesOfVersionSix() throws {
        for (text, short) in [
            ("fd00:0::1", "fd00::1"), ("::", "::"), ("FE80::A", "fe80::a"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ] {
            #expect(IPv6Address(text)?.description == short)
        }
        for text in ["", ":", "1.2.3.4", "fe80::1%eth0", "[::1]", "::1/64", "1::2::3", "::1\0"] {
            #expect(IPv6Address(text) == nil, "\(text)")
        }
        #expect(IPAddress("::ffff:127.0.0.1") == .v4(IPv4Address(127, 0, 0, 1)))
        let subnet = try #require(IPv6Subnet("fd00:1::7/64"))
        #expect(subnet.description == "fd00:1::/64" && subnet.last.description == "fd00:1::ffff:ffff:ffff:ffff")
        let wide = try #require(IPv6Subnet("fd00::/16"))
        #expect(wide.contains(subnet) && !subnet.contains(wide) && subnet.overlaps(wide) && wide.overlaps(subnet))
        #expect(IPv6Subnet(IPv6Address(0), prefix: 0).last.number == .max)
        for text in ["fd00::", "fd00::/129", "fd00::/", "10.0.0.0/8"] { #expect(IPv6Subnet(text) == nil, "\(text)") }

        var plan = IPv6Plan(
            subnet: try #require(IPv6Subnet("fd00::/126")),
            gateway: try #require(IPv6Address("fd00::2"))
        )
        #expect(plan.freeAddress(taken: [])?.description == "fd00::1")
        #expect(plan.freeAddress(taken: [IPv6Address(plan.subnet.address.number + 1)])?.description == "fd00::3")
        #expect(
            plan.freeAddress(
                taken: [1, 3].reduce(into: []) { $0.insert(IPv6Address(plan.subnet.address.number + $1)) }
            ) == nil
        )
        plan.range = IPv6Subnet("fd00::3/128")
        #expect(plan.freeAddress(taken: [])?.description == "fd00::3" && !plan.canGive(IPv6Address(5)))
        let free = SubnetPool.uniqueLocal(taken: [IPv6Subnet(IPv6Address(0), prefix: 0)])
        #expect(free.prefix == 64 && free.address.bytes[0] == 0xfd)
    }

    /// Networks of version 4 alone have no rules about version 6.
    @Test func rulesOfVersionSixAreThereWhereItIsSpoken() throws {
        var six = Self.bridge
        six.ipv6 = IPv6Plan(
            subnet: try #require(IPv6Subnet("fd00:1::/64")),
            gateway: try #require(IPv6Address("fd00:1::1"))
        )
        let port = PortBinding(hostAddress: "::", hostPort: 8080, container: ContainerPort(80))
        let forwarding = NetworkRules.Forwarding(port, to: .v6(try #require(IPv6Address("fd00:1::2"))))
        let rules = NetworkRules(table: "socle", bridges: [six], forwardings: [forwarding]).commands
        #expect(rules.contains("elements = { ::/0 . 8080 : fd00:1::2 . 80 }"))
        #expect(rules.contains(#"ip6 saddr fd00:1::/64 oifname != "socle0" masquerade"#))
        #expect(rules.contains("ip6 daddr != ::1 fib daddr type local meta l4proto udp dnat ip6 to"))
        #expect(!NetworkRules(table: "socle", bridges: [Self.bridge], forwardings: []).commands.contains("ip6"))
        six.isInternal = true
        #expect(
            !NetworkRules(table: "socle", bridges: [six], forwardings: []).commands.contains(
                #"oifname != "socle0" masquerade"#
            )
        )
    }

    @Test func messagesForBridgesAreWhole() {
        let bridge = LinkMessages.makeBridge(Self.bridge)
        #expect(bridge.body.count % 4 == 0 && bridge.body.count > 40)
        #expect(TableProbe.question("socle").body == [1, 0, 0, 0, 10, 0, 1, 0] + Array("socle".utf8) + [0, 0, 0])
    }

    @Test func zonesAreInTheServersForm() {
        let zone = NameServer.Zone(
            network: "n",
            gateway: IPv4Address(10, 0, 0, 1),
            entries: [
                .init(id: "one", address: IPv4Address(10, 0, 0, 2), names: ["web", "api"], servers: []),
                .init(id: "six", address: IPv4Address(10, 0, 0, 4), ipv6: IPv6Address(1), names: ["six"], servers: []),
                .init(id: "two", address: IPv4Address(10, 0, 0, 3), names: ["db"], servers: ["1.1.1.1", "9.9.9.9"]),
            ]
        )
        #expect(
            zone.text == "10.0.0.1\none 10.0.0.2  web,api\nsix 10.0.0.4 ::1 six\ntwo 10.0.0.3  db 1.1.1.1,9.9.9.9\n"
        )
        #expect(
            NameServer.accepts("a-b_c.d") && !NameServer.accepts("") && !NameServer.accepts("a b")
                && !NameServer.accepts("a\nb")
        )
    }
}

import Testing

@testable import ContainerNetworking

@Suite struct PlanTests {
    @Test func addressesPrintAsPeopleWriteThem() {
        #expect(IPv4Address(10, 213, 0, 5).description == "10.213.0.5")
        #expect(IPv4Subnet(IPv4Address(172, 30, 255, 7), prefix: 16).description == "172.30.0.0/16")
        #expect(IPv4Subnet(IPv4Address(1, 2, 3, 4), prefix: 0).address.number == 0)
    }

    @Test func subnetsOverlapWhereOneHoldsTheOther() {
        let large = IPv4Subnet(IPv4Address(10, 0, 0, 0), prefix: 8)
        let small = IPv4Subnet(IPv4Address(10, 213, 4, 0), prefix: 30)
        #expect(large.overlaps(small) && small.overlaps(large) && small.overlaps(small))
        #expect(!small.overlaps(IPv4Subnet(IPv4Address(10, 213, 4, 4), prefix: 30)))
        #expect(IPv4Subnet(IPv4Address(0), prefix: 0).overlaps(small))
    }

    @Test func linksAreNamedAfterTheirAddresses() {
        let link = LinkPlan(subnet: IPv4Subnet(IPv4Address(10, 213, 0, 4), prefix: 30), mtu: 1400)
        #expect(link.hostName == "socle0ad50004")
        #expect(link.hostName.utf8.count <= 15)
        #expect(link.description == "socle0ad50004 10.213.0.5 <-> eth0 10.213.0.6, 10.213.0.4/30, mtu 1400")
        #expect(link.rules.contains(#"ip saddr 10.213.0.6 oifname != "socle0ad50004" masquerade"#))
    }

    @Test func aRangeThatTheHostUsesIsLeftAlone() throws {
        #expect(try AddressPool(routes: []).range.description == "10.213.0.0/16")
        let company = IPv4Subnet(IPv4Address(10, 0, 0, 0), prefix: 8)
        #expect(try AddressPool(routes: [company]).range.description == "172.30.0.0/16")
        // Other links of ours are in the range.
        let own = IPv4Subnet(IPv4Address(10, 213, 0, 4), prefix: 30)
        #expect(try AddressPool(routes: [own]).range.description == "10.213.0.0/16")
        #expect(throws: NetworkError(.noAddress)) { try AddressPool(routes: AddressPool.ranges) }
    }

    @Test func numbersGoRoundTheRange() throws {
        let pool = try AddressPool(routes: [])
        #expect(pool.count == 16384)
        #expect(pool.subnet(1).description == "10.213.0.4/30")
        #expect(pool.subnet(16384 + 2) == pool.subnet(2))
        #expect(Set((0..<pool.count).map(pool.subnet)).count == pool.count)
    }

    @Test func policiesAreReadFromAListing() {
        let docker = """
            table ip nat {
            \tchain POSTROUTING { # handle 1
            \t\ttype nat hook postrouting priority srcnat; policy accept;
            \t}
            }
            table ip filter {
            \tchain FORWARD { # handle 2
            \t\ttype filter hook forward priority filter; policy drop;
            \t\tiifname "socle*" accept comment "socle" # handle 17
            \t\toifname "docker0" accept # handle 3
            \t}
            }
            """
        let policy = ForwardPolicy(listing: docker)
        #expect(policy.dropping == ["ip filter FORWARD"] && policy.exceptions == [17])
        #expect(policy.obstacle == nil && !policy.needsExceptions)
        #expect(policy.removeExceptions == "delete rule ip filter FORWARD handle 17\n")

        let open = ForwardPolicy(listing: docker.replacing("drop;", with: "accept;"))
        #expect(open.dropping.isEmpty && !open.needsExceptions)
        let firewall = """
            table inet firewalld {
            \tchain filter_FORWARD {
            \t\ttype filter hook forward priority filter + 10; policy accept;
            \t}
            }
            """
        #expect(ForwardPolicy(listing: firewall).obstacle == "inet firewalld filter_FORWARD")
        #expect(ForwardPolicy(listing: "").dropping.isEmpty)

        // Another version's tables don't look at these packets.
        let six = ForwardPolicy(.ipv6, listing: docker.replacing("table ip ", with: "table ip6 "))
        #expect(six.obstacle == nil && six.exceptions == [17])
        #expect(six.removeExceptions == "delete rule ip6 filter FORWARD handle 17\n")
        #expect(ForwardPolicy(.ipv6, listing: docker).dropping.isEmpty)
    }
}

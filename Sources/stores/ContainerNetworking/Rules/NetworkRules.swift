/// The packet rules of all networks of a store, as one table.
///
/// The table is a function of what there is, and is replaced as a whole: whatever was in it before, it is right afterwards.
package struct NetworkRules: Hashable, Sendable {
    /// Where a port of the host's leads.
    package struct Forwarding: Hashable, Sendable {
        package var binding: PortBinding
        /// Of the same version as the host's.
        package var address: IPAddress

        package init(_ binding: PortBinding, to address: IPAddress) {
            self.binding = binding
            self.address = address
        }
    }

    package var table: String
    package var bridges: [BridgePlan]
    package var forwardings: [Forwarding]

    package init(table: String, bridges: [BridgePlan], forwardings: [Forwarding]) {
        self.table = table
        self.bridges = bridges
        self.forwardings = forwardings
    }

    /// Whether any network has addresses of version 6. The others need no rules about it: their cards don't speak it.
    package var speaksIPv6: Bool { bridges.contains { $0.ipv6 != nil } }

    /// Commands for nft(8) that put the table in the place of the one that is there.
    package var commands: String {
        // Adding first makes that deleting works where there is none.
        removal + (bridges.isEmpty ? "" : "table inet \(table) {\n\(maps)\(translation)\(filter)}\n")
    }

    /// Commands that leave nothing.
    package var removal: String { "add table inet \(table)\ndelete table inet \(table)\n" }

    private var maps: String {
        (speaksIPv6 ? [false, true] : [false]).flatMap { isIPv6 in
            PortProtocol.allCases.map { kind in
                let forwardings = forwardings.filter {
                    $0.binding.container.protocol == kind && $0.binding.isIPv6 == isIPv6
                }
                let elements = forwardings.map(Self.element)
                let list = elements.isEmpty ? "" : "elements = { \(elements.joined(separator: ", ")) }"
                let address = isIPv6 ? "ipv6_addr" : "ipv4_addr"
                return """
                        map published\(isIPv6 ? "6" : "")_\(kind.rawValue) {
                            type \(address) . inet_service : \(address) . inet_service; flags interval;
                            \(list)
                        }

                    """
            }
        }.joined()
    }

    private static func element(_ forwarding: Forwarding) -> String {
        let binding = forwarding.binding
        let host = binding.isForAny ? "\(binding.hostAddress)/0" : binding.hostAddress
        return "\(host) . \(binding.hostPort) : \(forwarding.address) . \(binding.container.number)"
    }

    private static func set(_ bridges: [BridgePlan]) -> String {
        "{ \(bridges.map { "\"\($0.link)\"" }.joined(separator: ", ")) }"
    }

    /// What leaves gets the host's address; ports of the host's lead to containers, also from the host itself, and from a
    /// container to itself.
    private var translation: String {
        let all = Self.set(bridges)
        let lookups = PortProtocol.allCases.map {
            "        fib daddr type local meta l4proto \($0.rawValue) dnat ip to ip daddr . \($0.rawValue) dport map @published_\($0.rawValue)\n"
        }.joined()
        // What comes to the loopback address of version 6 never leaves it: a program passes it on.
        let lookupsIPv6 =
            !speaksIPv6
            ? ""
            : PortProtocol.allCases.map {
                "        ip6 daddr != ::1 fib daddr type local meta l4proto \($0.rawValue) dnat ip6 to ip6 daddr . \($0.rawValue) dport map @published6_\($0.rawValue)\n"
            }.joined()
        let leaving = bridges.filter { !$0.isInternal && $0.masquerades }.map {
            "        ip saddr \($0.subnet) oifname != \"\($0.link)\" masquerade\n"
        }.joined()
        let hairpins = bridges.map {
            "        ip saddr \($0.subnet) oifname \"\($0.link)\" ct status dnat masquerade\n"
        }.joined()
        let translationIPv6 = bridges.map { bridge in
            guard let ipv6 = bridge.ipv6 else { return "" }
            let hairpin = "        ip6 saddr \(ipv6.subnet) oifname \"\(bridge.link)\" ct status dnat masquerade\n"
            let leaving = "        ip6 saddr \(ipv6.subnet) oifname != \"\(bridge.link)\" masquerade\n"
            return (bridge.isInternal || !bridge.masquerades ? "" : leaving) + hairpin
        }.joined()
        return """
                chain published {
            \(lookups)\(lookupsIPv6)    }
                chain arriving { type nat hook prerouting priority dstnat; policy accept; jump published; }
                chain own { type nat hook output priority -100; policy accept; jump published; }
                chain leaving {
                    type nat hook postrouting priority srcnat; policy accept;
            \(leaving)\(hairpins)\(translationIPv6)        ip saddr 127.0.0.0/8 oifname \(all) masquerade
                }

            """
    }

    /// Networks don't see each other, and from outside only published ports can be reached.
    private var filter: String {
        let all = Self.set(bridges)
        // Cards that don't reach each other are isolated ports; what is routed from one to another is dropped here.
        let own = bridges.map {
            "        iifname \"\($0.link)\" oifname \"\($0.link)\" \($0.connects ? "accept" : "drop")\n"
        }.joined()
        let internals = bridges.filter(\.isInternal)
        let closed =
            internals.isEmpty
            ? ""
            : "        iifname \(Self.set(internals)) drop\n        oifname \(Self.set(internals)) drop\n"
        return """
                chain loopback {
                    type filter hook prerouting priority raw; policy accept;
                    iifname != "lo" ip daddr 127.0.0.0/8 drop
                }
                chain forwarding {
                    type filter hook forward priority filter; policy accept;
            \(own)\(closed)        oifname \(all) ct state established,related accept
                    oifname \(all) ct status dnat accept
                    iifname \(all) oifname "\(LinkPlan.namePrefix)*" drop
                    iifname \(all) accept
                    oifname \(all) drop
                }

            """
    }
}

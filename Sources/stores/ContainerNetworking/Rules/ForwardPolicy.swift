/// What the host's packet rules say about packets that are passed on from one network to another.
///
/// A packet has to be let through by every table that looks at it, so a table of our own can't help where another one
/// drops. Docker sets the policy of iptables' chain to drop; that chain has a place for exceptions, its beginning.
package struct ForwardPolicy: Hashable, Sendable {
    /// A version's packets are looked at by its own tables, and by those for both.
    package enum Family: String, Sendable, CaseIterable {
        case ipv4 = "ip"
        case ipv6 = "ip6"

        package var iptablesChain: String { "\(rawValue) filter FORWARD" }
    }

    package var family: Family
    /// Chains that drop what they don't know: `inet firewalld filter_FORWARD`.
    package var dropping: [String] = []
    /// The numbers of our own exceptions in iptables' chain.
    package var exceptions: [Int] = []

    /// Marks our rules among those of others.
    static let mark = "comment \"socle\""

    /// Reads a listing of `list ruleset` with handles.
    package init(_ family: Family = .ipv4, listing: String) {
        self.family = family
        let others = Family.allCases.filter { $0 != family }.map { $0.rawValue + " " }
        var table = ""
        var chain = ""
        for line in listing.split(separator: "\n") {
            let words = line.split(whereSeparator: { " \t".contains($0) })
            guard let first = words.first else { continue }
            switch first {
            case "table" where words.count >= 3: table = "\(words[1]) \(words[2])"
            case "chain" where words.count >= 2: chain = "\(table) \(words[1])"
            case "type":
                let drops = line.contains("policy drop") || table.hasSuffix(" firewalld")
                if line.contains("hook forward"), drops, !others.contains(where: { chain.hasPrefix($0) }) {
                    dropping.append(chain)
                }
            default:
                guard chain == family.iptablesChain, line.contains(Self.mark), let number = words.last else { continue }
                if let handle = Int(number) { exceptions.append(handle) }
            }
        }
    }

    /// The chain that can't be dealt with; nil where there is none.
    package var obstacle: String? { dropping.first { $0 != family.iptablesChain } }

    package var needsExceptions: Bool { exceptions.isEmpty && dropping.contains(family.iptablesChain) }

    /// Lets all links of ours through iptables' chain.
    package var addExceptions: String {
        """
        insert rule \(family.iptablesChain) iifname "\(LinkPlan.namePrefix)*" accept \(Self.mark)
        insert rule \(family.iptablesChain) oifname "\(LinkPlan.namePrefix)*" ct state established,related accept \(Self.mark)
        insert rule \(family.iptablesChain) oifname "\(LinkPlan.namePrefix)*" ct status dnat accept \(Self.mark)

        """
    }

    /// Takes the exceptions back.
    package var removeExceptions: String {
        exceptions.map { "delete rule \(family.iptablesChain) handle \($0)\n" }.joined()
    }
}

extension LinkMessages {
    /// A bridge, down.
    static func makeBridge(_ plan: BridgePlan) -> NetlinkMessage {
        var message = NetlinkMessage(.newLink, [.create, .exclusive])
        link(&message)
        message.attribute(1, plan.hardwareAddress.bytes)
        message.attribute(3, text: plan.link)
        message.attribute(18) { $0.attribute(1, Array("bridge".utf8)) }
        return message
    }

    /// A second name for people, by which a card is recognised, and the largest packet, which a bridge only keeps
    /// beyond its last card where it is set afterwards.
    static func settle(_ index: UInt32, alias: String, mtu: UInt32) -> NetlinkMessage {
        var message = NetlinkMessage(.newLink, [])
        link(&message, index: index)
        message.attribute(4, number: mtu)
        message.attribute(20, Array(alias.utf8))
        return message
    }

    /// A pair of cards, both down: one in a bridge here, the other one in a namespace.
    static func makeEndpoint(
        _ plan: EndpointPlan,
        bridge: UInt32,
        mtu: UInt32,
        namespace descriptor: CInt
    ) -> NetlinkMessage {
        var message = NetlinkMessage(.newLink, [.create, .exclusive])
        link(&message)
        message.attribute(3, text: plan.link)
        message.attribute(4, number: mtu)
        message.attribute(10, number: bridge)
        message.attribute(18) { information in
            information.attribute(1, Array("veth".utf8))
            information.attribute(2) { data in
                data.attribute(1) { peer in
                    link(&peer)
                    peer.attribute(1, plan.hardwareAddress.bytes)
                    peer.attribute(3, text: plan.card)
                    peer.attribute(4, number: mtu)
                    peer.attribute(28, number: UInt32(bitPattern: descriptor))
                }
            }
        }
        return message
    }

    static func remove(_ index: UInt32) -> NetlinkMessage {
        var message = NetlinkMessage(.removeLink, [])
        link(&message, index: index)
        return message
    }

    /// Lets a bridge send a packet back where it came from: a container that uses its own published port does that
    /// where bridges pass their packets to iptables. Isolated ones see the bridge, and not each other.
    static func adjustPort(_ index: UInt32, isIsolated: Bool) -> NetlinkMessage {
        var message = NetlinkMessage(.setLink, [])
        // struct ifinfomsg of the bridges' family.
        message.append(7)
        message.append(0)
        message.append(number: UInt16(0))
        message.append(number: index)
        message.append(number: UInt32(0))
        message.append(number: UInt32(0))
        message.attribute(12 | 0x8000) { port in
            port.attribute(4, [1])
            if isIsolated { port.attribute(33, [1]) }
        }
        return message
    }
}

import SocleTesting
import Testing

@testable import ContainerNetworking

extension Requirement {
    fileprivate static let privateNetworks = Requirement(
        isMet: Requirement.root.isMet && (try? PrivateNetwork()) != nil,
        reason: "needs root, libnftables and no firewall that drops what is forwarded"
    )
}

/// The real thing: cards, rules, and programs that go out.
@Suite(.requires(.all(.privateNetworks, .tool("ip"), .tool("nsenter"), .tool("python3"))), .serialized)
struct PrivateNetworkTests {
    /// What a shell script prints inside the network.
    private func inside(_ network: PrivateNetwork, _ script: String) throws -> String {
        // The namespace is open in this process, so the other one must find it there.
        let path = network.namespace.replacing("/proc/self/", with: "/proc/$PPID/")
        return try Command.run("sh", ["-c", "exec nsenter --net=\(path) sh -c '\(script)'"]).succeeding()
    }

    private static func links() throws -> String {
        try Command.run("sh", ["-c", "ip -o link | grep -o 'socle[0-9a-f]*' | sort -u"]).text
    }

    @Test func aNetworkHasLoopbackAndOneCard() throws {
        let network = try PrivateNetwork()
        #expect(try inside(network, "ls /sys/class/net 2>/dev/null; ip -o -4 addr | wc -l") .hasSuffix("2"))
        let address = network.link.containerAddress.description
        #expect(try inside(network, "ip -o -4 addr show eth0").contains("inet \(address)/30"))
        #expect(try inside(network, "ip route show default").contains("via \(network.link.hostAddress)"))
        #expect(try inside(network, "ip -o -6 addr show eth0").isEmpty)
        #expect(try Self.links().contains(network.link.hostName))
    }

    /// A third namespace plays the world outside: it sees the host's address, and can't come in.
    @Test func whatLeavesHasTheHostsAddressAndNobodyComesIn() throws {
        let network = try PrivateNetwork()
        let script = """
            set -e
            n=socletest$$
            trap 'kill $server 2>/dev/null || true; ip netns del $n' EXIT
            ip netns add $n
            ip link add sotest$$ type veth peer name eth0 netns $n
            ip addr add 198.51.100.1/30 dev sotest$$ && ip link set sotest$$ up
            ip -n $n addr add 198.51.100.2/30 dev eth0 && ip -n $n link set eth0 up && ip -n $n link set lo up
            ip -n $n route add default via 198.51.100.1
            ip netns exec $n python3 -u -c '
            import socket
            s = socket.create_server(("198.51.100.2", 7000)); print("ready")
            c, peer = s.accept(); c.sendall(peer[0].encode()); c.close()
            ' >/tmp/$n.out & server=$!
            while ! grep -q ready /tmp/$n.out; do sleep 0.05; done; rm /tmp/$n.out
            nsenter --net=/proc/$1/fd/$2 python3 -c '
            import socket
            print(socket.create_connection(("198.51.100.2", 7000), 10).recv(100).decode())'
            ip netns exec $n python3 -c '
            import socket, sys
            try: socket.create_connection((sys.argv[1], 7000), 1); print("came in")
            except OSError as error: print(type(error).__name__)' $3
            """
        let number = network.namespace.split(separator: "/").last.map(String.init) ?? ""
        let words = ["-c", "exec bash -c \"$0\" x $PPID \(number) \(network.link.containerAddress)", script]
        #expect(try Command.run("sh", words).succeeding() == "198.51.100.1\nTimeoutError")
    }

    @Test func whatIsMadeGoesAgain() throws {
        func useTwo() throws -> [String] {
            let first = try PrivateNetwork()
            let second = try PrivateNetwork()
            let names = [first.link.hostName, second.link.hostName]
            #expect(names[0] != names[1])
            let links = try Self.links()
            #expect(names.allSatisfy { links.contains($0) })
            return names
        }
        let names = try useTwo()
        // The kernel takes cards down in its own time.
        var links = try Self.links()
        for _ in 0..<200 where names.contains(where: { links.contains($0) }) {
            _ = try Command.run("sleep", ["0.05"])
            links = try Self.links()
        }
        #expect(!names.contains { links.contains($0) })
    }
}

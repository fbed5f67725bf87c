import SocleTesting
import SystemPackage
import Testing

/// Containers that leave networks and join others while they run, each test in a network namespace of its own.
@Suite(
    .requires(
        .all(
            .root,
            .overlay,
            .ipv6,
            Fixture.busybox,
            .tool("ip"),
            .tool("nft"),
            .tool("pgrep"),
            .tool("unshare"),
            .tool("python3"),
            .path("/usr/lib/podman/aardvark-dns", "aardvark-dns")
        )
    ),
    .serialized
)
final class NetworkMoveTests {
    private let socle: Socle

    init() throws {
        let socle = try Socle()
        try socle.output("import", try Fixture.busyboxRoot(in: socle.work).string, "base")
        self.socle = socle
    }

    private func expect(_ script: String, _ expected: String, location: SourceLocation = #_sourceLocation) throws {
        try socle.expectInOwnNetwork(NetworkTests.prelude + Self.prelude + script, expected, location: location)
    }

    /// What passes on ports takes a connection before it knows whether the container does: an empty answer is none.
    /// `stay NAME FLAGS…` is `serve` with a monitor; `closed` says how both versions of a port are, which nobody shall be at.
    private static let prelude = #"""
        ask() { for i in $(seq 200); do timeout 2 busybox nc "$1" "$2" </dev/null 2>/dev/null | grep . && return; sleep 0.05; done; echo none; }
        stay() {
            name=$1; shift
            socle run -d --name "$name" "$@" base sh -c "echo $name >/said; while true; do nc -l -p 80 -e cat /said; done" >/dev/null
        }
        closed() { for a in 127.0.0.1 ::1; do timeout 10 busybox nc $a $1 </dev/null 2>/dev/null; echo $?; done | tr '\n' ' '; echo; }
        both() { ask 127.0.0.1 $1; ask ::1 $1; }
        """# + "\n"

    /// Held by a monitor, and by a command that stays.
    @Test func portsGoAndComeBack() throws {
        try expect(
            """
            for how in stay serve; do
                $how web -p 8090:80 -p 80 -p 5353:53/udp; both 8090; both 32768
                socle network disconnect bridge web; closed 8090; closed 32768; socle port web
                socle run --rm -p 8090:80 base echo free
                socle network connect bridge web; both 8090; both 32768; socle port web | sort
                socle network disconnect bridge web; serve other -p 8090:80; other=$!; both 8090
                socle network connect bridge web 2>&1 | grep -o 'Bind for .* allocated'; both 8090
                socle rm -f other >/dev/null; wait $other
                closed 8090; socle network connect bridge web; both 8090
                socle rm -f web >/dev/null; wait; closed 8090
            done
            left
            """,
            String(
                repeating: """
                    web
                    web
                    web
                    web
                    1 1\u{20}
                    1 1\u{20}
                    free
                    web
                    web
                    web
                    web
                    53/udp -> 0.0.0.0:5353
                    53/udp -> [::]:5353
                    80/tcp -> 0.0.0.0:32768
                    80/tcp -> 0.0.0.0:8090
                    80/tcp -> [::]:32768
                    80/tcp -> [::]:8090
                    other
                    other
                    Bind for 0.0.0.0:8090 failed: port is already allocated
                    other
                    other
                    1 1\u{20}
                    web
                    web
                    1 1\u{20}

                    """,
                count: 2
            )
        )
    }

    /// Ports, and the ways out of both versions, go on over the network that stays.
    @Test func anotherNetworkTakesOver() throws {
        try expect(
            """
            socle network create --subnet 172.28.5.0/24 na >/dev/null
            socle network create --subnet 172.28.6.0/24 --internal inside >/dev/null
            socle network create --subnet 172.28.7.0/24 --ipv6 --subnet fd00:7::/64 six >/dev/null
            socle network create --subnet 172.28.8.0/24 --ipv6 --subnet fd00:8::/64 zix >/dev/null
            ways() { socle exec web sh -c 'ip route; ip -6 route' | grep default | cut -d' ' -f1-5; }
            stay web -p 8090:80; socle network connect inside web; socle network connect na web; socle network connect six web
            socle network connect zix web
            socle network disconnect bridge web; both 8090; ways; socle inspect -f '{{json .NetworkSettings.Ports}}' web
            socle network disconnect six web; both 8090; ways
            socle network disconnect na web; both 8090; ways
            socle network disconnect zix web; closed 8090; ways; socle exec web ip -o -4 addr show scope global | wc -l
            socle network connect six web; both 8090; ways
            end web; socle network rm na inside six zix >/dev/null; left
            """,
            """
            web
            web
            default via 172.28.5.1 dev eth2
            default via fd00:7::1 dev eth3
            {"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8090"},{"HostIp":"::","HostPort":"8090"}]}
            web
            web
            default via 172.28.5.1 dev eth2
            default via fd00:8::1 dev eth4
            web
            web
            default via 172.28.8.1 dev eth4
            default via fd00:8::1 dev eth4
            1 1\u{20}
            1
            web
            web
            default via 172.28.7.1 dev eth0
            default via fd00:7::1 dev eth0

            """
        )
    }

    /// As after a command that was killed within a transaction: the server runs, the database knows nobody.
    @Test(arguments: ["network rm n1", "network prune -f"]) func serversOfNobodyEnd(words: String) throws {
        try expect(
            """
            socle network create n1 >/dev/null; stay web --network n1
            pid=$(socle inspect -f '{{.State.Pid}}' web); kill -9 $(awk '/^PPid/ { print $2 }' /proc/$pid/status) $pid
            while [ -d /proc/$pid ]; do sleep 0.05; done
            python3 -c 'import os, sqlite3; c = sqlite3.connect(os.environ["SOCLE_ROOT"] + "/socle.db"); c.execute("delete from endpoints"); c.commit()'
            socle rm -f web; pgrep -fc "config $SOCLE_ROOT"; socle \(words)
            for i in $(seq 200); do pgrep -fc "config $SOCLE_ROOT" >/dev/null || break; sleep 0.05; done
            pgrep -fc "config $SOCLE_ROOT"; left
            """,
            "web\n1\n" + (words.hasSuffix("n1") ? "n1\n" : "Deleted Networks:\nn1\n\n") + "0\n"
        )
    }

    /// What networks with version 6 have of the options of Docker's bridge driver.
    @Test func optionsHoldForVersionSix() throws {
        try expect(
            """
            o=com.docker.network
            socle network create --ipv6 --subnet fd00:1::/64 --aux-address r=fd00:1::2 -o $o.bridge.enable_icc=false \
                -o $o.bridge.enable_ip_masquerade=false -o $o.driver.mtu=1400 six >/dev/null
            socle network inspect -f '{{json (index .IPAM.Config 1)}}' six
            stay web --network six; socle inspect -f '{{range .NetworkSettings.Networks}}{{.GlobalIPv6Address}}{{end}}' web
            nft list ruleset | grep -c 'ip6 saddr fd00:1::/64 oifname != .*masquerade'
            socle run --rm --network six base sh -c 'cat /sys/class/net/eth0/mtu; nc -w 1 fd00:1::3 80 </dev/null 2>/dev/null || echo apart'
            socle run --rm --network six --ip6 fd00:1::2 base true 2>&1 | head -1; ask fd00:1::3 80
            end web; socle network rm six; left
            """,
            """
            {"Subnet":"fd00:1::/64","Gateway":"fd00:1::1","AuxiliaryAddresses":{"r":"fd00:1::2"}}
            fd00:1::3
            0
            1400
            apart
            socle: Address already in use: fd00:1::2.
            web
            six

            """
        )
    }
}

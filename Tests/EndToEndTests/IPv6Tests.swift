import SocleTesting
import SystemPackage
import Testing

/// Version 6 in networks of containers, each test in a network namespace of its own.
@Suite(
    .requires(
        .all(
            .root,
            .overlay,
            .ipv6,
            Fixture.busybox,
            .tool("ip"),
            .tool("ss"),
            .tool("nft"),
            .tool("unshare"),
            .path("/usr/lib/podman/aardvark-dns", "aardvark-dns")
        )
    ),
    .serialized
)
final class IPv6Tests {
    private let socle: Socle

    init() throws {
        let socle = try Socle()
        try socle.output("import", try Fixture.busyboxRoot(in: socle.work).string, "base")
        self.socle = socle
    }

    private func expect(_ script: String, _ expected: String, location: SourceLocation = #_sourceLocation) throws {
        // A server that is always there: not every question below is asked twice.
        let prelude = NetworkTests.prelude.replacing(
            "while true; do nc -l -p 80 -e cat /said; done",
            with: "exec nc -ll -p 80 -e cat /said"
        )
        try socle.expectInOwnNetwork(prelude + script, expected, location: location)
    }

    // MARK: - Ports

    /// The container speaks version 4 only. A monitor of its own and a command that stays pass on what comes.
    @Test func publishedPortsAreReachedByVersionSix() throws {
        try expect(
            """
            ip addr add fd00:77::1/64 dev lo nodad
            serve one -p 8080:80 -p '[::1]:9000:80' -p '[fd00:77::1]:9001:80' -p '[::ffff:127.0.0.1]:9002:80'
            socle run -d --name two -p '[::]:8081:80' base sh -c 'echo two >/said; while true; do nc -l -p 80 -e cat /said; done' >/dev/null
            ask ::1 8080; ask fd00:77::1 8080; ask ::1 9000; ask fd00:77::1 9001; ask 127.0.0.1 9002; ask ::1 8081
            for port in 9000 8081; do timeout 2 busybox nc 127.0.0.1 $port </dev/null 2>/dev/null || echo refused; done
            timeout 2 busybox nc ::1 9001 </dev/null 2>/dev/null || echo refused
            for port in [::1]:8080 [::2]:9009; do socle run --rm -p "$port:80" base true 2>&1 | grep -o 'Bind for .*allocated\\|cannot assign.*'; done
            socle inspect -f '{{json .NetworkSettings.Ports}} {{json .HostConfig.PortBindings}}' two
            socle restart -t 0 two >/dev/null; ask ::1 8081; socle rm -f two >/dev/null; ss -Hltn 'sport = 8081' | wc -l
            end one
            sysctl -qw net.ipv6.conf.all.disable_ipv6=1; serve four -p 8080:80; socle port four; end four; left
            """,
            """
            one
            one
            one
            one
            one
            two
            refused
            refused
            refused
            Bind for ::1:8080 failed: port is already allocated
            cannot assign requested address.
            {"80/tcp":[{"HostIp":"::","HostPort":"8081"}]} {"80/tcp":[{"HostIp":"::","HostPort":"8081"}]}
            two
            0
            80/tcp -> 0.0.0.0:8080

            """
        )
    }

    /// The same for an ordinary user: by his program for the standard network, and on networks of his own.
    @Test(
        .requires(
            .all(
                .userNamespaces,
                .tool("setpriv"),
                .tool("newuidmap"),
                .path("/etc/subuid", "/etc/subuid"),
                .tool("pasta"),
                .tool("slirp4netns"),
                .path("/dev/net/tun", "/dev/net/tun")
            )
        )
    )
    func publishedPortsOfAnOrdinaryUser() throws {
        let script = #"""
            lend 200000:65536
            ip link set lo up; ip link add out type veth peer name other; ip addr add 198.51.100.2/24 dev out
            ip link set out up; ip link set other up; ip route add default via 198.51.100.1
            mknod own/tun c 10 200; chmod 666 own/tun; mount --bind own/tun /dev/net/tun
            NETWORK=
            user "socle import '$place/busybox.tar' base >/dev/null; socle network create own >/dev/null
            server() { echo \"exec nc -ll -p 80 -e echo hello \$1\"; }
            ask() { for try in \$(seq 200); do timeout 2 busybox nc \$1 \$2 </dev/null 2>/dev/null | grep . && return; sleep 0.05; done; echo none; }
            socle run -d --name web -p 8080:80 base sh -c \"\$(server web)\" >/dev/null
            socle run -d --name net --network own -p [::1]:8081:80 -p 8082:80 base sh -c \"\$(server net)\" >/dev/null
            ask ::1 8080; ask 127.0.0.1 8080; ask ::1 8081; ask ::1 8082; ask 127.0.0.1 8082; socle port web; socle port net | sort
            socle network disconnect own net; socle network connect own net; ask 127.0.0.1 8082; socle port net | sort
            socle restart -t 0 web net; ask ::1 8080; ask ::1 8082; socle rm -f web net; socle network rm own"
            left
            """#
        try socle.write(["script": .file(Array((RootlessTests.prelude + script).utf8))])
        let result = try socle.shell("timeout 120 unshare -m -n -p -f --mount-proc --kill-child bash script")
        let expected = """
            hello web
            hello web
            hello net
            hello net
            hello net
            80/tcp -> 0.0.0.0:8080
            80/tcp -> [::]:8080
            80/tcp -> 0.0.0.0:8082
            80/tcp -> [::1]:8081
            80/tcp -> [::]:8082
            hello net
            80/tcp -> 0.0.0.0:8082
            80/tcp -> [::1]:8081
            80/tcp -> [::]:8082
            web
            net
            hello web
            hello net
            web
            net
            own

            """
        #expect(result.text == expected, "\(result.errorText)")
    }

    /// An ordinary user's own networks are made by the same code, where his containers are. There is no way out.
    @Test(
        .requires(
            .all(
                .userNamespaces,
                .tool("setpriv"),
                .tool("newuidmap"),
                .path("/etc/subuid", "/etc/subuid"),
                .tool("slirp4netns"),
                .path("/dev/net/tun", "/dev/net/tun")
            )
        )
    )
    func networksOfAnOrdinaryUser() throws {
        let script = #"""
            lend 200000:65536
            ip link set lo up
            mknod own/tun c 10 200; chmod 666 own/tun; mount --bind own/tun /dev/net/tun
            user "socle import '$place/busybox.tar' base >/dev/null; socle network create --ipv6 --subnet fd00:1::/64 own >/dev/null
            ask() { for try in \$(seq 200); do timeout 2 busybox nc \$1 \$2 </dev/null 2>/dev/null | grep . && return; sleep 0.05; done; echo none; }
            socle run -d --name web --network own -p 8080:80 base nc -ll -p 80 -e echo hello >/dev/null
            ask ::1 8080; ask 127.0.0.1 8080
            socle run --rm --network own --ip6 fd00:1::9 base sh -c 'nslookup -type=aaaa web | grep -A1 Name; nc web 80 </dev/null; nc fd00:1::2 80 </dev/null
                ip -6 addr show dev eth0 scope global | grep -o fd[^\ ]*; nc -w 5 2001:db8::1 80 </dev/null 2>&1 | grep -o unreachable'
            socle rm -f web; socle network rm own"
            left
            """#
        try socle.write(["script": .file(Array((RootlessTests.prelude + script).utf8))])
        let result = try socle.shell("timeout 120 unshare -m -n -p -f --mount-proc --kill-child bash script")
        let expected = """
            hello
            hello
            Name:\tweb
            Address: fd00:1::2
            hello
            hello
            fd00:1::9/64
            unreachable
            web
            own

            """
        #expect(result.text == expected, "\(result.errorText)")
    }

    // MARK: - Networks

    @Test func containersSpeakBothVersions() throws {
        try expect(
            """
            socle network create --ipv6 --subnet fd00:1::/64 six >/dev/null
            socle network create --ipv6 --subnet 172.28.6.0/24 --subnet fd00:2::/64 --gateway fd00:2::5 --ip-range fd00:2::100/120 --internal closed >/dev/null
            socle network create --ipv6 any >/dev/null
            socle network inspect -f '{{.EnableIPv6}} {{json .IPAM.Config}}' closed
            socle network inspect -f '{{range .IPAM.Config}}{{.Subnet}} {{end}}' any | grep -c ' fd[0-9a-f:]*::/64 '
            socle network ls --format '{{.Name}} {{.IPv6}}' | tr '\\n' ' '; echo
            serve web --network six --network-alias api
            socle inspect -f '{{range .NetworkSettings.Networks}}{{.GlobalIPv6Address}}/{{.GlobalIPv6PrefixLen}} {{.IPv6Gateway}}{{end}}' web
            socle network inspect -f '{{range .Containers}}{{.IPv6Address}}{{end}}' six
            ask fd00:1::2 80
            socle run --rm --hostname me --network six --ip6 fd00:1::77 --link-local-ip 169.254.7.7 --link-local-ip fe80::77 base sh -c '
                ip -6 addr show dev eth0 | grep -c tentative; ip addr show dev eth0 | sed -n "s/.*inet6* \\\\([^ ]*\\\\) .*/\\\\1/p" | grep -v ^10 | grep -v fe80::42
                ip -6 route show default | cut -d" " -f1-5; grep me /etc/hosts | grep -o "^fd.*"
                nslookup -type=aaaa api | grep -A1 Name; nc fd00:1::2 80 </dev/null; cat /proc/sys/net/ipv6/conf/eth0/accept_ra'
            socle run --rm --network closed base sh -c 'ip -6 addr show dev eth0 scope global | grep -o fd[^\\ ]*; ip -6 route | grep -c default
                nc -w 1 fd00:1::2 80 </dev/null 2>/dev/null || echo no'
            socle run --rm --network any base sh -c 'nc -w 1 fd00:1::2 80 </dev/null 2>/dev/null || echo no'
            socle run -d --name both base sleep 1000 >/dev/null; socle network connect --ip6 fd00:1::55 six both
            socle exec both sh -c 'cat /proc/sys/net/ipv6/conf/eth0/disable_ipv6 /proc/sys/net/ipv6/conf/eth1/disable_ipv6; nc fd00:1::2 80 </dev/null; ip -6 route show default | cut -d" " -f1-5'
            socle inspect -f '{{json (index .NetworkSettings.Networks "six").IPAMConfig}}' both
            socle run --rm --network six --ip6 fd00:1::2 base true 2>&1 | head -1; socle run --rm --network six --ip6 fd00:2::2 base true 2>&1 | head -1
            socle run --rm --network any --ip6 fd00:1::2 base true 2>&1 | head -1
            end web both; socle network rm six closed any >/dev/null; left
            """,
            """
            true [{"Subnet":"172.28.6.0/24","Gateway":"172.28.6.1"},{"Subnet":"fd00:2::/64","IPRange":"fd00:2::100/120","Gateway":"fd00:2::5"}]
            1
            any true bridge false closed true host false none false six true\u{20}
            fd00:1::2/64 fd00:1::1
            fd00:1::2/64
            web
            0
            169.254.7.7/16
            fd00:1::77/64
            fe80::77/64
            default via fd00:1::1 dev eth0
            fd00:1::77\tme
            Name:\tapi
            Address: fd00:1::2
            web
            0
            fd00:2::100/64
            0
            no
            no
            1
            0
            web
            default via fd00:1::1 dev eth1
            {"IPv6Address":"fd00:1::55"}
            socle: Address already in use: fd00:1::2.
            socle: no configured subnet or ip-range contain the IP address fd00:2::2.
            socle: user specified IP address is supported only when connecting to networks with user configured subnets.

            """
        )
    }

    /// The way out with the host's address, the way in by published ports, and both through another's table that drops.
    @Test func packetsLeaveAndComeIn() throws {
        try expect(
            """
            socle network create --ipv6 --subnet fd00:1::/64 six >/dev/null
            ip netns add out$$; ip link add o0 type veth peer name o1 netns out$$
            ip addr add 2001:db8::1/64 dev o0 nodad; ip link set o0 up
            ip -n out$$ addr add 2001:db8::2/64 dev o1 nodad; ip -n out$$ link set o1 up
            there() { ip netns exec out$$ bash -c "$(declare -f ask); $1"; }
            for policy in accept drop; do
                nft add table ip6 filter; nft add chain ip6 filter FORWARD "{ type filter hook forward priority 0; policy $policy; }"
                serve web --network six -p 8080:80 -p '[2001:db8::1]:8081:80'
                ask ::1 8080; ask 2001:db8::1 8080; there 'ask 2001:db8::1 8080; ask 2001:db8::1 8081'
                ip netns exec out$$ bash -c 'while :; do echo out | busybox nc -l -p 81; done' 2>/dev/null & server=$!
                there 'for i in $(seq 200); do [ -n "$(ss -Hltn sport = 81)" ] && break; sleep 0.05; done'
                socle run --rm --network six base sh -c 'nc -w 5 2001:db8::2 81 </dev/null; nc -w 5 2001:db8::1 8080 </dev/null'
                socle exec web nc -w 5 2001:db8::1 8081 </dev/null
                there 'timeout 1 busybox nc fd00:1::2 80 </dev/null 2>/dev/null || echo no'
                kill $server; end web 2>/dev/null; socle network inspect six -f ok; socle run --rm base true; socle network prune -f >/dev/null
                nft list chain ip6 filter FORWARD | grep -c socle; nft delete table ip6 filter
                socle network create --ipv6 --subnet fd00:1::/64 six >/dev/null
            done
            ip netns del out$$; ip link del o0 2>/dev/null; socle network rm six; left
            """,
            String(repeating: "web\nweb\nweb\nweb\nout\nweb\nweb\nno\nok\n0\n", count: 2) + "six\n"
        )
    }

    @Test func whatKilledCommandsHadIsFreed() throws {
        try expect(
            """
            socle network create --ipv6 --subnet fd00:1::/64 six >/dev/null
            serve web --network six -p '[::1]:8080:80'
            kill -9 $servers; wait 2>/dev/null; socle ps -aq
            serve web --network six -p '[::1]:8080:80'; socle ps -aq | wc -l
            socle network inspect -f '{{range .Containers}}{{.IPv6Address}}{{end}}' six; ask ::1 8080; end web
            socle network rm six; left
            """,
            "1\nfd00:1::2/64\nweb\nsix\n"
        )
    }
}

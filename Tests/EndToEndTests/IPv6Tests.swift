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
        let words = NetworkTests.prelude + "socle() { \"$SOCLE\" \"$@\"; }\n" + script
        try socle.write(["script": .file(Array(words.utf8))])
        let result = try socle.shell("timeout 120 unshare -n -m bash \(socle.work.appending("script"))")
        #expect(result.text == expected, "\(result.errorText)", sourceLocation: location)
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
            for address in ::1 ::2; do socle run --rm -p "[$address]:8080:80" base true 2>&1 | grep -o 'Bind for .*allocated\\|cannot assign.*'; done
            socle inspect -f '{{json .NetworkSettings.Ports}} {{json .HostConfig.PortBindings}}' two
            socle restart -t 0 two >/dev/null; ask ::1 8081; end two; ss -Hltn 'sport = 8081' | wc -l
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
            server() { echo \"while :; do echo hello \$1 | nc -l -p 80; done\"; }
            ask() { for try in \$(seq 200); do timeout 2 busybox nc \$1 \$2 </dev/null 2>/dev/null | grep . && return; sleep 0.05; done; echo none; }
            socle run -d --name web -p 8080:80 base sh -c \"\$(server web)\" >/dev/null
            socle run -d --name net --network own -p [::1]:8081:80 -p 8082:80 base sh -c \"\$(server net)\" >/dev/null
            ask ::1 8080; ask 127.0.0.1 8080; ask ::1 8081; ask ::1 8082; ask 127.0.0.1 8082; socle port web; socle port net | sort
            socle network disconnect own net; socle network connect own net; ask 127.0.0.1 8082; socle port net
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
}

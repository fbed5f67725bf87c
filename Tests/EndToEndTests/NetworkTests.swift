import SocleTesting
import SystemPackage
import Testing

/// Networks of containers, each test in a network namespace of its own: nothing of it reaches the machine's networks.
@Suite(
    .requires(
        .all(
            .root,
            .overlay,
            Fixture.busybox,
            .tool("ip"),
            .tool("nft"),
            .tool("unshare"),
            .tool("python3"),
            .path("/usr/lib/podman/aardvark-dns", "aardvark-dns")
        )
    ),
    .serialized
)
final class NetworkTests {
    private let socle: Socle

    init() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work).string
        try socle.output("import", "--change", "EXPOSE 80 53/udp", tar, "base")
        self.socle = socle
    }

    /// `serve NAME FLAGS…` starts a container that says its name at port 80, and waits for it; `ask ADDRESS PORT` asks.
    static let prelude = #"""
        set -u
        export SOCLE_NETWORK=bridge
        ip link set lo up
        ask() { for i in $(seq 200); do timeout 2 busybox nc "$1" "$2" </dev/null 2>/dev/null && return; sleep 0.05; done; echo none; }
        serve() {
            name=$1; shift
            "$SOCLE" run --rm --name "$name" "$@" base sh -c \
                "echo $name >/said; while true; do nc -l -p 80 -e cat /said; done" & servers="${servers:-} $!"
            for i in $(seq 200); do [ -n "$(socle ps -q --filter "name=^$name\$")" ] && return; sleep 0.05; done
        }
        address() { socle inspect -f "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}" "$1" | cut -d' ' -f1; }
        end() { for name in "$@"; do socle rm -f "$name" >/dev/null; done; wait; }
        # What is left of networks: rules, cards, servers' files, mounts.
        left() {
            socle network prune -f >/dev/null
            nft list ruleset; ip -o link | grep -v ': lo:'; ls "$SOCLE_ROOT/networks/names" 2>/dev/null
            grep "$SOCLE_ROOT" /proc/self/mountinfo
        }
        """# + "\n"

    private func expect(_ script: String, _ expected: String, location: SourceLocation = #_sourceLocation) throws {
        try socle.expectInOwnNetwork(Self.prelude + script, expected, location: location)
    }

    @Test func theBridgeIsThereWithoutBeingMade() throws {
        try expect(
            """
            socle run --rm --hostname me base sh -c 'ip -o -4 addr show eth0 | cut -c-40; ip route; tail -1 /etc/hosts'
            socle run --rm base ping -c1 -W2 10.212.0.1 | grep -c 'bytes from'
            socle run --rm --network none base sh -c 'ip -o link | wc -l'
            left
            """,
            """
            2: eth0    inet 10.212.0.2/16 scope glob
            default via 10.212.0.1 dev eth0\u{20}
            10.212.0.0/16 dev eth0 scope link  src 10.212.0.2\u{20}
            10.212.0.2\tme
            1
            1

            """
        )
    }

    @Test(.requires(.ipv6)) func publishedPortsLeadToContainers() throws {
        try expect(
            """
            serve one -p 8080:80 -p 127.0.0.1:9000:80
            serve two -p 8081-8090:80 -P
            ask 127.0.0.1 8080; ask 127.0.0.1 9000; ask 10.212.0.1 8080; ask 10.212.0.1 9000; ask 127.0.0.1 8081
            socle run --rm base sh -c 'for try in $(seq 200); do nc 10.212.0.1 8080 </dev/null 2>/dev/null && break; sleep 0.05; done'
            socle ps --format '{{.Names}} {{.Ports}}'
            socle run --rm -p 8080:80 base true 2>&1 | grep -o 'Bind for .*allocated'
            python3 -c '
            import socket, subprocess, os
            s = socket.create_server(("127.0.0.1", 7777))
            print(subprocess.run([os.environ["SOCLE"], "run", "--rm", "-p", "127.0.0.1:7777:80", "base", "true"], stderr=subprocess.DEVNULL).returncode)'
            end one two; left
            """.replacing("            import", with: "import").replacing("            s =", with: "s =").replacing(
                "            print",
                with: "print"
            ),
            """
            one
            one
            one
            none
            two
            one
            two 0.0.0.0:32768->53/udp, [::]:32768->53/udp, 0.0.0.0:8081->80/tcp, [::]:8081->80/tcp
            one 53/udp, 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp, 127.0.0.1:9000->80/tcp
            Bind for 0.0.0.0:8080 failed: port is already allocated
            125

            """
        )
    }

    @Test func containersFindEachOtherByName() throws {
        try expect(
            """
            socle network create --subnet 172.28.5.0/24 own >/dev/null
            serve web --network own --network-alias api --ip 172.28.5.77
            socle run --rm --network own base sh -c '
                cat /etc/resolv.conf | grep -v search; for n in web api; do nslookup $n | grep -A1 Name; done; for try in $(seq 200); do nc api 80 </dev/null 2>/dev/null && break; sleep 0.05; done
                nslookup nobody >/dev/null 2>&1 || echo unknown'
            socle rename web shop
            socle run --rm --network own base sh -c 'for try in $(seq 200); do nslookup shop >/dev/null 2>&1 && break; sleep 0.05; done; for n in shop web; do nslookup $n >/dev/null 2>&1 && echo $n; done'
            socle rename shop web
            socle network rm own 2>&1 | grep -o 'has active endpoints (web)'
            end web; socle network rm own; left
            """,
            """
            nameserver 172.28.5.1
            options ndots:0
            Name:\tweb
            Address: 172.28.5.77
            Name:\tapi
            Address: 172.28.5.77
            web
            unknown
            shop
            has active endpoints (web)
            own

            """
        )
    }

    /// A container with users of its own is entered by somebody who has the host's rights: settings go to its network alone.
    @Test func settingsOfAMappedContainerStayItsOwn() throws {
        try expect(
            """
            setting=/proc/sys/net/ipv4/ip_unprivileged_port_start; ping=/proc/sys/net/ipv4/ping_group_range
            before=$(cat $setting $ping)
            socle run -d --name mapped --userns auto base sleep 100 >/dev/null
            socle exec mapped cat $setting; socle exec mapped sh -c 'ip -o -4 addr show eth0 | wc -l'
            [ "$before" = "$(cat $setting $ping)" ] && echo same
            end mapped; left
            """,
            """
            0
            1
            same

            """
        )
    }

    @Test func networksDoNotSeeEachOther() throws {
        try expect(
            """
            socle network create --subnet 172.28.5.0/24 own >/dev/null
            socle network create --subnet 172.28.6.0/24 --internal closed >/dev/null
            serve web --network own; serve shut --network closed
            try() { timeout 2 busybox nc $1 80 </dev/null || echo no; }
            socle run --rm base sh -c 'timeout 1 nc 172.28.5.2 80 </dev/null || echo no'
            socle run --rm --network closed base sh -c 'ip route | grep -c default; timeout 1 nc 172.28.5.2 80 </dev/null 2>/dev/null || echo no'
            ask 172.28.5.2 80; ask 172.28.6.2 80
            end web shut; socle network rm own closed >/dev/null; left
            """,
            "no\n0\nno\nweb\nshut\n"
        )
    }

    /// CVE-2020-8558, CVE-2020-13401: a container that makes its packets itself reaches neither what listens on the host's loopback
    /// address nor becomes the host's router.
    @Test func forgedPackets() throws {
        try socle.write([
            "forge.py": """
            import socket, struct, sys, time
            gateway, own = sys.argv[1:]
            there = bytes(6)
            for _ in range(400):
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"who", (gateway, 5557))
                for line in open("/proc/self/net/arp"):
                    if line.startswith(gateway + " "): there = bytes.fromhex(line.split()[3].replace(":", ""))
                if any(there): break
                time.sleep(0.02)
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(("eth0", 0)); here = s.getsockname()[4]
            def checksum(data):
                total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
                while total >> 16: total = (total & 0xffff) + (total >> 16)
                return ~total & 0xffff
            def header(check, size):
                return struct.pack("!BBHHHBBH4s4s", 0x45, 0, size, 1, 0, 64, 17, check, socket.inet_aton(own), socket.inet_aton("127.0.0.1"))
            data = struct.pack("!HHHH", 5555, 5555, 14, 0) + b"forged"
            s.send(there + here + b"\\x08\\x00" + header(checksum(header(0, 34)), 34) + data)
            router, all = socket.inet_pton(socket.AF_INET6, "fe80::1"), socket.inet_pton(socket.AF_INET6, "ff02::1")
            prefix = struct.pack("!BBBBIII16s", 3, 4, 64, 0xc0, 9000, 9000, 0, socket.inet_pton(socket.AF_INET6, "fd00:bad::"))
            def offer(check): return struct.pack("!BBHBBHII", 134, 0, check, 64, 0, 1800, 0, 0) + prefix
            size = len(offer(0))
            check = checksum(router + all + struct.pack("!II", size, 58) + offer(0))
            s.send(bytes.fromhex("333300000001") + here + b"\\x86\\xdd" + struct.pack("!IHBB16s16s", 6 << 28, size, 58, 255, router, all) + offer(check))
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"end", (gateway, 5556))
            """,
            "listen.py": """
            import socket
            inner, outer = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
            inner.bind(("127.0.0.1", 5555)); outer.bind(("0.0.0.0", 5556)); outer.settimeout(20)
            open("listens", "w").close()
            # What was sent before is there when this is.
            print(outer.recv(10).decode())
            inner.setblocking(False)
            try: print(inner.recv(10).decode())
            except BlockingIOError: print("nothing else")
            """,
        ])
        try expect(
            """
            serve one; process=$(socle inspect -f '{{.State.Pid}}' one)
            python3 listen.py & listener=$!
            until [ -e listens ]; do sleep 0.02; done
            nsenter -t $process -n python3 forge.py 10.212.0.1 $(address one); wait $listener
            ip -6 route show | grep -cE 'default|fd00:bad'; ip -6 addr show scope global | grep -c inet6
            end one; left
            """,
            "end\nnothing else\n0\n0\n"
        )
    }

    /// Whoever asks for the port of a container that `stop` or `kill` has ended is refused at once.
    @Test func portsGoWithTheirContainer() throws {
        try expect(
            """
            for way in 'stop -t 0' kill 'stop -t 0' kill; do
                socle run -d --name one -p 8082:80 base sleep 100 >/dev/null; socle $way one >/dev/null
                python3 -c 'import socket; s = socket.socket(); s.settimeout(5); print(s.connect_ex(("127.0.0.1", 8082)))'
                socle rm one >/dev/null
            done
            socle events --since 1 --until $(($(date +%s) + 1)) -f type=network --format '{{.Action}}' | sort | uniq -c | sed 's/^ *//'; left
            """,
            "111\n111\n111\n111\n4 connect\n4 disconnect\n"
        )
    }

    @Test func namesAndPruning() throws {
        try expect(
            """
            socle network create default 2>&1; socle network create --subnet 172.28.5.0/24 own >/dev/null
            socle network create --subnet 172.28.6.0/24 used >/dev/null; serve one --network used
            socle system prune -f --filter label=none | head -1; socle system prune -f | head -2; socle network ls -f type=custom --format '{{.Name}}'
            end one; left
            """,
            "Error: operation is not permitted on predefined default network\nTotal reclaimed space: 0B\nDeleted Networks:\nown\nused\n"
        )
    }

    /// CVE-2024-29018: names that a container on an internal network asks for reach no server of the host's; others' questions do.
    @Test func namesDoNotLeaveInternalNetworks() throws {
        try socle.write([
            "server.py": """
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("198.51.100.1", 53)); open("listens", "w").close()
            while True:
                data, who = s.recvfrom(512); name, at = [], 12
                while data[at]: name.append(data[at + 1 : at + 1 + data[at]].decode()); at += data[at] + 1
                print(".".join(name), flush=True)
                # Nobody of that name.
                s.sendto(data[:2] + b"\\x81\\x83" + data[4:], who)
            """
        ])
        try expect(
            """
            ip link add out type veth peer name other; ip addr add 198.51.100.1/24 dev out; ip link set out up; ip link set other up
            echo nameserver 198.51.100.1 > servers; mount --bind servers /etc/resolv.conf
            python3 server.py > asked & server=$!
            for i in $(seq 200); do [ -e listens ] && break; sleep 0.05; done
            socle network create --subnet 172.28.5.0/24 own >/dev/null
            socle network create --subnet 172.28.6.0/24 --internal closed >/dev/null
            socle run --rm --network own base nslookup open.example >/dev/null 2>&1
            timeout 20 "$SOCLE" run --rm --network closed base nslookup leaked.example >/dev/null 2>&1
            timeout 20 "$SOCLE" run --rm --network closed --dns 198.51.100.1 base nslookup named.example >/dev/null 2>&1
            socle create --name both --network closed base nslookup both.example >/dev/null; socle network connect own both
            timeout 20 "$SOCLE" start -a both >/dev/null 2>&1; socle rm both >/dev/null
            sort -u asked
            kill $server; umount /etc/resolv.conf; socle network rm own closed >/dev/null; ip link del out; left
            """,
            "both.example\nopen.example\n"
        )
    }

    @Test func networksAreSharedJoinedAndLeft() throws {
        try expect(
            """
            socle network create --subnet 172.28.5.0/24 own >/dev/null
            serve web
            socle run --rm --network container:web base sh -c 'for try in $(seq 200); do nc 127.0.0.1 80 </dev/null 2>/dev/null && break; sleep 0.05; done; ip -o -4 addr | wc -l'
            socle network connect --alias api own web
            socle run --rm --network container:web base sh -c 'ip -o -4 addr | wc -l'
            socle run --rm --network own base nslookup api | grep '^Address: '
            socle network inspect -f '{{range .Containers}}{{.Name}} {{.IPv4Address}}{{end}}' own
            socle network disconnect own web
            socle run --rm --network container:web base sh -c 'ip -o -4 addr | wc -l'
            end web; socle network rm own >/dev/null; left
            """,
            """
            web
            2
            3
            Address: 172.28.5.2
            web 172.28.5.2/24
            2

            """
        )
    }

    /// A command that is killed leaves its place to the next one.
    @Test func whatKilledCommandsHadIsFreed() throws {
        try expect(
            """
            serve web -p 8080:80
            kill -9 $servers; wait 2>/dev/null
            socle ps -aq
            socle run --rm -p 8080:80 base sh -c 'ip -o -4 addr show eth0 | grep -o 10.212.0.2'
            ip -o link | grep -c veth
            left
            """,
            "10.212.0.2\n0\n"
        )
    }

    @Test func othersPacketRulesAreLivedWith() throws {
        try expect(
            """
            nft add table ip filter; nft add chain ip filter FORWARD '{ type filter hook forward priority 0; policy drop; }'
            serve web -p 8080:80
            ip netns add out$$ 2>/dev/null
            ip link add o0 type veth peer name o1 netns out$$; ip addr add 198.51.100.1/30 dev o0; ip link set o0 up
            ip -n out$$ addr add 198.51.100.2/30 dev o1; ip -n out$$ link set o1 up
            ip netns exec out$$ bash -c "$(declare -f ask); ask 198.51.100.1 8080"
            ip netns del out$$
            end web; socle network prune -f >/dev/null
            nft delete table ip filter; ip link del o0 2>/dev/null
            nft add table inet strict; nft add chain inet strict f '{ type filter hook forward priority 0; policy drop; }'
            socle run --rm base true 2>&1 | grep -o 'inet strict f drops what is forwarded'
            """,
            "web\ninet strict f drops what is forwarded\n"
        )
    }

    /// `port` in all its forms.
    @Test(.requires(.ipv6)) func publishedPortsAreTold() throws {
        try expect(
            """
            socle run -d --name po -p 8080:80 -p 127.0.0.1:8081:80 -p 5353:53/udp -p 9000-9001:90-91 base sleep 1000 >/dev/null
            socle port po | sort; socle port po '' | wc -l; for p in 80 80/tcp 53/udp 91; do echo $p; socle port po $p | sort; done
            for p in 53 80/udp 90-91 99; do socle port po $p 2>&1; done; socle run -d --name all -P --expose 7 base sleep 1000 >/dev/null
            socle port all | sed 's/:[0-9]*$/:N/' | sort; [ "$(socle port all 7)" = "$(socle port all | sed -n 's/^7.tcp -> //p')" ] && echo same
            socle stop -t 0 po; socle port po; socle port po 80 2>&1; socle start po; socle port po 53/udp
            socle rm -f po all; socle create --name po -p 8080:80 base true >/dev/null; socle port po; socle rm po; left
            """,
            """
            53/udp -> 0.0.0.0:5353
            53/udp -> [::]:5353
            80/tcp -> 0.0.0.0:8080
            80/tcp -> 127.0.0.1:8081
            80/tcp -> [::]:8080
            90/tcp -> 0.0.0.0:9000
            90/tcp -> [::]:9000
            91/tcp -> 0.0.0.0:9001
            91/tcp -> [::]:9001
            9
            80
            0.0.0.0:8080
            127.0.0.1:8081
            [::]:8080
            80/tcp
            0.0.0.0:8080
            127.0.0.1:8081
            [::]:8080
            53/udp
            0.0.0.0:5353
            [::]:5353
            91
            0.0.0.0:9001
            [::]:9001
            Error: No public port '53/tcp' published for po
            Error: No public port '80/udp' published for po
            Error: No public port '90-91/tcp' published for po
            Error: No public port '99/tcp' published for po
            53/udp -> 0.0.0.0:N
            53/udp -> [::]:N
            7/tcp -> 0.0.0.0:N
            7/tcp -> [::]:N
            80/tcp -> 0.0.0.0:N
            80/tcp -> [::]:N
            same
            po
            Error: No public port '80/tcp' published for po
            po
            0.0.0.0:5353
            [::]:5353
            po
            all
            po

            """
        )
    }

    /// Whoever was told that a container has ended may have its ports at once.
    @Test func portsAreFreeAtOnce() throws {
        try expect(
            """
            for i in $(seq 10); do
                socle run -d --name aa -p 8090:80 -p 8090:80/udp base sleep 1000 >/dev/null && socle rm -f aa >/dev/null || echo rm $i
                socle run -d --name aa -p 8090:80 -p 8090:80/udp base sleep 1000 >/dev/null && socle kill aa >/dev/null && socle wait aa >/dev/null || echo wait $i
                socle run -d --name bb -p 8090:80 -p 8090:80/udp base true >/dev/null && socle wait bb >/dev/null && socle rm aa bb >/dev/null || echo end $i
            done
            left
            """,
            ""
        )
    }

    /// What `network create -o` asks for is what containers and the host have.
    @Test func optionsOfTheBridge() throws {
        try expect(
            """
            o=com.docker.network
            socle network create --subnet 172.28.5.0/24 --aux-address r=172.28.5.2 -o $o.bridge.name=socle-own -o $o.driver.mtu=1400 \
                -o $o.container_iface_prefix=foo -o $o.bridge.enable_ip_masquerade=false own >/dev/null
            socle network create --subnet 172.28.6.0/24 -o $o.bridge.enable_icc=false -o $o.bridge.host_binding_ipv4=127.0.0.1 apart >/dev/null
            socle run --rm --network own base sh -c 'ip -o -4 addr show foo0 | cut -c-38; cat /sys/class/net/foo0/mtu; ip route'
            ip -o link show socle-own | grep -o "mtu [0-9]*"
            nft list ruleset | grep -c 'saddr 172.28.5.0/24.*masquerade' ; nft list ruleset | grep -c 'saddr 172.28.6.0/24 oifname != .*masquerade'
            socle run --rm --network own --ip 172.28.5.2 base true 2>&1 | grep -o 'Address already in use'
            serve one --network apart -p 8080:80; serve two --network apart -p 0.0.0.0:8081:80; serve three --network own
            socle port one; socle port two
            ask 127.0.0.1 8080; ask $(address one) 80
            socle run --rm --network apart base sh -c "nc -w 1 $(address one) 80 </dev/null || echo apart; ping -c1 -W2 172.28.6.1 | grep -c 'bytes from'; nc -w 1 172.28.6.1 8081 </dev/null || echo apart"
            socle run --rm --network own base sh -c "nc -w 2 $(address three) 80 </dev/null"
            end one two three; socle network rm own apart
            left
            """,
            """
            2: foo0    inet 172.28.5.3/24 scope gl
            1400
            default via 172.28.5.1 dev foo0\u{20}
            172.28.5.0/24 dev foo0 scope link  src 172.28.5.3\u{20}
            mtu 1400
            1
            1
            Address already in use
            80/tcp -> 127.0.0.1:8080
            80/tcp -> 0.0.0.0:8081
            one
            one
            apart
            1
            apart
            three
            own
            apart

            """
        )
    }
}

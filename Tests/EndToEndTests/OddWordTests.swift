import SocleTesting
import SystemPackage
import Testing

/// Words that are seldom said, with the same on Docker. A script is a line: `d` is the engine, `$I` an image.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox, Docker.isThere)), .serialized)
final class OddWordTests {
    private let both: ComparedContainers

    init() throws { both = try ComparedContainers("socle-test-odd") }

    @Test(arguments: [
        "for c in 0 0.0 1/2 1e-2 .5 +1 -0 1.5e0 15e-1 2/4 0.010 ''; do d create --network none --cpus \"$c\" --name od1 $I true; "
            + "$D inspect -f '{{.HostConfig.NanoCpus}}' od1 2> said | grep .; $D rm od1 2> said; done; rm said",
        "for c in -1 1/0 1/3 1/-2 1.5/2 '1 ' 1e 1e1x . 1e9 1e-400 a; do d create --network none --cpus \"$c\" $I true 2>&1 "
            + "| sed 's/from 0.01 to .*/from 0.01/'; done",
        "for c in 0, ,0 , 0-, 0,,0 '' 0-0; do d create --network none --cpuset-cpus \"$c\" --name od1 $I true; $D rm od1 2> said; done; rm said",
        "d run --rm --network none --ulimit nofile=100 --ulimit core=0 --ulimit nofile=300 $I sh -c 'ulimit -n'; "
            + "d create --network none --ulimit nofile=100 --ulimit nofile=300 --name od1 $I true; d inspect -f '{{json .HostConfig.Ulimits}}' od1; d rm od1",
        "for x in 'c 4294967295:1 r' 'c 1:4294967295 r'; do $D run --rm --network none --device-cgroup-rule \"$x\" $I true > said 2>&1; echo \"= $?\"; done; rm said",
        "for u in +5 5:+6 : root:0:x +0:0: -5; do d run --rm --network none -u \"$u\" $I grep -E '^(Uid|Gid|Groups)' /proc/self/status; done",
    ] as [String])
    func options(_ script: String) throws { try both.expectTheSame(script) }

    @Test(.requires(.path("/dev/net/tun", "/dev/net/tun"))) func foldersOfDevices() throws {
        try both.expectTheSame(
            "d run --rm --network none --device /dev/net $I ls /dev/net; d run --rm --network none --device /dev/net:/dev/foo:r $I ls /dev/foo; mkdir empty; "
                + "d run --rm --network none --device $PWD/empty $I true 2>&1 | grep -v 'context canceled'; rmdir empty"
        )
    }

    /// A program that nobody waits for: what its terminal and its standard input are.
    @Test func leftAlone() throws {
        try both.expectTheSame(
            "d run -d --network none --name od1 $I sleep 1000; d exec -dit od1 sh -c 'read x; touch /typed'; d exec -dt od1 sh -c 'cat; touch /hung'; "
                + "d exec -di od1 sh -c 'cat; touch /ended'; d exec od1 sh -c 'for i in $(seq 100); do test -e /ended && break; sleep 0.1; done; "
                + "for f in /ended /typed /hung; do test -e $f && echo $f; done'; d rm -f od1"
        )
    }

    @Test(arguments: [
        "for f in Swarm Swarm.LocalNodeState LoggingDriver Labels IndexServerAddress ClientInfo Plugins.Volume RegistryConfig.InsecureRegistryCIDRs MemoryLimit "
            + "SwapLimit PidsLimit CPUShares CPUSet OomKillDisable GenericResources Isolation ExperimentalBuild; do d info --format \"{{json .$f}}\"; done; "
            + "d info -f '{{.ID}}' | grep -c ..........; d info -f '{{.InitBinary}}' | grep -c .; $D info -f '{{json .Warnings}}' | grep -c .",
        "d run -d --network none --name od1 $I sleep 1000; d pause od1; d info -f '{{.ContainersPaused}}'; d start od1; d start -a od1 2>&1 | grep -v 'context canceled'; "
            + "d unpause od1; d start od1; d rm -f od1",
        "d --log-level bogus ps -q; d --log-level error ps -aq -f name=nosuch; d -l warn ps -aq -f name=nosuch; d --context default ps -aq -f name=nosuch; "
            + "d -c default --config /nosuch ps -aq -f name=nosuch; $D --context foo ps > said 2>&1; echo \"= $?\"; rm said",
        "d create --network none --name od1 $I true; mkdir own; echo '{\"psFormat\":\"own {{.Names}}\"}' > own/config.json; d --config own ps -a -f name=od1; rm -r own; "
            + "d ps -a -f name=od1 --format '{{json .}}' | grep -o '\"Size\":\"0B (virtual'; d ps -a -f name=od1 --format '{{json .Size}}' | grep -o '0B (virtual'; d rm od1",
        "d create --network none --name od1 $I true; for f in 'table{{.Names}}' 'table  {{.Names}} {{.State}} ' 'tablex{{.Names}}' tables 'table\\t{{.Names}}'; do "
            + "d ps -a -f name=od1 --format \"$f\"; done; d images --format 'table{{.Repository}}' $I; d rm od1",
        "d create --network none --name od1 $I true; d rename od1 ''; d rename '' x; d rename od1 ' '; d rename od1 od1; d rm od1",
        "d run --network none --name od1 $I echo hi; for f in --since --until; do d logs $f foo od1; d logs $f '' od1; d logs $f foo od-nosuch; done; d rm od1",
        "d create --network none --name od1 -m 64m $I true; $D update --blkio-weight 100 od1 2>/dev/null; $D update --kernel-memory 10m od1 2>/dev/null; d rm od1",
    ] as [String])
    func verbs(_ script: String) throws { try both.expectTheSame(script) }

    /// Where a container's network is, and how networks are asked for.
    @Test(arguments: [
        "d run -d --network none --name od1 $I sleep 1000; nsenter --net=$($D inspect -f '{{.NetworkSettings.SandboxKey}}' od1) "
            + "sed -n 's/:.*//p' /proc/self/net/dev; d inspect -f '{{if .NetworkSettings.SandboxID}}yes{{end}}' od1; d rm -f od1",
        "n() { d inspect -f '{{range .NetworkSettings.Networks}}{{if .NetworkID}}yes{{else}}no{{end}}{{end}}' od1; }; for m in host none; do "
            + "d create --network $m --name od1 $I sleep 1000; n; d start od1; n; d stop -t 0 od1; n; d rm od1; done; "
            + "d create --network none --name od1 $I true; d inspect -f '[{{.NetworkSettings.SandboxKey}}]' od1; d rm od1",
        "d run -d --network none --name od1 $I sleep 1000; id=$($D network inspect -f '{{.Id}}' none); for f in $id ${id:0:12} ${id:0:3} no none nosuch; do "
            + "d ps -a --format '{{.Names}}' -f name=od1 -f network=$f; done; d rm -f od1",
    ] as [String])
    func networks(_ script: String) throws { try both.expectTheSame(script) }

    @Test(arguments: [
        "d create --network none --name od1 $I true; $D cp od1:/etc/passwd /dev/stdout > out; echo \"= $?\"; head -1 out; rm out; d cp od1:/etc/passwd /dev/null; "
            + "ls -l /dev/null | cut -c1; d rm od1",
        "echo x > file; d create --name od1 --network none -v /vvv -v /a/b -v $PWD:/xx/f --tmpfs /ttt -v $PWD/file:/etc/ff -v $PWD/file:/etc/passwd $I true; "
            + "d diff od1; d start od1; d wait od1; d diff od1 | sort; d rm -v od1; rm file",
        "d run --rm --network none -v /tmp:/a -v /tmp:/a $I echo once; d run --rm --network none -v /tmp:/a -v /tmp:/a:ro $I echo twice",
        "d run --rm --network none -v od-etc:/etc $I ls /etc; d volume rm od-etc",
        "d run --rm --network none --add-host a:999.1.1.1 $I true; d run --rm --network none --add-host a:1.2.3.4 --add-host b:::1 $I grep -w '[ab]' /etc/hosts",
        "d create --network none --name od1 $I true; d commit -c $'ENV a=1\n\nCMD b' od1 $I-e > said; rm said; "
            + "d inspect -f '{{json .Config.Cmd}} {{range .Config.Env}}{{.}} {{end}}' $I-e; $D rmi $I-e > said; rm said; d rm od1",
    ] as [String])
    func files(_ script: String) throws { try both.expectTheSame(script) }

    /// A container's tables that lead to what the kernel makes up: `exec` would take messages away from whoever reads the kernel's log. Docker
    /// waits there for ever.
    @Test func tablesThatLeadIntoTheKernel() throws {
        let result = try both.socle.shell(
            "socle run -d --network none --name od1 \(both.image) sh -c 'for f in passwd group; do rm -f /etc/$f; ln -s /proc/kmsg /etc/$f; done; touch /made; "
                + "sleep 1000' >/dev/null; eventually made 'socle exec -u 0:0 od1 ls / | grep made'; socle exec od1 echo there; "
                + "socle exec -u 0:nosuch od1 true 2>&1; echo $?; socle rm -f od1"
        )
        #expect(result.text == "made\nthere\nexec failed: unable to find group nosuch: no matching entries in group file\n126\nod1\n", "\(result.summary)")
    }

    /// The name of what is thrown away at its end can be taken as soon as its end is told.
    @Test func namesAreFreeAfterTheEnd() throws {
        let result = try both.socle.shell(
            "for i in 1 2 3 4 5; do socle run -d --rm --network none --name od1 \(both.image) sh -c 'sleep 0.2; exit 6' >/dev/null && socle wait od1; done; "
                + "socle run -d --rm --network none --name od1 \(both.image) sh -c 'sleep 0.2; exit 7' >/dev/null; socle attach od1; echo $?; socle ps -aq"
        )
        #expect(result.text == "6\n6\n6\n6\n6\n7\n", "\(result.summary)")
    }

    @Test func events() throws {
        try both.expectTheSame(
            """
            sleep 1; S=$(date +%s); d run -d --network none --name od1 $I sleep 1000; d exec od1 true; d exec od1 echo a b; d commit od1 $I-c; d commit -p=false od1 $I-d
            $D rmi $I-c $I-d > said; rm said; d rm -f od1; sleep 1.1; U=$(date +%s)
            for e in pause unpause commit exec_create exec_start; do o="$o -f event=$e"; done
            $D events --since $S --until $U $o -f container=od1 --format '[{{.Action}}]'
            $D events --since $S --until $U -f type=image -f event=delete --format '{{if eq .Actor.Attributes.name .ID}}named{{end}}'
            """
        )
    }

    /// There is nobody to reach.
    @Test(arguments: ["-H unix:///var/run/docker.sock", "--host tcp://127.0.0.1:1", "--tlsverify", "--tlscacert x"])
    func daemons(_ words: String) throws {
        let result = try both.socle.shell("socle \(words) ps -q; echo \"= $?\"")
        #expect(result.text == "= 125\n" && result.errorText.contains("there is no daemon to reach"), "\(result.summary)")
    }
}

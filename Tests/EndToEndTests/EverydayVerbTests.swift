import SocleTesting
import SystemPackage
import Testing

/// The everyday verbs word by word, with the same words on Docker. A script is a line: `d` is the engine, `$I` an image.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox, Docker.isThere)), .serialized)
final class EverydayVerbTests {
    private let both: ComparedContainers

    init() throws { both = try ComparedContainers("socle-test-everyday") }

    @Test(arguments: [
        // What is asked of a container at its creation.
        "d create --name ev1 --network none --expose 80-81 --expose 5/udp -p 85 -p 127.0.0.1:8099:86/udp $I true; "
            + "d inspect -f '{{json .Config.ExposedPorts}} {{json .HostConfig.PortBindings}}' ev1; d rm ev1",
        "d create --name ev1 --network none $I true; d inspect -f '{{json .Config.ExposedPorts}}' ev1; d rm ev1",
        "d create --name ev1 --network none --mount type=tmpfs,dst=/u $I true; "
            + "d inspect -f '{{range .Mounts}}{{.Type}}-{{.Name}}-{{.Destination}}-{{.Driver}};{{end}}' ev1; d rm ev1",
        "d run --rm --network none -w '' $I pwd",
        // A file over a directory, and the other way round.
        "d run --rm --network none -v /etc/passwd:/etc $I true 2>&1 | grep -c 'Are you trying to mount a directory onto a file'",
        "d run --rm --network none -v /etc:/bin/sh $I true 2>&1 | grep -c 'Are you trying to mount a directory onto a file'",
        // Who sees nothing of a container sees its ID.
        "d run --network none --name ev1 -a stdin $I sh -c 'echo o; sleep 0.5; echo e >&2'; d wait ev1; d logs ev1; d rm ev1",
        "d run --rm --network none -a stdout $I sh -c 'echo o; echo e >&2'",
        "d run --rm --network none -a stderr $I sh -c 'echo o; echo e >&2'",
        "d run --rm --network none -a bogus $I true",
        "d run --rm --network none --sig-proxy=false $I sh -c 'exit 2'",
        // Life
        "d run -d --network none --name ev1 $I sleep 100; d pause ev1; d rm ev1; d rm -f ev1; d ps -aq",
        "d create --name ev1 --network none -m 64m --memory-swap 64m $I true; d update --memory-swap 128m ev1; "
            + "d inspect -f '{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}}' ev1; d rm ev1",
        "d create --name ev1 --network none $I true; d inspect -s -f '{{.SizeRw}}' ev1; "
            + "d container inspect --size -f '{{.SizeRw}}' ev1; d inspect -f '{{.SizeRw}}' ev1; d rm ev1",
        "d run -d --network none --name ev1 -e A=b $I sleep 100; d exec -e A ev1 sh -c 'echo [$A]'; A=c d exec -e A ev1 sh -c 'echo [$A]'; d rm -f ev1",
        // Views
        "d run -d --network none --name ev1 $I sleep 100; d top ev1 | sed -E 's/[0-9]+/N/g' | head -1; "
            + "d top ev1 aux | head -1; d top ev1 -o pid,comm | head -1; d top ev1 bogus; d rm -f ev1",
        "d create --network none --name ev1 $I true; d create --network none --name ev2 $I true; "
            + "for f in 'ev[12]' 'ev.|x' '^ev1$' '^/ev1$' 'v2$' ev1 ev 'z|2' '['; do d ps -a --format '{{.Names}}' -f \"name=$f\"; done; d rm ev1 ev2",
        "d ps -a -f since=ev-nosuch; d ps -a -f before=ev-nosuch",
        "d run --network none --name ev1 $I echo hi; for s in 0 1h 2000-01-01 2000-01-01T10:10 2000-01-01T00:00:00Z 2999-01-01; do "
            + "d logs --since $s ev1; done; d rm ev1",
    ] as [String])
    func theSame(_ script: String) throws { try both.expectTheSame(script) }

    /// What stands beside the lines of a log.
    @Test(arguments: [
        "d run --network none --name ev1 -l l=1 -l 'm=a b' -e 'A=x&y' -e B=2 --log-opt labels=l,m,n --log-opt env=A,C --log-opt tag=t $I echo hi; "
            + "d logs --details ev1; d logs -t --details ev1 | sed 's/^[^ ]* //'; d logs ev1; d rm ev1",
        "d run --network none --name ev1 --log-opt tag='{{.Name}}/{{.ImageName}}' $I echo hi; d logs --details ev1; d start -a ev1; d logs --details ev1; d rm ev1",
        "d run --network none --name ev1 --log-opt labels=l $I echo hi; d logs --details ev1; d rm ev1",
        "d run --network none --name ev1 -l ab=1 -l ac=2 -l b=3 -e FOO=1 -e FOX= -e BAR=3 --log-opt labels=b,x --log-opt labels-regex='^a' --log-opt env=BAR "
            + "--log-opt env-regex='^FO' --log-opt tag='{{.Name}}={{.Command}}' $I echo hi; d logs --details ev1; d inspect -f '{{json .HostConfig.LogConfig}}' ev1; d rm ev1",
        "d run --network none --name ev1 --log-opt max-size=2k --log-opt max-file=200 --log-opt compress=true $I seq 1 400 | tail -1; d logs ev1 | md5sum; "
            + "d logs --tail 50 ev1 | head -1; d logs -f --tail 399 ev1 | head -1; d logs --since 1h ev1 | wc -l; d logs --until 1h ev1; "
            + "gunzip -c $($D inspect -f '{{.LogPath}}' ev1).1.gz | wc -l | grep -c '^2[0-9]$'; d rm ev1",
        "d run --network none --name ev1 --log-driver local --log-opt max-size=2k --log-opt max-file=200 $I seq 1 400 | tail -1; d logs ev1 | md5sum; d rm ev1",
        "d run --network none --name ev1 --log-opt mode=non-blocking --log-opt max-buffer-size=8m $I seq 1 20000 | tail -1; d logs ev1 | md5sum; "
            + "d inspect -f '{{json .HostConfig.LogConfig}}' ev1; d rm ev1",
        "d create --network none --name ev1 --log-opt bogus=1 $I true",
    ] as [String])
    func attributesOfLogs(_ script: String) throws { try both.expectTheSame(script) }

    /// The options of the local driver, by `volume create` and by `--mount`.
    @Test(arguments: [
        "d volume create -o type=tmpfs -o device=tmpfs -o o=size=2m,uid=7 evv; d volume inspect -f '{{json .Options}}' evv; "
            + "d run --rm --network none -v evv:/m $I sh -c 'grep \" /m \" /proc/mounts; stat -c %u /m'; d volume rm evv",
        "mkdir b; echo x > b/f; d volume create -o type=none -o device=$PWD/b -o o=bind evv; d run --rm --network none -v evv:/m $I ls /m; "
            + "d run --rm --network none -v evv:/m $I touch /m/new; d run --rm --network none -v evv:/m:ro $I touch /m/no; ls b; d volume rm evv; ls b; rm -r b",
        "mkdir b; d volume create -o type=none -o device=$PWD/b -o o=bind,ro evv; d run --rm --network none -v evv:/m $I touch /m/q; d volume rm evv; rmdir b",
        "mkdir b; d volume create -o type=none -o device=$PWD/b -o o=bind evv; d create --name ev1 --network none -v evv:/m $I true; "
            + "echo hi > f; d cp f ev1:/m/f; cat b/f; d cp ev1:/m/f g; cat g; d rm ev1; d volume rm evv; rm -r b f g",
        "mkdir b; d volume create -o type=none -o device=$PWD/b -o o=bind evv; d run --rm --network none -v evv:/bin $I ls /bin | head -3; "
            + "ls b | head -3; d volume rm evv; rm -r b",
        "d volume create -o bogus=1 evv; d volume create -o o=size=1m evv; d volume create -o device=tmpfs evv; d volume create -o type=tmpfs evv; "
            + "d volume create -o size=10m evv; d volume create -o type evv",
        "d volume create evv; d volume create -o type=tmpfs -o device=tmpfs evv; d volume inspect -f '{{json .Options}}' evv; d volume rm evv",
        "d run --rm --network none --mount 'src=evv,dst=/m,\"volume-opt=o=size=1m,uid=1000\",volume-opt=type=tmpfs,volume-opt=device=tmpfs' $I "
            + "sh -c 'grep \" /m \" /proc/mounts; stat -c %u /m'; d volume inspect -f '{{json .Options}}' evv; d volume rm evv",
        "mkdir b; echo x > b/f; d run --rm --network none --mount dst=/m,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=$PWD/b $I ls /m; "
            + "ls b; rm -r b",
        "d run --rm --network none --mount src=evv,dst=/m,volume-opt=bogus=1 $I true",
        "d run --rm --network none --mount src=evv,dst=/m,volume-label=a=b,volume-label=c $I true; d volume inspect -f '{{json .Labels}}' evv; d volume rm evv",
        "d create --name ev1 --network none --mount src=evv,dst=/m,volume-nocopy,volume-label=a=b,volume-opt=type=tmpfs,volume-opt=device=tmpfs $I true; "
            + "d inspect -f '{{json .HostConfig.Mounts}}' ev1; d rm ev1; d volume rm evv",
    ] as [String])
    func volumesOfOtherKinds(_ script: String) throws { try both.expectTheSame(script) }

    /// What shows only while it is mounted isn't copied to where nobody would see it.
    @Test func copyingIntoAMountThatIsNotThere() throws {
        let script = "d volume create -o type=tmpfs -o device=tmpfs evv; d create --name ev1 --network none -v evv:/bin $I true; "
            + "d cp /etc/passwd ev1:/bin; d rm ev1; d volume rm evv"
        let result = try both.socle.shell("d() { socle \"$@\"; }; I=\(both.image); " + script)
        #expect(result.errorText.contains("volume evv is there only while its container runs"), "\(result.errorText)")
    }

    /// What says nothing, and what is said twice.
    @Test(arguments: [
        "d run --rm --network none --tmpfs /a:size=1m --tmpfs /a:size=2m,mode=700 $I sh -c 'mount | grep \" /a \"'; "
            + "d create --network none --name ev1 --tmpfs /a:size=1m --tmpfs /a:size=2m $I true; d inspect -f '{{json .HostConfig.Tmpfs}}' ev1; d rm ev1",
        "for p in '{}' null '{\"syscalls\":[]}' '{\"x\":1}' '{\"defaultAction\":\"SCMP_ACT_ALLOW\"}'; do echo \"$p\" > profile; "
            + "d run --rm --network none --security-opt seccomp=profile $I grep Seccomp: /proc/self/status; done; rm profile",
        "d create --network none --name ev1 --mac-address 02:42:ac:11:00:05 $I true; d inspect -f '{{json .Config.MacAddress}}' ev1; d rm ev1; "
            + "d create --network none --name ev1 $I true; d inspect ev1 | grep -c MacAddress; d rm ev1",
    ] as [String])
    func saidTwiceOrNotAtAll(_ script: String) throws { try both.expectTheSame(script) }

    /// Newer Docker's `bind-create-src`.
    @Test func aFolderThatIsMadeForAMount() throws {
        let result = try both.socle.shell("""
            m=type=bind,src=$PWD/made/here,dst=/a
            socle run --rm --network none --mount $m,bind-create-src=false \(both.image) true 2>&1 | grep -o 'does not exist'
            socle run --rm --network none --mount $m,bind-create-src \(both.image) touch /a/b; ls made/here; rm -r made
            socle create --name ev1 --network none --mount $m,bind-create-src=true \(both.image) true > /dev/null
            socle inspect -f '{{json (index .HostConfig.Mounts 0).BindOptions}}' ev1; socle rm ev1; ls made; rm -r made
            socle run --rm --mount type=volume,dst=/a,bind-create-src=true \(both.image) true 2>&1 | grep -o "cannot mix 'bind-.*"
            """)
        #expect(
            result.text
                == "does not exist\nb\n{\"CreateMountpoint\":true}\nev1\nhere\ncannot mix 'bind-*' options with mount type 'volume'\n",
            "\(result.summary)"
        )
    }

    /// The formats of the user's `config.json`.
    @Test(arguments: [
        #"{"psFormat":"ps {{.Names}}","imagesFormat":"im {{.Repository}}","networksFormat":"nw {{.Name}}","volumesFormat":"vo {{.Name}}","statsFormat":"st {{.Name}}"}"#,
        #"{"psFormat":"table {{.Names}}\\t{{.Image}}","imagesFormat":"table {{.Repository}}","networksFormat":"table {{.Name}}\\t{{.Driver}}","volumesFormat":"table {{.Name}}","statsFormat":"table {{.Name}}"}"#,
        #"{"psFormat":"{{.Bogus}}","imagesFormat":"{{","networksFormat":"","volumesFormat":"{{.Name","statsFormat":"{{end}}"}"#,
    ])
    func ownFormats(_ config: String) throws {
        try both.expectTheSame(
            """
            export DOCKER_CONFIG=$PWD/config; mkdir config; cat > config/config.json <<'END'
            \(config)
            END
            d run -d --network none --name ev1 $I sleep 1000; d volume create ev1
            for o in '' -a -s '--no-trunc' '--format {{.Names}}'; do d ps -f name=ev1 $o; done; d ps -q | wc -l; d ps --format ''  -q | wc -l
            for o in '' --digests '--format {{.Tag}}' '--no-trunc'; do d images $o $I; done; d images -q $I | wc -l
            d network ls --no-trunc -f name=none; d network ls -q -f name=none | wc -l; d volume ls -f name=ev1; d volume ls -q -f name=ev1
            d stats --no-stream ev1; d rm -f ev1; d volume rm ev1; rm -r config
            """
        )
    }
}

import SocleTesting
import SystemPackage
import Testing

/// What is refused, with the same words on Docker: what each says, and how it ends. A script is a line: `d` is the engine, `$I`
/// an image.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox, Docker.isThere)), .serialized)
final class RefusalTests {
    private let both: ComparedContainers

    init() throws { both = try ComparedContainers("socle-test-refusals") }

    /// Of `run` and `create`: the command's own words end with 125, the engine's with 1 where nothing runs.
    @Test(arguments: [
        "for s in net.x net.ipv4.ip_forward kernel.msgmax '' =x bogus.x=1 kernel.hostname=x kernel.msg=1 fs.mqueue=1 net=1; do "
            + "d $w --network none --sysctl \"$s\" $I true; done",
        "for f in --label-file --env-file; do d $w --network none $f nosuch $I true; mkdir dir; d $w --network none $f dir $I true; rmdir dir; "
            + "echo 'a b=c' > file; d $w --network none $f file $I true; echo '=c' > file; d $w --network none $f file $I true; rm file; done",
        "d $w -l =x $I true; d $w -e =x $I true; d $w --uts x $I true; d $w --pid x $I true; d $w --userns x $I true; d $w --cgroupns x $I true",
        "d $w --security-opt x $I true; d $w --security-opt seccomp=/nosuch $I true; d $w --storage-opt x $I true; "
            + "d $w --no-healthcheck --health-cmd x $I true; d $w --health-retries -1 $I true",
        // The engine's
        "d $w --network none $I; d $w --name '?' $I true; d $w -m 1 $I true; d $w -v a:/b:bogus $I true; d $w -w x $I true; d $w --cap-add x $I true; "
            + "d $w --stop-signal x $I true; d $w --volumes-from x $I true; d $w --tmpfs x $I true; d $w --isolation x $I true",
    ] as [String])
    func creating(_ script: String) throws { try both.expectTheSame("for w in run create; do \(script); done") }

    /// What the command finds wrong ends with 125, what the engine does with 1 where nothing runs; `run` has the statuses of programs
    /// for what isn't there.
    @Test(arguments: [
        "for w in run create; do for x in x 02:42:ac:11:00; do d $w --network none --mac-address $x $I true; done; done",
        "for w in run create; do for x in 200 -2 x; do d $w --network none --memory-swappiness $x $I true; done; done; "
            + "d create --network none --name re1 --memory-swappiness -1 $I true; d rm re1",
        "for w in run create; do for x in on-failure:x bogus always:3 on-failure:-1 no:3 always:x a:b:c; do d $w --network none --restart $x $I true; done; done",
        "for x in type=bind,dst=/a type=bind,src=a,dst=/a type=bind,src=/etc,dst=a type=volume,src=vol,dst=/ type=tmpfs,src=x,dst=/a; do "
            + "for w in run create; do d $w --network none --mount $x $I true; done; done",
        "d run --rm --network none --device /dev/nope $I true 2>&1 | grep -v 'context canceled'; d run --rm --network none --device /etc/passwd $I true 2>&1 "
            + "| grep -v 'context canceled'; for x in /dev/nope /etc/passwd; do $D run --rm --network none --device $x $I true > said 2>&1; echo \"= $?\"; done; rm said",
        "for x in net.ipv4.nope=1 net.ipv4.ip_forward=x; do $D run --rm --network none --sysctl $x $I true > said 2>&1; echo \"= $?\"; done; rm said",
        "d run --rm --network none --cidfile /nosuch/x $I true",
        "d run --rm --network none --log-driver x $I true; d create --log-driver x $I true",
        "printf 'a=b\\nHOME\\nfoo\\n\\n# c\\n x=y z\\n' > file; d create --name re1 --network none --label-file file $I true; d inspect -f '{{json .Config.Labels}}' re1; d rm re1; "
            + "printf 'bar =x\\n' > file; d create --network none --label-file file $I true; rm file",
        "for v in 'ps -aq' 'images -q' 'volume ls -q' 'network ls -q'; do d $v -f x; for f in x= =; do $D $v -f '' -f $f > said 2>&1; echo \"= $?\"; done; done; rm said; d ps -aq -f ''; "
            + "d container prune -f --filter ''; d volume ls -q -f name=nosuch -f ''",
    ] as [String])
    func statuses(_ script: String) throws { try both.expectTheSame(script) }

    @Test func executing() throws {
        try both.expectTheSame(
            "d run -d --network none --name re1 $I sleep 1000; for o in '-w rel' '-u nope' '-u 1:nope' '-w /nosuch' '-d -w rel' '-d -u nope'; do "
                + "$D exec $o re1 true > said 2>&1; echo \"= $?\"; done; d rm -f re1; rm said"
        )
    }

    /// What no log takes. `create` doesn't look at values on Docker.
    @Test(arguments: [
        "for w in run create; do for o in mode=x max-buffer-size=1m bogus=1 x; do d $w --network none --log-opt \"$o\" $I true; "
            + "d $w --network none --log-driver local --log-opt \"$o\" $I true; d $w --log-driver none --log-opt \"$o\" $I true; done; done",
        "for o in labels=a labels-regex=a env=a env-regex=a tag=a; do d run --network none --log-driver local --log-opt $o $I true; done",
        "for o in x -1 '' 1kk; do d create --network none --log-opt mode=non-blocking --log-opt \"max-buffer-size=$o\" $I true; done",
        "for l in json-file local; do for o in compress=x compress= max-size=-1 max-size=x max-size= max-file=x max-file=; do "
            + "d run --rm --network none --log-driver $l --log-opt $o $I true 2>&1 | grep -v 'context canceled'; done; done; "
            + "for o in max-size=1m max-file=3; do d run --rm --network none --log-opt compress=true --log-opt $o $I true 2>&1 | grep -v 'context canceled'; done; "
            + "d run --rm --network none --log-driver local --log-opt max-file=1 $I true 2>&1 | grep -v 'context canceled'; "
            + "for o in max-size=0 max-file=0; do d run --rm --network none --log-opt $o $I true 2>&1 | grep -v 'context canceled'; done",
    ] as [String])
    func loggingOptions(_ script: String) throws { try both.expectTheSame(script) }

    /// Options of bridges. Their names for the host are each engine's own.
    @Test func networkOptions() throws {
        try both.expectTheSame(
            """
            o=com.docker.network
            for x in enable_icc=x enable_ip_masquerade= host_binding_ipv4=x; do d network create -o $o.bridge.$x re-n; done
            for x in x -1 ''; do d network create -o $o.driver.mtu=$x re-n; done
            d network create -o $o.driver.mtu=1400 -o $o.bridge.enable_icc=false -o $o.bridge.enable_ip_masquerade=0 \
                -o $o.bridge.host_binding_ipv4=127.0.0.1 -o $o.container_iface_prefix=foo -o $o.bridge.name=socle-re --ipam-opt x=y re-n
            d network create -o $o.bridge.name=socle-re re-m
            d network inspect -f '{{json .Options}} {{json .IPAM.Options}} {{.IPAM.Driver}}' re-n
            d network rm re-n
            d network create --ipam-driver default -o $o.bridge.name= -o $o.driver.mtu=0 re-n; d network inspect -f '{{json .Options}}' re-n; d network rm re-n
            """
        )
    }

    /// Formats: of lists they end with 1, of documents with 64.
    @Test(arguments: [
        "ps", "ps -q", "images", "stats --no-stream", "volume ls", "network ls", "history $I", "system df", "events --until 0", "info", "inspect $I",
        "network inspect none", "system df -v",
    ])
    func formats(_ verb: String) throws {
        try both.expectTheSame(
            "for f in '{{.Names' '{{bogus .}}' '{{.ID | bogus}}' '{{end}}' '{{if .ID}}' 'table {{.Names'; do d \(verb) --format \"$f\"; done"
        )
    }

    /// Formats that ask for what isn't there.
    @Test(arguments: [
        "for f in '{{.Bogus}}' 'table {{.Bogus}}' '{{json}}'; do d ps --format \"$f\"; d images --format \"$f\"; d network ls --format \"$f\"; "
            + "d history --format \"$f\" $I; done",
        "for f in '{{.Bogus}}' 'table {{.Bogus}}'; do d volume ls --format \"$f\"; d stats --no-stream --format \"$f\"; done",
        "for f in '{{.Bogus}}' 'table {{.Bogus}}' '{{json}}'; do $D events --until 0 --format \"$f\" 2>&1 | grep -o '^Error parsing format: template: :1:[28]:'; done",
        "d version --format '{{.Names' > said 2>&1; d version --format '{{.Bogus}}' > said 2>&1; rm said",
    ] as [String])
    func formatsThatDoNotFit(_ script: String) throws { try both.expectTheSame(script) }

    @Test(arguments: [
        "for f in publish=x publish=80/x publish=99999 publish= publish=80-70 publish=80/tcp/udp publish=80/ expose=x expose=80/x expose=1-x expose= "
            + "expose=-1; do d ps -aq -f \"$f\"; done",
        "for f in exited=x exited= exited=-1 exited=1.5 health=x is-task=x is-task= ancestor= label= since=x name; do d ps -aq -f \"$f\"; done",
        "for f in isolation=x isolation=default; do d ps -aq -f \"$f\"; done",
        "for f in type=x type=; do d network ls -f \"$f\"; done; for f in dangling=x; do d network ls -f \"$f\" 2>&1 | tail -1; done",
        "for f in dangling=x dangling=; do d volume ls -f \"$f\"; d images -f \"$f\"; done; d images -f 'reference=['; d images -f 'reference=a[b'",
        "d volume create -q rev 2>&1 | tail -1; d volume create --label k=v rev; d volume prune -f --filter label!=k | tail -2; d volume ls -q -f name=rev; "
            + "d volume prune -f --filter until=1h 2>&1 | grep -ic filter; d volume rm rev",
    ] as [String])
    func filters(_ script: String) throws { try both.expectTheSame(script) }

    @Test func portsThatAreNotPublished() throws {
        try both.expectTheSame(
            "d run -d --network none -p 80:80 --name re1 $I sleep 1000; for p in 80 80/tcp 80/udp 90-91 x '' 80/ /tcp 80/x 80/TCP 99999 '80 ' -1; do "
                + "d port re1 \"$p\" 2>&1 | grep -v '^See '; done; d rm -f re1; d port re1; d port re1 80"
        )
    }

    @Test(arguments: [
        "d cp dir re1:/etc/passwd; d cp dir re1:/etc/passwd/; d cp dir/. re1:/etc/passwd; d cp re1:/etc dir/a; d cp re1:/etc/. dir/a; d cp dir re1:/bin/sh",
        "d cp re1:/etc dir/a/; d cp re1:/etc dir/a/.; d cp re1:/etc/passwd dir/a/; d cp re1:/etc/passwd dir/a/x; d cp re1:/etc/passwd dir/a/x/y; d cp re1:/etc dir/l/",
        "d cp dir/a re1:/etc/passwd/x; d cp dir re1:/etc/passwd/x; d cp dir/a re1:/etc/passwd/; d cp dir/a re1:/nosuch/; d cp dir/a re1:/nosuch/x",
        "mkdir dir/passwd; d cp dir/passwd re1:/etc; d cp dir/. re1:/etc; d cp re1:/etc/passwd dir; d cp re1:/etc/passwd dir/; d cp re1:/etc/passwd dir/.; "
            + "touch dir/etc; d cp re1:/etc dir; d cp re1:/etc dir/; d cp re1:/etc dir/.; d cp re1:/etc ./dir/../dir/; d cp dir/etc re1:/; d cp dir/. re1:/",
    ] as [String])
    func copying(_ script: String) throws {
        try both.expectTheSame(
            "mkdir dir; echo x > dir/a; ln -s a dir/l; d create --name re1 --network none $I true; { \(script); } 2>&1 | sed \"s|$PWD|PLACE|g; s/Error processing tar file(exit status 1): //\"; d rm re1; rm -r dir"
        )
    }

    /// What is taken, with a warning.
    @Test(arguments: [
        "d create --name re1 --network host -p 80:80 $I true; d start re1; d port re1; d inspect -f '{{json .HostConfig.PortBindings}}' re1; d rm re1",
        "d run --rm --network host -p 80 $I echo hi; d run -d --name re1 --network host -p 80 $I true; d rm -f re1; d run --rm --network host -P $I true",
        "d create --network none -p 80:80 --name re1 $I true; d rm re1; d create --name re1 --network host --expose 80 $I true; d rm re1; "
            + "d create --network host -p 80 nosuch 2>&1 | grep -c WARNING",
    ] as [String])
    func warnings(_ script: String) throws { try both.expectTheSame(script) }

    @Test func sysctlsThatAreTaken() throws {
        try both.expectTheSame(
            "d create --name re1 --network none --sysctl net.ipv4.ip_forward= --sysctl kernel.sem=1 --sysctl fs.mqueue.x=a --sysctl net.a=b=c "
                + "--sysctl net.a=d $I true; d inspect -f '{{json .HostConfig.Sysctls}}' re1; d rm re1"
        )
    }
}

import SocleTesting
import SystemPackage
import Testing

/// Docker and Podman with socle as their runtime.
@Suite(.requires(.all(.root, Fixture.busybox)), .serialized)
final class OCIEngineTests {
    private static let image = "socle-test-oci"
    private let socle: Socle
    private let tar: String

    init() throws {
        let socle = try Socle()
        tar = try Fixture.busyboxRoot(in: socle.work, marked: "oci").string
        if Docker.isThere.isMet { try Docker.output("import", tar, Self.image) }
        self.socle = socle
    }

    deinit { if Docker.isThere.isMet { _ = try? Docker.run(["rmi", "-f", Self.image]) } }

    private func say(_ script: String, with runtime: String) throws -> String {
        let text = """
            R=\(runtime); I=\(Self.image)
            d() { docker "$@"; echo "= $?"; }
            run() { d run --runtime $R --network none "$@"; }
            {
            \(script)
            } 2>&1 | sed -E 's/[0-9a-f]{64}/ID/g; s/(runc|socle) create failed/create failed/; s/[\\^]@//g' | tr -d '\\000' | grep -v 'error waiting for container'
            """
        return try socle.shell(text, environment: ["DOCKER_HOST": Environment.value("DOCKER_HOST") ?? ""]).text
    }

    private func expectTheSame(_ script: String) throws {
        let ours = try say(script, with: "socle")
        let theirs = try say(script, with: "runc")
        #expect(ours == theirs, "socle:\n\(ours)\nrunc:\n\(theirs)")
    }

    /// Whether the Docker of the tests knows the runtime; scripts/with-docker tells it where SOCLE_BINARY is set.
    private static let dockersRuntime = Requirement(
        isMet: Docker.isThere.isMet
            && (try? Docker.run(["info", "-f", "{{json .Runtimes}}"]).text.contains("\"socle\"")) == true,
        reason: "needs a Docker that knows the runtime (SOCLE_BINARY=... scripts/with-docker)"
    )

    @Test(.requires(dockersRuntime))
    func docker() throws {
        try expectTheSame(
            """
            run --rm $I id; run --rm $I sh -c 'exit 7'; run --rm $I nope; run --rm $I /etc; echo hi | run --rm -i $I cat
            script -qec "docker run --rm --runtime $R --network none -it $I sh -c 'tty; ls /dev/console'" /dev/null </dev/null
            run -d --name oci-a -m 64m --pids-limit 50 --cpus 0.5 --ulimit nofile=100:200 --health-cmd true --health-interval 1s $I sh -c 'trap "exit 3" TERM; while :; do sleep 0.1; done'
            d exec oci-a id; d exec oci-a sh -c 'exit 9'; d exec oci-a nope; d exec -d oci-a sleep 33; d exec -u 5:6 -w /tmp -e A=b oci-a sh -c 'id; pwd; echo $A'
            script -qec "docker exec -it oci-a tty" /dev/null </dev/null
            docker top oci-a -o pid,args | grep -c sleep.33
            d pause oci-a; d inspect -f '{{.State.Status}}' oci-a; d unpause oci-a
            d update --pids-limit 60 -m 128m --memory-swap 256m oci-a; cat /sys/fs/cgroup/pids/docker/$(docker inspect -f '{{.Id}}' oci-a)/pids.max
            sleep 1.5; d inspect -f '{{.State.Health.Status}}' oci-a
            d exec oci-a sh -c 'ulimit -Hn; cat /proc/1/oom_score_adj'
            d stop oci-a; d inspect -f '{{.State.ExitCode}} {{.State.Status}}' oci-a; d start oci-a; d restart -t 1 oci-a; d kill oci-a
            d inspect -f '{{.State.ExitCode}}' oci-a; d rm -f oci-a
            run --name oci-b -m 16m $I sh -c 'x=aaaaaaaa; while :; do x=$x$x; done'; d inspect -f '{{.State.OOMKilled}}' oci-b; d rm oci-b
            """
        )
    }

    @Test(.requires(dockersRuntime))
    func whatAContainerOfDockersSees() throws {
        try expectTheSame(
            """
            run --rm --user 5:6 --cap-add SYS_TIME --cap-drop NET_RAW --security-opt no-new-privileges --device /dev/fuse -w /wd -h hh -e A=b \\
              --sysctl net.ipv4.ip_forward=1 --read-only --tmpfs /tmp:size=1m -v /usr:/data:ro $I \\
              sh -c 'exec 2>&1; id; grep -E "Cap|NoNew|Seccomp" /proc/self/status; ls -l /dev/fuse | cut -c1-20; pwd; env | sort; cat /proc/sys/net/ipv4/ip_forward;
                cut -d" " -f5,6 /proc/self/mountinfo | sort; touch /x; touch /data/x; touch /tmp/x; echo /proc/self/fd/*; ulimit -a'
            run --rm --pid host --ipc host --uts host $I sh -c 'set -- /proc/[0-9]*; [ $# -gt 10 ]; echo $?'
            run --rm --init $I sh -c 'readlink /proc/1/exe'
            """
        )
    }

    @Test(.requires(.tool("podman")))
    func podman() throws {
        let said = try socle.shell(
            """
            p=$(mktemp -d /tmp/socle-p.XXXXXX); mkdir bin; ln -s "$(realpath "$SOCLE")" bin/socle-oci
            p() { podman --root "$p/root" --runroot "$p/run" --tmpdir "$p/tmp" --cgroup-manager cgroupfs --runtime "$PWD/bin/socle-oci" "$@" 2>&1; echo "= $?"; }
            o="--network none --ulimit nofile=1000:1000 --ulimit nproc=1000:1000"
            p import -q \(tar) oci-p >/dev/null
            p run --rm $o oci-p id -u
            p run --rm $o oci-p sh -c 'exit 7'
            p run --rm $o oci-p nope | grep -c 'executable file `nope` not found\\|executable file not found'
            p run -d --name oci-p1 $o oci-p sleep 100 | tail -1
            p exec oci-p1 echo inside; p exec oci-p1 sh -c 'exit 9' | tail -1; p top oci-p1 args | grep -c sleep
            p pause oci-p1 | tail -1; p unpause oci-p1 | tail -1; p inspect -f '{{.State.Status}}' oci-p1
            p stop -t 0 oci-p1 | tail -1; p inspect -f '{{.State.ExitCode}}' oci-p1; p rm -f oci-p1 | tail -1
            p rmi -f oci-p > /dev/null; umount -l $p/root/overlay 2>/dev/null; rm -rf $p
            """
        )
        #expect(
            said.text == """
                0
                = 0
                = 7
                1
                = 0
                inside
                = 0
                = 9
                1
                = 0
                = 0
                running
                = 0
                = 0
                137
                = 0
                = 0

                """,
            "\(said.summary)"
        )
    }
}

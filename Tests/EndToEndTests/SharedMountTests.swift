import SocleTesting
import SystemPackage
import Testing

/// Machines whose mounts are shared, as systemd makes them all: what is mounted in a container stays there.
///
/// Each script has a mount namespace of its own, with shared mounts; whatever is left in it ends with it.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox, .tool("unshare"))), .serialized)
struct SharedMountTests {
    /// What a script says, in which `points` says where something is mounted.
    private func say(_ script: String, in socle: borrowing Socle, by program: String = "") throws -> String {
        let text = """
            set +e; mount --make-rshared /
            points() { cut -d' ' -f5 /proc/self/mountinfo | sort; }
            \(script)
            """
        try socle.write(["script": .file(Array(text.utf8))])
        let environment = ["DOCKER_HOST": Environment.value("DOCKER_HOST") ?? ""]
        return try socle.shell(
            "export -f socle eventually; timeout 300 unshare -m --propagation private \(program) bash ./script 2>&1",
            environment: environment
        ).text
    }

    /// Mounts below volumes and caches: the store could not be used any more.
    @Test(arguments: [
        "socle run --rm -v /etc base true",
        "socle run --rm -v /srv/a -v /srv/a/b base true",
        "socle run --rm -v v1:/data -v v2:/data/sub base true",
        "mkdir dir; socle run --rm -v v3:/data -v $PWD/dir:/data/sub base true",
        "mkdir dir; socle run --rm -v $PWD/dir:/data:private -v v4:/data/sub base true",
        "socle run --rm -v vx:/data --tmpfs /data/secret base sh -c 'echo x >/data/secret/f'; ls $SOCLE_ROOT/volumes/vx/_data/secret",
        "socle run --rm -v vs:/etc base true; socle run --rm -v vs:/etc base true",
        "seq 8 | xargs -P 8 -I % sh -c '$SOCLE run --rm -v vs:/etc base true || echo %'",
        "mkdir dir; socle run --rm -v $PWD/dir:/x:rshared -v vy:/data --tmpfs /data/secret base true",
        #"printf 'FROM base\nRUN --mount=type=cache,target=/etc --mount=type=tmpfs,target=/etc/t true\n' | socle build -q - >/dev/null"#,
    ]) func whatIsMountedBelowStaysInside(_ script: String) throws {
        let socle = try Socle.withBase()
        let said = try say(
            """
            before=$(points)
            \(script)
            echo "= $?"; diff <(echo "$before") <(points); socle ps -aq; socle info >/dev/null; echo "= $?"
            """,
            in: socle
        )
        #expect(said == "= 0\n= 0\n")
        try socle.expectNothingLeft()
    }

    /// What a container mounts on its control groups isn't the host's.
    @Test func whatContainersMountOnTheirGroups() throws {
        let socle = try Socle.withBase()
        let said = try say(
            """
            before=$(points)
            socle run -d --name one --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined base sh -c '
                place=/sys/fs/cgroup; [ -d $place/pids ] && place=$place/pids
                mount -t tmpfs leak $place && echo done; exec sleep 1000' >/dev/null
            eventually done 'socle logs one 2>&1'; diff <(echo "$before") <(points); socle rm -f one; diff <(echo "$before") <(points)
            """,
            in: socle
        )
        #expect(said == "done\none\n")
        try socle.expectNothingLeft()
    }

    /// Who asks for it gets it.
    @Test func whatIsToTravelTravels() throws {
        let socle = try Socle.withBase()
        let said = try say(
            """
            mkdir x
            for how in rshared shared rslave slave rprivate private; do
                mkdir x/in x/out
                socle run -d --name one --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined \\
                    -v $PWD/x:/x:$how base sh -c 'mount -t tmpfs in /x/in && echo done; exec sleep 1000' >/dev/null
                eventually done 'socle logs one 2>&1' >/dev/null; mount -t tmpfs out x/out
                echo "$how: $(points | grep -c /x/in) $(socle exec one cut -d' ' -f5 /proc/self/mountinfo | grep -c /x/out)"
                socle rm -f one >/dev/null; umount x/in 2>/dev/null; umount x/out; rmdir x/in x/out
            done
            """,
            in: socle
        )
        #expect(said == "rshared: 1 1\nshared: 1 1\nrslave: 0 1\nslave: 0 1\nrprivate: 0 0\nprivate: 0 0\n")
        try socle.expectNothingLeft()
    }

    /// Every mount of a container belongs to what it does in Docker's, but for the root, which the daemon mounts; and what didn't
    /// ask to be shared isn't, where something else did.
    @Test(.requires(Docker.isThere)) func everyMountIsOfTheSameKind() throws {
        let socle = try Socle.withBase()
        let docker = Self.top.appending("scripts/with-docker").string
        let said = try say(
            #"""
            socle save base -o base.tar; docker load -qi base.tar >/dev/null
            mkdir -p x/sub y; mount -t tmpfs t x/sub
            kinds='{ printf "%s", $5; for (i = 7; $i != "-"; i++) { sub(/:.*/, "", $i); printf " %s", $i }; print "" }'
            look() { "$@" awk "$kinds" /proc/self/mountinfo 2>&1 | grep -v '^/ \|^/$' | sort; }
            while read -r flags; do
                flags=${flags//XY/$PWD}
                look docker run --rm $flags base >theirs; look socle run --rm $flags base >ours
                # A daemon that lacks capabilities can't run privileged ones.
                case $flags in --privileged) grep -q caps: theirs && look docker run --rm --security-opt systempaths=unconfined base >theirs;; esac
                grep -q '^/proc$' ours || cat ours; diff theirs ours
            done <<END

            --privileged
            --cgroupns host
            --ipc host --pid host --uts host
            --read-only --device /dev/null:/dev/one
            -v one:/data -v /anonymous -v XY/y:/y -v XY/x:/x --tmpfs /tmpfs
            -v one:/data -v two:/data/sub -v XY/x:/data/x -v three:/etc
            -v XY/x:/x:rslave
            -v XY/x:/x:slave
            -v XY/x:/x:private
            -v XY/x:/x:rprivate
            --mount type=bind,src=XY/x,dst=/x,bind-nonrecursive
            END
            for how in shared rshared; do
                look docker run --rm -v $PWD/x:/x:$how base | grep ^/x >theirs; look socle run --rm -v one:/data -v $PWD/x:/x:$how base >ours
                diff theirs <(grep ^/x ours); grep 'data\|cgroup/pids' ours
            done
            umount x/sub
            """#,
            in: socle,
            by: docker
        )
        let groups = try Command.run("test", ["-d", "/sys/fs/cgroup/pids"]).status == 0 ? "/sys/fs/cgroup/pids master\n" : ""
        #expect(said == "/data master\n\(groups)/data master\n\(groups)")
        try socle.expectNothingLeft()
    }

    private static let top: FilePath = {
        var path = FilePath(#filePath)
        for _ in 0..<3 { path.removeLastComponent() }
        return path
    }()

    /// What somebody has mounted in a container's folder is an error for who removes that container, and for nobody else.
    @Test func aMountInTheStoreIsNobodyElsesTrouble() throws {
        let socle = try Socle.withBase()
        let said = try say(
            #"""
            try() { "$@" >/dev/null 2>&1; echo "= $?"; }
            others() { try socle ps -a; try socle info; try socle run --rm base true; try socle create --name other base true; try socle start other; try socle rm -f other; }
            folder=$SOCLE_ROOT/containers/$(socle create --name one base true); mount --bind $folder/hosts $folder/hosts
            others; socle rm one 2>&1 | grep -c 'something is mounted in'; socle rm -f one 2>&1 | grep -c 'something is mounted in'
            others; socle ps -a --format '{{.Names}}'; umount $folder.removed/hosts; socle ps -aq
            # One that removes itself.
            folder=$SOCLE_ROOT/containers/$(socle run -d --rm --name two base sh -c 'trap exit TERM; while :; do sleep 0.01; done'); mkdir $folder/upper/m; mount -t tmpfs t $folder/upper/m
            try socle stop two; others; umount $SOCLE_ROOT/containers/*/upper/m; try socle ps -a; socle ps -aq; ls $SOCLE_ROOT/containers | grep -v 'init-\|active'
            """#,
            in: socle
        )
        let fine = String(repeating: "= 0\n", count: 6)
        #expect(said == "\(fine)1\n1\n\(fine)one\n= 0\n\(fine)= 0\n")
        try socle.expectNothingLeft()
    }
}

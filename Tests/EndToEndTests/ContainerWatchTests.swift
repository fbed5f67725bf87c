import SocleTesting
import Testing

/// Health, events, mounts of others, sizes: what is seen of containers from outside, next to Docker.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
final class ContainerWatchTests: ComparedContainers {
    init() throws { try super.init("socle-test-watch") }

    @Test(.requires(Docker.isThere), arguments: TestedRuntime.allCases) func health(runtime: TestedRuntime) throws {
        try expectTheSame("""
            s() { $D inspect -f '{{.State.Health.Status}}' watch-h; $D ps --format '{{.Status}}' -f name=watch-h | sed 's/Up .* (/Up (/'; }
            d run -d --name watch-h --health-cmd 'test -e /ok && echo fine' --health-interval 500ms --health-retries 2 $I sh -c 'sleep 0.3; touch /ok; sleep 2.4; rm /ok; sleep 1000'
            s; sleep 1.5; s; d ps -q -f health=healthy -f name=watch-h | wc -l; d ps -q -f health=unhealthy -f name=watch-h | wc -l; sleep 3.5; s
            $D inspect -f '{{json .Config.Healthcheck}}' watch-h; $D inspect -f '{{len .State.Health.Log}}' watch-h
            d stop -t 0 watch-h; $D inspect -f '{{.State.Health.Status}}' watch-h; d start watch-h; s; d rm -f watch-h
            d run -d --name watch-h --health-cmd 'echo begin; sleep 10' --health-timeout 300ms --health-interval 200ms $I sleep 1000; sleep 1.2
            $D inspect -f '{{with index .State.Health.Log 0}}{{.ExitCode}} [{{.Output}}]{{end}}' watch-h; d rm -f watch-h
            d run -d --name watch-h --health-cmd false --health-interval 200ms --health-start-period 60s --health-retries 1 $I sleep 1000; sleep 1
            $D inspect -f '{{.State.Health.Status}} {{.State.Health.FailingStreak}}' watch-h; d rm -f watch-h
            d create --name watch-h --health-interval=1us --health-cmd x $I true; d create --name watch-h --no-healthcheck $I true
            $D inspect -f '{{json .Config.Healthcheck}} {{json .State.Health}}' watch-h; d rm -f watch-h
            printf 'FROM %s\\nHEALTHCHECK --interval=200ms CMD ["test", "-e", "/etc"]\\nCMD ["sleep", "1000"]\\n' $I >Dockerfile.health
            DOCKER_BUILDKIT=0 $D build -q -t $I-h -f Dockerfile.health . >/dev/null; d run -d --name watch-h $I-h; sleep 1; s; d rm -f watch-h; d rmi -f $I-h | tail -1
            """, by: runtime)
    }

    @Test(.requires(Docker.isThere)) func mountsOfOthers() throws {
        try expectTheSame("""
            d create --name watch-v -v /data -v /tmp:/x:ro $I sh
            d run --rm --volumes-from watch-v:ro $I sh -c 'grep -E " /(data|x) " /proc/mounts | cut -d" " -f2,4 | cut -d, -f1 | sort; touch /data/f 2>&1'
            d run --rm --volumes-from watch-v $I touch /data/f; d run --rm --volumes-from watch-v $I ls /data; d run --rm --volumes-from watch-v -v /etc:/data:ro $I ls -d /data/passwd
            d run --rm --volumes-from watch-v:foo $I true; d run --rm --volumes-from watch-none $I true
            d create --name watch-w --volumes-from watch-v $I ls /data; $D inspect -f '{{json .HostConfig.VolumesFrom}} {{len .Mounts}}' watch-w
            d rm -v watch-v; d start -a watch-w; d rm -v watch-w
            d run -d --name watch-s $I sh -c 'echo 12345 >/f; sleep 1000'; eventually 12345 '$D exec watch-s cat /f 2>/dev/null' >/dev/null; $D ps -s --format '{{.Size}}' -f name=watch-s | sed 's/virtual.*/virtual/'
            $D exec watch-s cat /proc/self/oom_score_adj; d rm -f watch-s
            d run -d --name watch-s --oom-score-adj 300 $I sleep 1000; $D exec watch-s cat /proc/self/oom_score_adj; d rm -f watch-s
            """)
    }

    @Test(.requires(Docker.isThere)) func events() throws {
        try expectTheSame("""
            sleep 1; S=$(date +%s)
            $D run --rm --network none --name watch-a -l a=b $I true; d run -d --network none --name watch-b $I sleep 1000; $D exec watch-b true; d pause watch-b; d unpause watch-b
            d rename watch-b watch-c; d kill -s USR1 watch-c; $D top watch-c >/dev/null; d restart -t 0 watch-c; d stop -t 0 watch-c; d start watch-c; $D export watch-c >/dev/null; d rm -f watch-c
            sleep 1.1; U=$(date +%s)
            $D events --since $S --until $U -f type=container --format '{{.Action}} {{range $k, $v := .Actor.Attributes}}{{$k}}={{$v}} {{end}}' | sed 's/  / /g'
            $D events --since $S --until $U -f event=die -f container=watch-a | sed -E 's/^[^ ]+ //'
            $D events --since $S --until $U -f label=a=b -f event=create --format '{{json .}}' | sed -E 's/("time(Nano)?":)[0-9]+/\\1N/g'
            $D events --since $S --until $U -f event=die --format '{{.Actor.Attributes.name}} {{.Actor.Attributes.exitCode}} {{.Actor.Attributes.nope}}'
            $D events --since $S --until $U -f event=exec_create --format '{{.Type}} {{.From}}'; $D events --until 1 -f event=nothing
            """)
    }

    /// Programs that `exec` started are listed as long as they run, whoever waits for them, and say when they end.
    @Test(.requires(Docker.isThere), arguments: TestedRuntime.allCases) func programsOfExec(runtime: TestedRuntime) throws {
        try expectTheSame("""
            n() { $D inspect -f '{{len .ExecIDs}}' watch-e; }
            sleep 1; S=$(date +%s); d run -d --network none --name watch-e $I sleep 1000; $D inspect -f '{{json .ExecIDs}}' watch-e
            d exec -d watch-e sh -c 'exit 3'; d exec -dt watch-e sh -c 'tty >/dev/null; exit 4'; d exec watch-e sh -c 'exit 5'; eventually 0 n
            d exec -d watch-e sleep 50; $D inspect -f '{{json .ExecIDs}}' watch-e; d exec -dt watch-e sh -c 'touch /there; sleep 60'; n
            d exec -d -w /nowhere/x watch-e nothing >/dev/null 2>&1; n; d restart -t 0 watch-e; n
            d exec -d watch-e sleep 70; d rename watch-e watch-f; d stop -t 0 watch-f; $D inspect -f '{{json .ExecIDs}}' watch-f
            count() { $D events --since $S --until $(($(date +%s) + 1)) -f event=exec_die --format x | wc -l; }; eventually 6 count
            sleep 1.1; U=$(date +%s)
            $D events --since $S --until $U -f type=container --format '{{.Action}} {{range $k, $v := .Actor.Attributes}}{{$k}}={{$v}} {{end}}' | grep exec_ | sed -E 's/execID=[0-9a-f]{64} /some /' | sort
            d start watch-f; E=$([ $D = docker ] && echo docker || echo "$SOCLE")
            $E exec watch-f sh -c 'touch /there; while test -e /there; do sleep 0.1; done' & P=$!; disown; eventually 1 "$D inspect -f '{{len .ExecIDs}}' watch-f"
            eventually /there "$D exec watch-f ls /there 2>&1"; kill -9 $P; $D inspect -f '{{len .ExecIDs}}' watch-f
            d exec watch-f rm /there; eventually 0 "$D inspect -f '{{len .ExecIDs}}' watch-f"; d rm -f watch-f
            """, by: runtime)
    }

    @Test(.requires(Docker.isThere)) func namesInStats() throws {
        try expectTheSame("""
            s() { $D stats --no-stream "$@" | sed "s/$L/WHOLE/g; s/$S/SHORT/g; s/$B/BEGIN/g"; }
            L=$($D run -d --network none --name watch-x $I sleep 1000); S=${L:0:12}; B=${L:0:7}
            for t in '' --no-trunc; do for c in '' "watch-x /watch-x $B $S $L watch-x"; do s $t --format '{{.Container}} {{.Name}} {{.ID}}' $c; done; done
            s --format 'table {{.Container}}\t{{.Name}}' watch-x; d stats --no-stream watch-x watch-none; d rm -f watch-x
            L=$($D create --network none --name watch-x $I true); S=${L:0:12}; B=${L:0:7}
            s --format '{{.Container}} {{.Name}} {{.ID}}' watch-x; s -a --format '{{.Container}} {{.Name}} {{.ID}}'; d rm watch-x
            """)
    }

    /// Many writers, a journal that is turned, and readers that follow.
    @Test func eventsFollow() throws {
        let said = try socle.shell("""
            (timeout 60 "$SOCLE" events -f type=volume --format '{{.Action}}' >followed) & sleep 0.5
            for i in $(seq 4); do (for j in $(seq 25); do socle volume create v$i-$j >/dev/null; done) & W="$W $!"; done; wait $W
            (head -c 5000000 /dev/zero | tr '\\0' x; echo) >>$SOCLE_ROOT/events/journal; socle volume create last >/dev/null; socle volume create next >/dev/null; sleep 2
            kill %1; sort followed | uniq -c | awk '{print $1, $2}'; ls $SOCLE_ROOT/events | sort | tr '\\n' ' '
            """)
        #expect(said.text == "102 create\njournal journal.old lock ", "\(said.text)\(said.errorText)")
    }
}

import SocleTesting
import Testing

/// Several commands change one container at once, or look at it while it ends: nothing is lost, and nobody is told something else.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
final class ParallelChangeTests: ComparedContainers {
    init() throws { try super.init("socle-test-parallel") }

    private func expect(_ script: String, _ expected: String, location: SourceLocation = #_sourceLocation) throws {
        let result = try socle.shell("I=\(image)\n" + script)
        #expect(result.text == expected, "\(result.summary)", sourceLocation: location)
        try socle.expectNothingLeft()
    }

    @Test func updatesOfOneContainer() throws {
        try expect("""
            socle create --name par-u --network none $I true >/dev/null
            for i in 1 2 3 4 5; do
                for change in "--cpu-shares 20$i" "--pids-limit 5$i" "--restart on-failure:$i" "--memory 1${i}m"; do socle update $change par-u & done >/dev/null; wait
                socle inspect -f '{{.HostConfig.CpuShares}} {{.HostConfig.PidsLimit}} {{.HostConfig.RestartPolicy.MaximumRetryCount}} {{.HostConfig.Memory}}' par-u
            done
            socle rm par-u
            """, (1...5).map { "20\($0) 5\($0) \($0) \((10 + $0) << 20)\n" }.joined() + "par-u\n")
    }

    @Test(arguments: [false, true]) func networksOfOneContainer(runs: Bool) throws {
        let verb = runs ? "run -d" : "create"
        try expect("""
            for i in 1 2 3 4 5 6; do socle network create par-$i >/dev/null; done
            c=$(socle \(verb) --name par-n --network par-1 $I sleep 1000)
            for i in 2 3 4 5 6; do socle network connect par-$i par-n & done; wait
            socle inspect -f '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{end}}' par-n
            for i in 2 3 4 5 6; do socle network disconnect par-$i $c & done; socle rename par-n par-m; wait
            socle inspect -f '{{.Name}} {{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{end}}' par-m
            socle rm -f par-m; for i in 1 2 3 4 5 6; do socle network rm par-$i >/dev/null; done
            """, "par-1 par-2 par-3 par-4 par-5 par-6 \n/par-m par-1 \npar-m\n")
    }

    /// Whoever lists containers looks at every mark, whether it was abandoned.
    @Test func startsAndRemovalsBesideLists() throws {
        try expect("""
            (until [ -e done ]; do socle ps -a >/dev/null; done) & list=$!
            socle create --name par-s --network none $I echo said >/dev/null
            for i in $(seq 40); do socle start -a par-s; done | sort | uniq -c | tr -s ' '
            socle rm par-s
            for i in $(seq 15); do
                socle run --name par-r --network none $I true; socle rm par-r
                socle run -d --name par-r --network none $I true >/dev/null; socle wait par-r >/dev/null; socle rm par-r
                socle volume create par-v >/dev/null; socle run --rm --network none -v par-v:/x $I true; socle volume rm par-v
            done | sort | uniq -c | tr -s ' '
            touch done; wait $list; rm done
            """, " 40 said\npar-s\n 30 par-r\n 15 par-v\n")
    }

    @Test func timesThatNoClockReaches() throws {
        try expect("""
            h=2500000h; m=9223372036854775807
            socle run -d --name par-h --network none --health-cmd true --health-interval $h --health-timeout $h --health-start-period $h --health-start-interval 1ms $I sleep 1000 >/dev/null
            eventually healthy "socle inspect -f '{{.State.Health.Status}}' par-h"
            socle restart -s KILL -t $m par-h; socle stop -s KILL -t $m par-h; socle rm par-h
            socle run -d --name par-h --network none --stop-signal KILL --stop-timeout $m $I sleep 1000 >/dev/null; socle stop par-h; socle rm par-h
            socle events --since $h --until 1; socle events --until 0001-01-01 >/dev/null; socle logs --since=-$h par-h 2>/dev/null; echo $?
            """, "healthy\npar-h\npar-h\npar-h\npar-h\npar-h\n1\n")
    }

    /// The same statuses as with Docker; the words are each one's own.
    @Test(.requires(Docker.isThere)) func profilesThatAllowTooLittle() throws {
        try expectTheSame("""
            echo '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[]}' >nothing
            echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["statx","rt_sigprocmask"],"action":"SCMP_ACT_ERRNO"}]}' >most
            for p in nothing most; do d run --rm --network none --security-opt seccomp=$p $I true 2>/dev/null; done
            d create --name par-p --network none --security-opt seccomp=nothing $I true 2>&1; d start par-p 2>/dev/null; d rm -f par-p; rm nothing most
            """)
    }
}

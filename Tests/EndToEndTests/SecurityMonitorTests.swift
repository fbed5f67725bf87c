import SocleTesting
import SystemPackage
import Testing

/// Containers that flood, starve or fool whoever looks after them, and the commands that attach.
@Suite(.requires(HostileFixture.needs), .serialized)
final class SecurityMonitorTests: HostileContainers {
    private static let tools = HostileFixture.await + #"""
        monitor() { for p in /proc/[0-9]*; do
            grep -qs ^socle-monitor $p/cmdline && ls -l $p/fd 2> /dev/null | grep -q "$1" && basename $p; done | head -1; }
        memory() { awk '/^RssAnon/ {print $2}' /proc/$1/status; }

        """#

    /// Output without end, with nobody reading, slow readers and many of them: the monitor stays small, and its log whole.
    @Test func floods() throws {
        let result = try socle.shell(Self.tools + #"""
            id=$(socle run -d --name flood --log-opt max-size=1m --log-opt max-file=2 hostile sh -c 'yes 0123456789 | head -c 20000000; echo; echo last; sleep 1000')
            pid=$(monitor $id)
            for i in $(seq 8); do $SOCLE attach --no-stdin flood > /dev/null & done
            await 'socle logs --tail 1 flood | grep -q last'
            [ $(memory $pid) -lt 40000 ] && echo small || echo "large: $(memory $pid) kB"
            ls $SOCLE_ROOT/containers/$id/*-json.log* | wc -l; du -cm $SOCLE_ROOT/containers/$id/*-json.log* | awk '/total/ {print ($1 <= 3)}'
            socle rm -f flood; wait
            id=$(socle run -d --name wide hostile sh -c 'head -c 8000000 /dev/zero; echo; echo last; sleep 1000'); pid=$(monitor $id)
            await 'socle logs --tail 1 wide | grep -aq last'
            [ $(memory $pid) -lt 40000 ] && echo small || echo "large: $(memory $pid) kB"
            socle rm -f wide
            id=$(socle run -d --name unread hostile sh -c '[ -p /go ] || mkfifo /go; read x < /go; yes 0123456789 | head -c 200000000; sleep 1000'); pid=$(monitor $id)
            python3 - $SOCLE_ROOT/containers/$id $pid <<'END'
            import glob, os, socket, subprocess, sys, time
            os.chdir(sys.argv[1])
            s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM); s.connect("monitor.sock"); s.sendall(bytes([9, 1, 0, 0, 0, 255]))
            subprocess.run([os.environ["SOCLE"], "exec", "unread", "sh", "-c", "[ -p /go ] || mkfifo /go; echo > /go"], check=True)
            # Until the container waits for its reader, or has written all.
            last, still = -1, 0
            while still < 20:
                size = sum(os.path.getsize(f) for f in glob.glob("*-json.log*"))
                last, still = size, still + 1 if size == last and size > 0 else 0
                time.sleep(0.1)
            kilobytes = int(next(l.split()[1] for l in open("/proc/%s/status" % sys.argv[2]) if l.startswith("RssAnon")))
            print("small" if kilobytes < 40000 else "large: %d kB" % kilobytes)
            END
            socle rm -f unread
            """#)
        #expect(result.text == "small\n2\n1\nflood\nsmall\nwide\nsmall\nunread\n", "\(result.summary)")
        try socle.expectNothingLeft()
    }

    /// Clients that send nonsense, stop reading or go away in the middle take nobody with them.
    @Test func clientsThatMisbehave() throws {
        let result = try socle.shell(Self.tools + #"""
            id=$(socle run -d -i --name served hostile cat); pid=$(monitor $id)
            python3 - $SOCLE_ROOT/containers/$id/monitor.sock $pid <<'END'
            import os, socket, sys, time
            os.chdir(os.path.dirname(sys.argv[1]))
            def client():
                s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                for _ in range(1000):
                    try:
                        s.connect("monitor.sock"); break
                    except BlockingIOError: time.sleep(0.01)
                s.settimeout(2)
                return s
            held = [client() for _ in range(200)]
            for data in (b"\xff" * 65536, b"\x00" * 1000, os.urandom(100000), b"\x01\xff\xff\xff\xff" * 10, b"\x7f\xff\xff\xff\x00a"):
                s = client()
                try: s.sendall(data)
                except OSError: pass
                held.append(s)
            s = client()
            try:
                s.sendall(b"\x09" + (1 << 30).to_bytes(4, "little"))
                for _ in range(100): s.sendall(bytes(1 << 20))
            except OSError: pass
            held.append(s)
            # While they are all there: what is kept for them is given back when they go.
            kilobytes = int(next(l.split()[1] for l in open("/proc/%s/status" % sys.argv[2]) if l.startswith("RssAnon")))
            print("small" if kilobytes < 40000 else "large: %d kB" % kilobytes)
            for s in held[:100]: s.close()
            END
            [ -d /proc/$pid ] && echo lives
            (echo hello; sleep 2) | timeout -s KILL 5 $SOCLE attach served | head -1
            socle inspect -f '{{.State.Running}}' served; timeout 20 $SOCLE rm -f served
            """#)
        #expect(result.text == "small\nlives\nhello\ntrue\nserved\n", "\(result.summary)")
        try socle.expectNothingLeft()
    }

    /// A container can neither see nor end what looks after it, whatever it kills, forks or ignores.
    @Test func containersThatWontEnd() throws {
        let result = try socle.shell(Self.tools + #"""
            id=$(socle run -d --name stubborn --pids-limit 200 hostile sh -c 'trap "" TERM INT HUP QUIT; (while :; do sleep 1000 & done) 2> /dev/null & while :; do kill -9 -1 2> /dev/null; kill -STOP -1; sleep 0.01; done')
            sleep 1; pid=$(monitor $id); [ -n "$pid" ] && echo watched
            timeout 30 $SOCLE stop -t 1 stubborn; socle inspect -f '{{.State.ExitCode}}' stubborn; socle rm stubborn
            socle run -d --name bomb --pids-limit 100 hostile sh -c 'b() { b | b & }; b; sleep 1000' > /dev/null; sleep 0.5
            timeout 30 $SOCLE rm -f bomb
            socle run -d --name hog -m 32m --memory-swap 32m hostile sh -c 'x=x; while :; do x=$x$x; done' > /dev/null
            timeout 30 $SOCLE wait hog; socle rm hog
            """#)
        #expect(result.text == "watched\nstubborn\n137\nstubborn\nbomb\n137\nhog\n", "\(result.summary)")
        try socle.expectNothingLeft()
    }

    /// What a container calls itself and its processes is shown, not obeyed.
    @Test func namesThatSteerTerminals() throws {
        let result = try socle.shell(#"""
            for name in $'a\e[31m' 'a b' '../x' $'a\nb' 'a/b' '' '-a'; do socle create --name "$name" hostile true > /dev/null 2>&1 && [ -n "$name" ] && echo "made $name"; done
            socle create --name esc -l $'a=\e[31m' -e $'X=\e[31m' hostile $'\e[31mred' > /dev/null
            socle start esc; socle ps -a --no-trunc; socle inspect esc; socle run --rm hostile $'/\e[31mred'; socle exec $'\e[31m' true; socle rm $'\e]0;x\a'
            # What containers write into their files, labels and checks; a line of theirs is no line of socle's.
            socle run --name files -l $'b=\e[31mx\nforged label' hostile sh -c $'mkdir "/d\e[31m"; mkdir -p "/b\nA /forged"; ln -s "\e[31m" "/l\e[31m"; : > "/c\r"'
            socle diff files; socle diff files | grep -c '^A /forged'; socle events --since 10m --until 0s; socle events --since 10m --until 0s | grep -c '^forged'
            socle cp $'files:/no\e[31m' x; socle cp $'files:/l\e[31m/x' x; socle cp $'files:/d\e[31m' $'/no/\e[31m'; socle commit -c $'\e[31m x' files; socle commit files $'\e[31m'
            # What Dockerfiles and bases call their steps.
            build() { printf "FROM hostile\n$1\nRUN true\n" > Dockerfile; socle build --no-cache --progress=plain --build-arg $'\e[31m=1' -t steered . ; }
            for line in 'WORKDIR /\e[31m' 'USER \e[31m' 'COPY no\e[31m /' 'ADD http://127.0.0.1:1/\e[31m /' 'LABEL \e[31m=\e[31m' 'RUN false \e[31m' '\e[31m x' 'ONBUILD WORKDIR /\e[31m'; do build "$line"; done
            socle image diff hostile steered; printf 'FROM steered\n' > Dockerfile; socle build --no-cache --progress=plain .; script -qec "TERM=xterm $SOCLE build --no-cache --progress=tty ." /dev/null > terminal; echo "terminal $(grep -c 'WORKDIR.*x1b' terminal | sed 's/[1-9].*/shows/') $(grep -c $'/\e\[31m' terminal)"
            socle create --name long --hostname "$(printf 'a%.0s' $(seq 10000))" hostile; socle create --name "$(printf 'a/%.0s' $(seq 5000))" hostile
            for flag in hostname domainname dns-search dns-option add-host network-alias; do
                socle create --name made --$flag $'a\nnameserver 6.6.6.6:1.2.3.4' hostile true > /dev/null && echo made with a second line: $flag; socle rm made; done 2> /dev/null
            socle tag hostile $'a\nb'; socle tag hostile "$(printf 'a%.0s' $(seq 10000))"; socle network create ../x; socle network create $'a\nb'
            socle inspect $'\e[31m'; socle run --rm $'\e[31m'; socle network create $'\e[31m'; socle $'\e[31m'; socle run --$'\e[31m' x
            """#)
        #expect(!(result.text + result.errorText).contains("\u{1b}"), "\(result.summary.debugDescription)")
        #expect(!result.text.contains("made"))
        #expect(!(result.text + result.errorText).contains("\r"))
        #expect(result.text.contains("A /l\\x1b[31m\n0\n") && result.text.contains("\nterminal shows 0\n"), "\(result.summary)")
        #expect(result.text.contains("A /d\\x1b[31m\n") && result.text.contains("A /b\\x0aA /forged\n"), "\(result.summary)")
    }
}

import SocleTesting
import Testing

/// Whoever is killed, and whenever: `delete --force` leaves nothing.
@Suite(.requires(.all(.root, Fixture.busybox, .tool("jq"))), .serialized)
final class OCIRobustnessTests {
    private static let prelude = #"""
        mkdir -p b/rootfs; tar -C b/rootfs -xf busybox.tar; mkdir -p b/rootfs/proc b/rootfs/sys b/rootfs/dev; cd b
        "$SOCLE" oci spec
        jq '.process.terminal=false|.process.args=["sleep","77.125"]|.hooks={createContainer:[{path:"/bin/true"}],startContainer:[{path:"/bin/true"}]}' config.json > c; mv c config.json
        q() { "$SOCLE" oci --root "$PWD/../state" "$@"; }
        # Folders of the state, control groups, programs and shims that wait; they may take a moment to go.
        left() {
          for n in $(seq 30); do
            found="$(ls ../state 2>/dev/null; find /sys/fs/cgroup -type d -name 'e2e-kill*' 2>/dev/null; pgrep -f 'sleep 77.12[5]'; grep -l e2e-kill /proc/[0-9]*/cgroup 2>/dev/null)"
            [ -z "$found" ] && break; sleep 0.1
          done; [ -z "$found" ] || echo "left: $found"
        }

        """#

    private let socle: Socle

    init() throws {
        let socle = try Socle()
        _ = try Fixture.busyboxRoot(in: socle.work)
        self.socle = socle
    }

    @Test func createAndStartAreKilledAtAnyPoint() throws {
        let said = try socle.shell(
            Self.prelude
                + #"""
                for delay in $(seq 0 3 60); do
                  q create e2e-kill$delay >/dev/null 2>&1 & p=$!
                  sleep 0.0$(printf %02d $delay); kill -9 $p 2>/dev/null; wait $p 2>/dev/null
                  case "$(q state e2e-kill$delay 2>/dev/null | jq -r .status)" in ""|stopped|created|creating) ;; *) echo "status after $delay";; esac
                  q start e2e-kill$delay >/dev/null 2>&1 & p=$!
                  sleep 0.0$(printf %02d $delay); kill -9 $p 2>/dev/null; wait $p 2>/dev/null
                  q delete -f e2e-kill$delay || echo "delete after $delay"
                done 2>&1 | grep -v Killed
                left
                """#
        )
        #expect(said.text == "" && said.errorText == "", "\(said.summary)")
    }

    @Test func theFirstProcessIsKilled() throws {
        let said = try socle.shell(
            Self.prelude
                + #"""
                q create e2e-kill-a; kill -9 $(q state e2e-kill-a | jq .pid); eventually stopped 'q state e2e-kill-a | jq -r .status'; q start e2e-kill-a; q delete e2e-kill-a
                q create e2e-kill-b; q start e2e-kill-b & q start e2e-kill-b & q start e2e-kill-b & wait; q state e2e-kill-b | jq -r .status
                q delete -f e2e-kill-b & q delete -f e2e-kill-b & wait
                q create e2e-kill-c; q create e2e-kill-c & q create e2e-kill-c & wait; q delete e2e-kill-c; q create e2e-kill-c; q delete -f e2e-kill-c
                left
                """#
        )
        #expect(said.text == "stopped\nrunning\n", "\(said.summary)")
        let errors = said.errorText.split(separator: "\n")
        #expect(errors.filter { $0.contains("cannot start a container that has stopped") }.count == 1, "\(said.summary)")
        #expect(errors.filter { $0.contains("cannot start an already running container") }.count == 2, "\(said.summary)")
        #expect(errors.filter { $0.contains("container with given ID already exists") }.count == 2, "\(said.summary)")
    }

    /// The bundle may change, or hide behind links, once the container is made: it isn't looked at again.
    @Test func theBundleIsReadOnce() throws {
        let said = try socle.shell(
            Self.prelude
                + #"""
                q create e2e-kill-d; echo '{}' > config.json; q start e2e-kill-d; q exec e2e-kill-d echo yes; q delete -f e2e-kill-d; left
                """#
        )
        #expect(said.summary == "status 0\nyes\n", "\(said.summary)")
    }

    /// A mount's target is exchanged for a link to the host again and again while containers are made.
    @Test func targetsOfMountsAreSwapped() throws {
        let said = try socle.shell(
            Self.prelude
                + #"""
                mkdir -p canary shared/dir data; ln -s "$PWD/canary" shared/link
                jq ".mounts+=[{destination:\"/shared\",type:\"bind\",source:\"$PWD/shared\",options:[\"rbind\"]},{destination:\"/shared/dir/a/b\",type:\"bind\",source:\"$PWD/data\",options:[\"bind\"]}]|.hooks={}|.root.readonly=false" config.json > c; mv c config.json
                python3 - <<'P' & swapper=$!
                import ctypes
                libc = ctypes.CDLL(None)
                while True: libc.renameat2(-100, b"shared/dir", -100, b"shared/link", 2)
                P
                for n in $(seq 40); do q create e2e-kill-s >/dev/null 2>&1; q delete -f e2e-kill-s; done
                kill -9 $swapper; wait $swapper 2>/dev/null
                find canary | wc -l; left
                """#
        )
        #expect(said.text == "1\n", "\(said.summary)")
    }
}

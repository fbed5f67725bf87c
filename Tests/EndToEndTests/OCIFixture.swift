import SocleTesting
import SystemPackage
import Testing

/// A bundle, and what a script says of it with `socle oci` and with runc.
final class OCIFixture {
    static let runc = Requirement.tool("runc")
    static let needs = Requirement.all(.root, Fixture.busybox, .tool("jq"))
    let socle: Socle

    init() throws {
        let socle = try Socle()
        try FileTree.write(["prepare": .file(Array(Self.prepare.utf8), mode: 0o755)], to: socle.work)
        _ = try Fixture.busyboxRoot(in: socle.work)
        try socle.shell("bash ./prepare").succeeding()
        self.socle = socle
    }

    /// A bundle with runc's sample, whose program is a shell; `bundle FILTER` changes it by jq.
    private static let prepare = #"""
        set -e
        mkdir -p b/rootfs; tar -C b/rootfs -xf busybox.tar; mkdir -p b/rootfs/proc b/rootfs/sys b/rootfs/dev
        cd b; "$SOCLE" oci spec; jq '.process.terminal=false|.process.args=["sleep","100"]' config.json > sample; cp sample config.json
        """#

    /// What a script says with a runtime as `r`, without what differs from run to run.
    func say(_ script: String, with runtime: String) throws -> String {
        let text = #"""
            cd b; mkdir -p "$PWD/../state"
            r() { \#(runtime) "$@"; echo "= $?"; }
            q() { \#(runtime) "$@"; }
            bundle() { jq "$1" sample > config.json; }
            {
            \#(script)
            # What is left would keep the pipe open.
            for id in $(q list -q); do q delete -f $id; done
            } 2>&1 | sed -E 's/[0-9-]+T[0-9:.]+Z/TIME/g; s/(runc|socle) (create|run) failed/\2 failed/; s/if (runc|the runtime) will/if it will/; s/"pid": ?[1-9][0-9]+/"pid":PID/'
            for id in $(q list -q); do q delete -f $id; done
            """#
        return try socle.shell(text).text
    }

    func ours(_ script: String) throws -> String {
        try say(script, with: "\"$SOCLE\" oci --root \"$PWD/../state/socle\"")
    }

    func expectTheSame(_ script: String) throws {
        let mine = try ours(script)
        let theirs = try say(script, with: "runc --root \"$PWD/../state/runc\"")
        #expect(mine == theirs, "socle:\n\(mine)\nrunc:\n\(theirs)")
        try expectNothingLeft()
    }

    /// No state, no control group and no process that waits.
    func expectNothingLeft() throws {
        let left = try socle.shell(
            """
            for n in 1 2 3 4 5 6 7 8 9 10; do
              left="$(ls state/socle 2>/dev/null; find /sys/fs/cgroup -type d -name 'e2e-*' 2>/dev/null; pgrep -f 'e2e-[a-z]+-marker')"
              [ -z "$left" ] && break; sleep 0.1
            done; echo "$left"
            """
        )
        .text.trimmingLastNewline
        #expect(left == "")
    }
}

import SocleTesting
import SystemPackage
import Testing

/// containerd with socle in runc's place: the same words of `ctr` say the same.
@Suite(.requires(.all(.root, .tool("containerd"), .tool("ctr"), .tool("runc"), Fixture.busybox)), .serialized)
struct OCIContainerdTests {
    /// A daemon with nothing but its own folders; `c` is ctr with its status, `run` has the runtime.
    private static let script = #"""
        cat >config.toml <<END
        version = 2
        root = "$PWD/data"
        state = "$PWD/state"
        disabled_plugins = ["io.containerd.grpc.v1.cri"]
        [grpc]
        address = "$PWD/c.sock"
        END
        containerd -c config.toml >containerd.log 2>&1 & daemon=$!
        until ctr -a c.sock version >/dev/null 2>&1; do kill -0 $daemon || exit 9; sleep 0.05; done
        c() { ctr -a c.sock -n socle-test "$@"; echo "= $?"; }
        flags="--runtime io.containerd.runc.v2 --runc-root $PWD/oci --env PATH=/bin --rootfs"
        run() { c run --runc-binary $R $flags --cgroup socle-test-ctr/one "$@"; }
        {
        run --rm $PWD/root t1 sh -c 'echo hello; id -u; exit 3'
        run -d $PWD/root t2 sleep 1000
        c tasks exec --exec-id e1 t2 sh -c 'echo inside; exit 4'
        c tasks exec --exec-id e2 t2 nothing
        c tasks pause t2; c tasks ls | awk '{ print $1, $3 }'; c tasks resume t2; c tasks ps t2 | wc -l
        c tasks metrics t2 | awk '{ print $1 }'
        c tasks checkpoint t2 >checkpoint 2>&1; grep -o "'checkpoint' is not supported" checkpoint >said; tail -1 checkpoint
        c tasks kill -s KILL t2; until ctr -a c.sock -n socle-test tasks ls | grep -q STOPPED; do sleep 0.05; done
        c tasks rm t2; c c rm t2; c c ls -q
        run --rm $PWD/root t3 nothing
        script -qec "ctr -a c.sock -n socle-test run --runc-binary $R $flags --cgroup socle-test-ctr/four -t --rm $PWD/root t4 sh -c 'tty; exit 6'" /dev/null </dev/null; echo "= $?"
        run --rm --memory-limit 33554432 $PWD/root t5 sh -c 'cat /proc/self/cgroup | grep -o socle-test-ctr/one | sort -u'
        } 2>&1 | sed -E 's/(runc|socle) create failed/create failed/; s/time="[^"]*"/TIME/; s/[\^]@//g' | tr -d '\000\r'
        kill $daemon; wait $daemon
        find /sys/fs/cgroup -depth -name socle-test-ctr -type d -exec rmdir {} \;
        """#

    @Test func theSameAsWithRunc() throws {
        let socle = try Socle()
        _ = try Fixture.busyboxRoot(in: socle.work)
        let ours = try socle.shell("ln -s \"$(realpath \"$SOCLE\")\" socle-oci; R=$PWD/socle-oci\n\(Self.script)")
        #expect(try socle.shell("cat said").text == "'checkpoint' is not supported\n")
        let theirs = try socle.shell("R=$(command -v runc)\n\(Self.script)")
        #expect(ours.text == theirs.text, "socle:\n\(ours.summary)\nrunc:\n\(theirs.summary)")
        #expect(ours.text.hasPrefix("hello\n0\n= 3\n"))
    }
}

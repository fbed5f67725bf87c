import SocleTesting
import Testing

/// Runs last, as suites of a run without parallel tests go by the names of their files: the machine is as it was.
@Suite struct WhatIsLeftTests {
    @Test func theMachineIsAsItWas() throws {
        let script = """
            import os, time
            # Since this run began.
            ticks = int(open("/proc/%d/stat" % os.getppid()).read().rsplit(")", 1)[1].split()[19])
            boot = next(int(line.split()[1]) for line in open("/proc/stat") if line.startswith("btime"))
            begin = boot + ticks / os.sysconf("SC_CLK_TCK") - 1
            def is_new(path):
                try: return os.stat(path).st_mtime >= begin
                except OSError: return False
            def look():
                found = [line.split()[1] for line in open("/proc/mounts") if "/socle-test-" in line]
                place = os.environ.get("TMPDIR", "/tmp")
                found += [name for name in os.listdir(place) if name.startswith("socle-test-") and is_new(place + "/" + name)]
                for top, folders, _ in os.walk("/sys/fs/cgroup"):
                    if os.path.basename(top) == "socle": found += [top + "/" + n for n in folders if is_new(top + "/" + n)]
                for pid in filter(str.isdigit, os.listdir("/proc")):
                    try: words = open("/proc/%s/cmdline" % pid, "rb").read().split(b"\\0")
                    except OSError: continue
                    if words[0].startswith(b"socle") or b"/socle-test-" in words[0]: found.append("process %s %r" % (pid, words))
                return found
            deadline = time.time() + 10
            found = look()
            while found and time.time() < deadline:
                time.sleep(0.2)
                now = look()
                found = [line for line in found if line in now]
            print("\\n".join(found), end="")
            """
        let left = try Command.run("python3", ["-c", script]).succeeding()
        #expect(left == "")
    }
}

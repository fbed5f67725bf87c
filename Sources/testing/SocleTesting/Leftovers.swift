package import SystemPackage
package import Testing

/// What is there although nothing should be: the traces of containers and unfinished work.
package enum Leftovers {
    /// What is left of work in a store: unfinished files, mounts, processes, control groups; nothing is an empty text.
    ///
    /// Processes and groups may take a moment to go, so it looks for up to three seconds. A group says nothing of its
    /// store; those without processes that are no older than the store count.
    package static func text(of store: FilePath) throws -> String {
        try Command.run("python3", ["-c", script, store.string]).succeeding()
    }

    private static let script = #"""
        import os, sys, time
        store = sys.argv[1]

        def read(path):
            try:
                with open(path, "rb") as file: return file.read()
            except OSError: return b""

        def look():
            found = []
            for folder in ("tmp", "containers/active"):
                try: found += ["unfinished: %s/%s" % (folder, name) for name in sorted(os.listdir(store + "/" + folder))]
                except OSError: pass
            try: found += ["half removed: " + n for n in os.listdir(store + "/containers") if n.endswith(".removed")]
            except OSError: pass
            for line in read("/proc/self/mounts").decode(errors="replace").split("\n"):
                if store + "/" in line: found.append("mount: " + line.split(" ")[1])
            mark = store.encode()
            for pid in filter(str.isdigit, os.listdir("/proc")):
                if int(pid) == os.getpid(): continue
                environment = b"SOCLE_ROOT=" + mark + b"\0" in read("/proc/%s/environ" % pid) + b"\0"
                words = read("/proc/%s/cmdline" % pid)
                inside = mark + b"/containers/" in read("/proc/%s/mountinfo" % pid)
                if (environment and b"socle" in words) or inside: found.append("process %s: %r" % (pid, words))
            for top, folders, _ in os.walk("/sys/fs/cgroup"):
                if os.path.basename(os.path.dirname(top)) != "socle" or read(top + "/cgroup.procs"): continue
                try: is_younger = os.stat(top).st_mtime >= os.stat(os.path.dirname(store)).st_ctime - 1
                except OSError: continue
                if is_younger: found.append("control group: " + os.path.basename(top))
            return sorted(set(found))

        deadline = time.time() + 3
        found = look()
        while found and time.time() < deadline:
            time.sleep(0.1)
            now = look()
            found = [line for line in found if line in now]
        print("\n".join(found))
        """#
}

extension Socle {
    /// Expects that nothing is left of the work in this store, which has ended.
    package func expectNothingLeft(location: SourceLocation = #_sourceLocation) throws {
        let left = try Leftovers.text(of: store)
        if left != "" { Issue.record("left behind:\n\(left)", sourceLocation: location) }
    }
}

package import SystemPackage

/// What is there although nothing should be: the traces of containers and unfinished work.
package enum Leftovers {
    /// What is left of work in a store: unfinished files, mounts, processes, control groups; nothing is an empty text.
    ///
    /// Processes and groups may take a moment to go, so it looks for up to three seconds.
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
            for folder in ("tmp", "active"):
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
                if os.path.basename(os.path.dirname(top)) == "socle" and not read(top + "/cgroup.procs"):
                    found.append("control group: " + top)
            return found

        deadline = time.time() + 3
        found = look()
        while found and time.time() < deadline:
            time.sleep(0.1)
            found = look()
        print("\n".join(found))
        """#
}

extension Socle {
    /// What is left of work in this store that has ended.
    package func leftovers() throws -> String { try Leftovers.text(of: store) }
}

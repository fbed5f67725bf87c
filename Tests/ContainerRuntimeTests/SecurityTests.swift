import ContainerRuntime
import Glibc
import LinuxSystem
import OCISpec
import SocleTesting
import SystemPackage
import Testing

/// Shapes of escapes that other runtimes have had, and what is left here of each.
@Suite(.requires(Sandbox.needs)) struct SecurityTests {
    @Test func noDescriptorLeaks() throws {
        let box = try Sandbox()
        // One that anybody in this process has left without O_CLOEXEC.
        let leaked = open("/", O_RDONLY | O_DIRECTORY)
        defer { close(leaked) }
        #expect(try box.shell("ls /proc/1/fd; true").lines == ["0", "1", "2"])
    }

    @Test(arguments: 3..<12) func aWorkingDirectoryIsNeverTheHosts(_ number: Int) throws {
        let box = try Sandbox()
        let leaked = open("/", O_RDONLY | O_DIRECTORY)
        defer { close(leaked) }
        for path in ["/proc/self/fd/\(number)", "/proc/self/cwd"] {
            if let error = try box.failure("pwd", change: { $0.process?.cwd = path }) {
                #expect(error.exitCode == 125)
            } else {
                #expect(try box.run("pwd") { $0.process?.cwd = path }.output == "/\n")
            }
        }
        Glibc.symlink("/proc/self/fd/\(number)", box.root("lower/way").string)
        #expect(try box.failure("pwd", change: { $0.process?.cwd = "/way" }) != nil)
    }

    @Test func theProgramCantBeReachedThroughItsImage() throws {
        let box = try Sandbox()
        try box.write("lower/again", "#!/proc/self/exe\n", mode: 0o755)
        _ = try? box.run("/again")
        // What runs is the image's own file; the shim is gone, and was sealed and in memory while it was there.
        #expect(try box.shell("readlink /proc/1/exe").output == "/busybox\n")
    }

    @Test func linksInTheImageStayInside() throws {
        let canary = try TemporaryRoot()
        _ = try canary.directory().open("ptmx", flags: O_CREAT | O_WRONLY, mode: 0o600)
        for name in ["dev", "proc", "sys", "data"] {
            let box = try Sandbox()
            Glibc.symlink(canary.path.string, box.root("lower/\(name)").string)
            let failure = try box.failure("true") { spec in
                if name == "data" {
                    spec.mounts?.append(.init("/data/below", type: "tmpfs", source: "tmpfs"))
                }
            }
            // proc and sysfs are refused on a link; the others land in the container's own tree.
            #expect((failure != nil) == ["proc", "sys"].contains(name))
            #expect(try canary.directory().names().map { String(decoding: $0, as: UTF8.self) } == ["ptmx"])
            #expect(try box.leftovers().isEmpty)
        }
    }

    @Test func aMountTargetThroughADanglingLinkIsMadeInside() throws {
        let box = try Sandbox()
        try box.write("hosts", "127.0.0.1 here\n")
        Glibc.symlink("../run/resolve/stub", box.root("lower/etc/resolv.conf").string)
        let result = try box.run("cat", "/run/resolve/stub") { spec in
            spec.mounts?.append(
                .init("/etc/resolv.conf", type: "bind", source: box.root("hosts").string, options: ["rbind", "ro"])
            )
        }
        #expect(result.output == "127.0.0.1 here\n")
    }

    @Test func nothingIsMountedIntoProc() throws {
        let box = try Sandbox()
        for target in ["/proc", "/proc/self/attr", "/proc/../proc/sys", "/"] {
            let error = try box.failure("true") { spec in
                spec.mounts?.append(.init(target, type: "tmpfs", source: "tmpfs"))
            }
            #expect(error?.exitCode == 125, "\(target)")
        }
        Glibc.symlink("/proc/self", box.root("lower/alias").string)
        let error = try box.failure("true") { spec in
            spec.mounts?.append(.init("/alias/attr", type: "tmpfs", source: "tmpfs"))
        }
        #expect(error?.description.contains("operation not permitted") == true)
    }

    @Test func hiddenPathsAreEmptyAndReallyNull() throws {
        let box = try Sandbox()
        try box.write("lower/etc/secret", "secret")
        try box.write("lower/secrets/secret", "secret")
        let result = try box.shell(
            "stat -c '%t:%T' /etc/secret; ls /secrets | wc -l; touch /secrets/x 2>&1; echo x > /etc/secret; cat /etc/secret"
        ) { spec in
            spec.linux?.maskedPaths? += ["/etc/secret", "/secrets", "/missing"]
            // Without a /dev of its own the image's null device is not taken.
            spec.mounts?.removeAll { $0.destination.hasPrefix("/dev") }
        }
        #expect(result.lines == ["1:3", "0", "touch: /secrets/x: Read-only file system"])
    }

    @Test func onlyNamespacedSettings() throws {
        let box = try Sandbox()
        for (name, value) in [
            ("kernel.core_pattern", "|/x"), ("vm.swappiness", "1"), ("net/../kernel/core_pattern", "x"), ("", ""),
            ("kernel.hostname", "x"), ("net..x", "1"),
        ] {
            #expect(try box.failure("true", change: { $0.linux?.sysctl = [name: value] })?.exitCode == 125, "\(name)")
        }
        #expect(
            try box.failure(
                "true",
                change: { spec in
                    spec.linux?.namespaces?.removeAll { $0.type == .network }
                }
            )?.description.contains("host's network namespace") == true
        )
    }

    @Test func capabilitiesAndGroupsOfAUser() throws {
        let box = try Sandbox()
        try box.write("lower/denied", "secret")
        chown(box.root("lower/denied").string, 0, 1000)
        chmod(box.root("lower/denied").string, 0o704)
        let user = try UserLookup(passwd: Array("u:x:1000:1000::/:\n".utf8), group: nil).resolve("u")
        let result = try box.shell("grep -E '^Cap(Inh|Amb|Eff)' /proc/self/status; id -G; cat /denied 2>&1") {
            $0.process?.user = user
        }
        #expect(
            result.lines == [
                "CapInh:\t0000000000000000", "CapEff:\t0000000000000000", "CapAmb:\t0000000000000000", "1000",
                "cat: can't open '/denied': Permission denied",
            ]
        )
    }

    /// With `--privileged`, all of the host's devices are there; the one that makes terminals stays the container's.
    @Test func terminalsOfItsOwnAmongTheHostsDevices() throws {
        let box = try Sandbox()
        let result = try box.shell("readlink /dev/ptmx; stat -c %t:%T /dev/full") { spec in
            spec.linux?.devices = [
                .init("/dev/ptmx", type: "c", major: 5, minor: 2), .init("/dev/full", type: "c", major: 1, minor: 7),
            ]
        }
        #expect(result.lines == ["pts/ptmx", "1:7"])
    }

    @Test func aRootThatIsReadOnly() throws {
        let box = try Sandbox()
        let result = try box.shell("touch /x 2>&1; touch /dev/x; mount -o remount,rw / 2>&1") { spec in
            spec.root?.readonly = true
        }
        #expect(result.lines.first == "touch: /x: Read-only file system")
        #expect(access(box.root("upper/x").string, F_OK) != 0)
    }
}

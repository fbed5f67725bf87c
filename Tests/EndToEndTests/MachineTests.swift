import SocleTesting
import SystemPackage
import Testing

/// Containers in a machine of their own (`scripts/with-machine`): control groups of version 2 alone, AppArmor, systemd, overlayfs of
/// Linux 6.1. It is started once, and one script does everything in it; another one has control groups of version 1. `make test-machine`
/// asks for them.
@Suite(.requires(Machine.isThere), .serialized)
struct MachineTests {
    @Test("limits are in the group's files")
    func limits() throws {
        let lines = try Machine.section("limits")
        for line in [
            "memory.max:67108864", "memory.swap.max:33554432", "memory.low:33554432", "cpu.max:50000 100000", "cpu.weight:20",
            "cpuset.cpus.effective:1", "pids.max:20", "io.max:254:0 rbps=1048576 wbps=max riops=max wiops=100",
        ] {
            #expect(lines.contains(line), "\(line): \(lines)")
        }
        #expect(lines.contains { $0 == "io.weight:default 2930" || $0 == "io.bfq.weight:default 300" }, "\(lines)")
    }

    @Test("a group of its own, or the host's")
    func groupNamespaces() throws {
        #expect(try Machine.section("private") == ["0::/", "absent"])
        let host = try Machine.section("host")
        #expect(host.first?.hasPrefix("0::/socle/") == true && host.last == "present", "\(host)")
    }

    @Test("too much memory ends the container")
    func outOfMemory() throws {
        #expect(try Machine.section("oom") == ["137", "true 137"])
    }

    @Test("a program decides on devices")
    func devices() throws {
        #expect(try Machine.section("devices") == ["closed", "null", "read", "not written", "read", "not written"])
    }

    @Test("pause, update, kill and a parent of one's own")
    func life() throws {
        let lines = try Machine.section("life")
        #expect(lines == ["frozen 1", "frozen 0", "52428800", "10485760", "20000 100000", "9", "0", "0 groups", "31457280"])
    }

    @Test("the default AppArmor profile, another one, none")
    func appArmor() throws {
        let lines = try Machine.section("apparmor")
        #expect(
            lines == [
                "socle-default (enforce)", "socle-default (enforce)", "socle-default (enforce)", "unconfined", "unconfined",
                "socle-default unconfined", "not mounted", "mounted", "refused", #"["name=apparmor","name=seccomp,profile=default"]"#,
                "mine (enforce)", "137",
            ]
        )
    }

    @Test("without apparmor_parser containers run as on a kernel without AppArmor")
    func withoutParser() throws {
        #expect(try Machine.section("parserless") == ["unconfined", "0"])
    }

    @Test("an ordinary user's limits hold in a group that is delegated to him, and are discarded with a warning elsewhere")
    func rootless() throws {
        let lines = try Machine.section("rootless")
        #expect(lines.contains("31457280") && lines.contains("7") && lines.contains("50000 100000"), "\(lines)")
        #expect(lines.contains { $0.contains("memory limit capabilities") }, "\(lines)")
        #expect(lines.contains("oom 137 true"), "\(lines)")
    }

    @Test("scopes of systemd: limits, update, what is left, what is refused")
    func scopes() throws {
        let lines = try Machine.section("systemd")
        #expect(
            lines == [
                "0::/system.slice/e2e-one.scope", "active", "MemoryMax=67108864", "TasksMax=30", "TimeoutStopUSec=7s",
                "67108864", "50000 100000", "kept 67108864", "TasksMax=40", "40", "taken", "running", "inactive", "gone", "refused",
                "0::/e2e.slice/e2e-deep.slice/socle-two.scope", "gone",
            ],
            "\(lines)"
        )
    }

    @Test("rootless podman's scopes of the user's systemd: limits, exec, pause, end, what is refused")
    func usersScopes() throws {
        let lines = try Machine.section("users scopes")
        #expect(
            lines == [
                "there", "67108864", "30", "50000 100000", "MemoryMax=67108864", "0::/", "frozen 1", "frozen 0", "40", "137", "gone",
                "the controller cpuset isn't delegated to the user",
                "0::/user.slice/user-1000.slice/user@1000.service/e2e.slice/e2e-two.scope", "can start nothing in groups",
            ],
            "\(lines)"
        )
    }

    @Test("scopes with control groups of version 1: one place in each hierarchy, systemd's own limits and devices, the end")
    func scopesOfVersion1() throws {
        let lines = try Machine.section("version 1", of: .version1)
        #expect(
            lines == [
                "all groups", "active", "MemoryLimit=67108864", "TasksMax=30", "CPUShares=512", "DevicePolicy=strict",
                "67108864", "50000", "512", "30", "devices", "0", "kept", "all groups", "50331648", "40", "MemoryLimit=50331648",
                "paused", "running", "taken", "running", "inactive", "0 left", "0 left",
            ],
            "\(lines)"
        )
    }

    @Test("after a reboot the unit of docs/containers.md starts what shall run, and its end leaves that alone")
    func unit() throws {
        #expect(try Machine.section("unit") == ["active", "always running", "often exited", "inactive", "always running"])
    }
}

/// A machine and what its script has said.
private struct Machine {
    static let isThere: Requirement =
        Environment.value("SOCLE_MACHINE") == "1"
        ? .all(
            .root,
            .tool("qemu-system-x86_64"),
            .tool("debootstrap"),
            .tool("busybox"),
            Requirement(
                isMet: (try? Command.run("test", ["-e", "\(top)/build/machine/made"]).status) == 0
                    || (try? Command.run("\(top)/scripts/has-network").status) == 0,
                reason: "needs a mirror of Debian"
            )
        )
        // Its disk and its emulated processor want minutes.
        : Requirement(isMet: false, reason: "wants minutes: \"make test-machine\" runs it, or SOCLE_MACHINE=1")

    private static let top: String = {
        var path = FilePath(#filePath)
        for _ in 0..<3 { path.removeLastComponent() }
        return path.string
    }()

    private let said: Result<[String: [String]], any Error>

    /// As Debian has it.
    static let standard = Machine { script.replacing("UNIT\n", with: try unit) }
    static let version1 = Machine(boot: "systemd.unified_cgroup_hierarchy=0") { version1Script }

    private init(boot: String = "", _ script: () throws -> String) {
        said = Result { try Self.run(try script(), boot) }
    }

    private static func run(_ script: String, _ boot: String) throws -> [String: [String]] {
        let folder = try TemporaryRoot()
        try FileTree.write(["script": .file(Array(script.utf8))], to: folder.path)
        let words = ["--timeout", "900", "--boot", boot, folder("script").string]
        let result = try Command.run("env", ["SOCLE_BINARY=\(Socle.binary)", "\(top)/scripts/with-machine"] + words)
        // It says why there can be no machine.
        if result.status == 77 { throw Impossible(reason: result.summary) }
        guard result.status == 0 else { throw Command.Failed(result.summary) }
        var sections: [String: [String]] = [:]
        var name = ""
        for line in result.text.split(separator: "\n").map(String.init) {
            if line.hasPrefix("## ") { name = String(line.dropFirst(3)) } else { sections[name, default: []].append(line) }
        }
        return sections
    }

    private struct Impossible: Error {
        let reason: String
    }

    static func section(_ name: String, of machine: Machine = .standard) throws -> [String] {
        do {
            return try machine.said.get()[name] ?? []
        } catch let error as Impossible {
            try Test.cancel("\(error.reason)")
        }
    }

    /// The unit as the documentation has it.
    private static var unit: String {
        get throws {
            let text = String(decoding: try Command.output(of: "cat", ["\(top)/docs/containers.md"]), as: UTF8.self)
            guard let start = text.firstRange(of: "```ini\n"), let end = text[start.upperBound...].firstRange(of: "```") else {
                throw Command.Failed("docs/containers.md has no unit")
            }
            return String(text[start.upperBound..<end.lowerBound])
        }
    }

    private static let script = #"""
        export SOCLE_NETWORK=none BUILDKIT_PROGRESS=plain
        if [ -e /root/again ]; then
            echo '## unit'
            for i in $(seq 300); do systemctl -q is-active socle-containers && break; sleep 0.1; done
            states() { socle inspect -f '{{.Name}} {{.State.Status}}' "$@" | tr -d /; }
            systemctl is-active socle-containers; states always often
            systemctl stop socle-containers
            systemctl is-active socle-containers; states always
            exit 0
        fi
        chmod 755 /root
        mkdir -p r/bin r/tmp r/proc r/sys r/dev r/etc
        cp /bin/busybox r/bin/
        for name in sh true ls cat head sleep dd mknod mount; do ln -s busybox r/bin/$name; done
        tar -C r -c . | socle import - bb >/dev/null 2>&1 || exit 1
        run() { socle run --rm "$@" 2>&1; }
        label=/proc/self/attr/current

        echo '## limits'
        run --memory 64m --memory-swap 96m --memory-reservation 32m --cpus 0.5 --cpu-shares 512 --cpuset-cpus 1 --pids-limit 20 \
            --blkio-weight 300 --device-read-bps /dev/vda:1mb --device-write-iops /dev/vda:100 bb busybox sh -c 'cd /sys/fs/cgroup
            busybox grep . memory.max memory.swap.max memory.low cpu.max cpu.weight cpuset.cpus.effective pids.max io.weight io.bfq.weight io.max'
        echo '## private'
        run bb sh -c 'cat /proc/self/cgroup; [ -d /sys/fs/cgroup/system.slice ] && echo present || echo absent'
        echo '## host'
        run --cgroupns host bb sh -c 'cat /proc/self/cgroup; [ -d /sys/fs/cgroup/system.slice ] && echo present || echo absent'
        echo '## oom'
        socle run --name hungry -m 20m --memory-swap 20m bb dd if=/dev/zero of=/dev/null bs=100M count=1 2>/dev/null; echo $?
        socle inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' hungry
        echo '## devices'
        run bb sh -c 'mknod /tmp/k b 254 0; head -c 1 /tmp/k 2>/dev/null || echo closed; mknod /tmp/n c 1 3; echo x >/tmp/n && echo null'
        use='head -c 1 $f >/dev/null && echo read; { echo >>$f; } 2>/dev/null || echo not written'
        run --device /dev/vda:/dev/x:r bb sh -c "f=/dev/x; $use"
        run --device-cgroup-rule 'b 254:* rm' bb sh -c "mknod /tmp/k b 254 0; f=/tmp/k; $use"
        echo '## life'
        id=$(socle run -d --name one bb sh -c 'sleep 1000 & sleep 1000')
        group=/sys/fs/cgroup/socle/$id
        socle pause one >/dev/null; grep frozen $group/cgroup.events
        socle unpause one >/dev/null; grep frozen $group/cgroup.events
        socle update -m 50m --memory-swap 60m --cpus 0.2 --pids-limit 9 --cpuset-cpus 0 one >/dev/null
        for file in memory.max memory.swap.max cpu.max pids.max cpuset.cpus; do cat $group/$file; done
        socle kill one >/dev/null; socle wait one >/dev/null
        for i in $(seq 100); do [ -d $group ] || break; sleep 0.1; done
        echo "$(ls -d $group 2>/dev/null | wc -l) groups"
        mkdir /sys/fs/cgroup/mine; run --cgroup-parent /mine -m 30m bb cat /sys/fs/cgroup/memory.max
        echo '## apparmor'
        run bb cat $label
        socle run -d --name two bb sleep 1000 >/dev/null
        socle exec two cat $label; socle exec --privileged two cat $label
        run --security-opt apparmor=unconfined bb cat $label
        run --privileged bb cat $label
        socle create --name three --security-opt apparmor=unconfined bb true >/dev/null
        echo $(socle inspect -f '{{.AppArmorProfile}}' two three)
        socle kill two >/dev/null
        run --cap-add SYS_ADMIN bb mount -t tmpfs t /tmp >/dev/null && echo mounted || echo not mounted
        run --cap-add SYS_ADMIN --security-opt apparmor=unconfined bb mount -t tmpfs t /tmp && echo mounted || echo not mounted
        run --security-opt apparmor=nope bb true >/dev/null; [ $? -ge 125 ] && echo refused
        socle info -f '{{json .SecurityOptions}}'
        # One who is confined himself ends his containers all the same.
        socle wait two >/dev/null
        echo 'profile mine flags=(attach_disconnected, mediate_deleted) {
            capability, network, file, mount, umount, pivot_root, signal, ptrace, unix, dbus, change_profile,
        }' | apparmor_parser -Kr
        printf socle-default >/sys/kernel/security/apparmor/.remove
        aa-exec -p mine -- cat $label
        aa-exec -p mine -- socle run -d --name four bb sleep 1000 >/dev/null
        aa-exec -p mine -- socle kill four >/dev/null; timeout 30 socle wait four
        socle kill four >/dev/null 2>&1
        echo '## parserless'
        mv /sbin/apparmor_parser /sbin/away; printf socle-default >/sys/kernel/security/apparmor/.remove
        run bb cat $label; echo $?
        echo '## rootless'
        loginctl enable-linger me
        for i in $(seq 300); do [ -S /run/user/1000/bus ] && break; sleep 0.1; done
        cat >/tmp/mine <<'END'
        export XDG_RUNTIME_DIR=/run/user/1000 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus SOCLE_NETWORK=none
        cd
        tar -C /root/r -c . | socle import - bb >/dev/null 2>&1
        socle run --rm -m 30m bb true 2>&1
        delegated="systemd-run --user --scope -q -p Delegate=yes socle run"
        $delegated --rm -m 30m --pids-limit 7 --cpus 0.5 bb sh -c 'cd /sys/fs/cgroup; cat memory.max pids.max cpu.max' 2>&1
        $delegated -m 20m --memory-swap 20m --name hungry bb dd if=/dev/zero of=/dev/null bs=100M count=1 2>/dev/null
        echo "oom $? $(socle inspect -f '{{.State.OOMKilled}}' hungry)"
        END
        su me -s /bin/bash /tmp/mine
        echo '## users scopes'
        ln -s /machine/socle /usr/local/bin/socle-oci
        cat >/tmp/mine <<'END'
        export XDG_RUNTIME_DIR=/run/user/1000
        cd; mkdir -p bundle; cp -r /root/r bundle/rootfs; cd bundle
        p() { podman --runtime /usr/local/bin/socle-oci "$@" 2>&1; }
        top=/user.slice/user-1000.slice/user@1000.service
        p run -d --name one -m 64m --pids-limit 30 --cpus 0.5 --network none --rootfs $PWD/rootfs sleep 1000 >/dev/null
        scope=libpod-$(podman inspect -f '{{.Id}}' one).scope
        group=/sys/fs/cgroup$top/user.slice/$scope
        [ "$(cat /proc/$(podman inspect -f '{{.State.Pid}}' one)/cgroup)" = 0::$top/user.slice/$scope ] && echo there
        cat $group/memory.max $group/pids.max $group/cpu.max; systemctl --user show -p MemoryMax $scope
        p exec one cat /proc/self/cgroup
        p pause one >/dev/null; grep frozen $group/cgroup.events; p unpause one >/dev/null; grep frozen $group/cgroup.events
        podman unshare socle oci update --pids-limit 40 ${scope:7:64}; systemctl --user daemon-reload; cat $group/pids.max
        p kill one >/dev/null; p wait one; p rm one >/dev/null; [ -d $group ] || echo gone
        p run --rm --cpuset-cpus 0 --network none --rootfs $PWD/rootfs true | grep -o "the controller cpuset isn't delegated to the user"
        socle oci spec
        sed -i 's/"terminal": true/"terminal": false/; s|"sh"|"cat", "/proc/self/cgroup"|' config.json
        sed -i 's|"linux": {|&"cgroupsPath": "e2e.slice:e2e:two",|' config.json
        sed -i '/"type": "cgroup"$/d' config.json
        alone="unshare --user --map-root-user --mount"
        systemd-run --user --scope -q $alone env -u XDG_RUNTIME_DIR socle oci --root oci --systemd-cgroup run two </dev/null
        $alone socle oci --systemd-cgroup run two 2>&1 </dev/null | grep -o 'can start nothing in groups'
        END
        su me -s /bin/bash /tmp/mine
        echo '## systemd'
        mkdir -p bundle; cp -r r bundle/rootfs; cd bundle
        oci() { socle oci --systemd-cgroup "$@"; }
        socle oci spec
        sed -i 's/"terminal": true/"terminal": false/; s/"sh"/"sleep", "1000"/; s|"linux": {|&"cgroupsPath": "system.slice:e2e:one",|' config.json
        sed -i 's|"resources": {|&"memory": {"limit": 67108864}, "cpu": {"quota": 50000, "period": 100000}, "pids": {"limit": 30},|' config.json
        sed -i '0,/{/s//{ "annotations": {"org.systemd.property.TimeoutStopUSec": "uint64 7000000"},/' config.json
        oci run -d --pid-file pid one </dev/null >/dev/null
        cat /proc/$(cat pid)/cgroup; systemctl is-active e2e-one.scope
        systemctl show -p MemoryMax e2e-one.scope; systemctl show -p TasksMax e2e-one.scope
        systemctl show -p TimeoutStopUSec e2e-one.scope
        group=/sys/fs/cgroup/system.slice/e2e-one.scope
        cat $group/memory.max $group/cpu.max
        systemctl daemon-reload; echo kept $(cat $group/memory.max)
        oci update --pids-limit 40 one; systemctl show -p TasksMax e2e-one.scope; cat $group/pids.max
        oci --root /run/other create other 2>&1 </dev/null | grep -q 'systemd made no unit e2e-one.scope: .*already' && echo taken
        oci state one | grep -o running
        oci delete --force one; systemctl is-active e2e-one.scope; [ -d $group ] || echo gone
        sed -i 's|"system.slice:e2e:one"|"/elsewhere"|' config.json; oci create two 2>/dev/null || echo refused
        sed -i 's|"/elsewhere"|"e2e-deep.slice:socle:two"|' config.json
        oci run -d --pid-file pid two </dev/null >/dev/null; cat /proc/$(cat pid)/cgroup; oci kill two KILL
        for i in $(seq 100); do [ -d /sys/fs/cgroup/e2e.slice/e2e-deep.slice/socle-two.scope ] || break; sleep 0.1; done
        [ -d /sys/fs/cgroup/e2e.slice/e2e-deep.slice/socle-two.scope ] || echo gone; oci delete two
        cd ..
        cat >/etc/systemd/system/socle-containers.service <<'END'
        UNIT
        END
        systemctl enable -q socle-containers
        socle run -d --restart always --name always bb sleep 1000 >/dev/null
        socle run -d --name often bb sleep 1000 >/dev/null
        touch /root/again
        systemctl reboot
        sleep 1000
        """#

    private static let version1Script = #"""
        mkdir -p bundle/rootfs/bin bundle/rootfs/proc bundle/rootfs/sys bundle/rootfs/dev; cd bundle
        cp /bin/busybox rootfs/bin/; for name in sh cat sleep; do ln -s busybox rootfs/bin/$name; done
        oci() { socle oci --systemd-cgroup "$@"; }
        echo '## version 1'
        socle oci spec
        sed -i 's/"terminal": true/"terminal": false/; s/"sh"/"sleep", "1000"/' config.json
        sed -i 's|"linux": {|&"cgroupsPath": "e2e-deep.slice:e2e:one",|; s|"resources": {|&"pids": {"limit": 30},|' config.json
        sed -i 's|"resources": {|&"memory": {"limit": 67108864}, "cpu": {"quota": 50000, "period": 100000, "shares": 512},|' config.json
        group=e2e.slice/e2e-deep.slice/e2e-one.scope
        top=/sys/fs/cgroup
        # The unified hierarchy's among them, in which systemd looks.
        groups() { [ "$(grep -c ":/$group\$")" = "$(wc -l </proc/self/cgroup)" ] && echo all groups; }
        found() { find $top -name e2e-one.scope; }
        left() { for i in $(seq 100); do [ -z "$(found)" ] && break; sleep 0.1; done; echo "$(found | wc -l) left"; }
        oci run -d --pid-file pid one </dev/null
        groups </proc/$(cat pid)/cgroup; systemctl is-active e2e-one.scope
        for name in MemoryLimit TasksMax CPUShares DevicePolicy; do systemctl show -p $name e2e-one.scope; done
        cat $top/memory/$group/memory.limit_in_bytes $top/cpu/$group/cpu.cfs_quota_us $top/cpu/$group/cpu.shares $top/pids/$group/pids.max
        cp $top/devices/$group/devices.list before; grep -q '^c 136:\* rwm$' before && echo devices; grep -c '^a' before
        systemctl daemon-reload; cmp before $top/devices/$group/devices.list && echo kept
        oci exec one cat /proc/self/cgroup | groups
        oci update --pids-limit 40 --memory 50331648 one
        cat $top/memory/$group/memory.limit_in_bytes $top/pids/$group/pids.max
        systemctl show -p MemoryLimit e2e-one.scope
        oci pause one; oci state one | grep -o paused; oci resume one; oci state one | grep -o running
        oci --root /run/other create other 2>&1 </dev/null | grep -q 'systemd made no unit e2e-one.scope: .*already' && echo taken
        oci state one | grep -o running
        oci delete --force one; systemctl is-active e2e-one.scope; left
        oci run -d --pid-file pid one </dev/null; oci kill one KILL
        for i in $(seq 100); do oci state one | grep -q stopped && break; sleep 0.1; done
        oci delete one; left
        """#
}

import SocleTesting
import Testing

/// What an ordinary user exchanges with others: registries, archives, engines that start `socle oci`.
@Suite(
    .requires(
        .all(
            .root, .overlay, Fixture.busybox, .userNamespaces, .tool("unshare"), .tool("setpriv"), .tool("newuidmap"), .tool("ip"),
            .path("/etc/subuid", "/etc/subuid"), .path("/etc/subgid", "/etc/subgid")
        )
    ),
    .serialized
)
final class RootlessTransferTests {
    private let socle: Socle

    init() throws {
        let socle = try Socle()
        _ = try Fixture.busyboxRoot(in: socle.work)
        self.socle = socle
    }

    private func expect(_ script: String, _ expected: String, location: SourceLocation = #_sourceLocation) throws {
        try socle.write(["script": .file(Array((RootlessTests.prelude + script).utf8))])
        let result = try socle.shell("timeout 120 unshare -m -n -p -f --mount-proc --kill-child bash script")
        #expect(result.text == expected, "\(result.errorText)", sourceLocation: location)
    }

    @Test(.requires(.tool("curl")))
    func imagesGoToARegistryAndBack() throws {
        try expect(
            #"""
            lend 200000:65536; ip link set lo up
            user "socle import '$place/busybox.tar' base >/dev/null; socle run --name one base sh -c 'chown 7:8 /etc/group'; socle commit one app:1 >/dev/null
            '$place/own/socle' registry serve --listen 127.0.0.1:5999 >/dev/null & server=\$!
            for try in \$(seq 100); do curl -s 127.0.0.1:5999/v2/ >/dev/null && break; sleep 0.05; done
            id() { socle inspect -f '{{.Id}}' \$1; }
            first=\$(id app:1); export SOCLE_ROOT=\$PWD/other
            socle pull -q 127.0.0.1:5999/app:1; [ \$(id 127.0.0.1:5999/app:1) = \$first ] && echo pulled
            socle tag 127.0.0.1:5999/app:1 127.0.0.1:5999/team/back:2; socle push -q 127.0.0.1:5999/team/back:2
            socle run --rm 127.0.0.1:5999/app:1 stat -c %u:%g /etc/group
            socle save 127.0.0.1:5999/app:1 >saved; socle image prune -af >/dev/null; socle load -q <saved; [ \$(id 127.0.0.1:5999/app:1) = \$first ] && echo loaded
            unset SOCLE_ROOT; [ \$(id team/back:2) = \$first ] && echo pushed
            socle rm one; kill \$server; wait \$server; echo \$?" 2>&1
            left
            """#,
            """
            127.0.0.1:5999/app:1
            pulled
            127.0.0.1:5999/team/back:2
            7:8
            Loaded image: 127.0.0.1:5999/app:1
            loaded
            pushed
            one
            0

            """
        )
    }

    @Test func filesGoInAndOut() throws {
        try expect(
            #"""
            lend 200000:65536
            user "socle import '$place/busybox.tar' base >/dev/null; socle create --name one base sh -c 'cat /tmp/f; echo b >/tmp/g; chown 5:6 /tmp/g' >/dev/null
            echo a >f; socle cp -q f one:/tmp/f; socle start -a one; socle cp -q one:/tmp/g .; cat g; stat -c %u g
            socle cp one:/tmp/g - | tar --numeric-owner -tv | cut -d' ' -f2; socle run -d --name two base sleep 1000 >/dev/null
            socle cp -q f two:/tmp/f; socle exec two stat -c %u:%g /tmp/f; socle rm -f one two" 2>&1
            left
            """#,
            """
            a
            b
            64123
            5/6
            0:0
            one
            two

            """
        )
    }

    /// As podman starts its runtime: in a user namespace that it has made.
    @Test(.requires(.tool("jq")))
    func bundlesRunInAUserNamespaceOfTheEngine() throws {
        try expect(
            #"""
            user "mkdir -p bundle/rootfs; tar -C bundle/rootfs -xf '$place/busybox.tar'; cd bundle; mkdir -p rootfs/proc rootfs/dev rootfs/sys
            '$place/own/socle' oci spec
            jq '.process.terminal=false|.process.args=[\"sh\",\"-c\",\"id -u; tr -s \\\" \\\" </proc/self/uid_map; echo x >/x; echo \$?\"]|.root.readonly=false' config.json >new; mv new config.json
            unshare -U -r -m '$place/own/socle' oci --root '$place/run/oci' run one; echo \$?; ls '$place/run/oci'; cat rootfs/x; stat -c %u rootfs/x" 2>&1
            left
            """#,
            """
            0
             0 64123 1
            0
            0
            x
            64123

            """
        )
    }
}

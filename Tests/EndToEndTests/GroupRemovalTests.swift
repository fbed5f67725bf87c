import SocleTesting
import SystemPackage
import Testing

/// Control groups that containers make in their own: they go with the container, and what runs in them is killed.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
struct GroupRemovalTests {
    /// The groups of a container, as its programs see them.
    private static let prelude = """
        tops='for top in /sys/fs/cgroup /sys/fs/cgroup/*; do [ -e $top/cgroup.procs ] && [ ! -L $top ] && cd $top || continue;'
        left() { for id in "$@"; do find /sys/fs/cgroup -depth -path "*/socle/$id*" -type d -printf '%P ' 2>/dev/null | head -c 200; done; }

        """

    @Test(arguments: [
        "mkdir sub",
        "mkdir -p a/b/c a/d e; mkdir ' ' -- '-rf' \"$(printf '%0250d' 0)\"",
        "for depth in $(seq 16); do mkdir \"$(printf '%0250d' $depth)\"; cd \"$(printf '%0250d' $depth)\"; done",
        "seq 100 | xargs mkdir",
    ]) func groupsInGroupsGo(_ making: String) throws {
        let socle = try Socle.withBase()
        let said = try socle.shell(
            Self.prelude + #"""
            making=$(cat <<'END'
            \#(making)
            END
            )
            socle run --rm --privileged --cidfile first base sh -c "$tops $making; done"; echo "= $?"; left $(cat first)
            socle run -d --privileged --name one --cidfile second base sh -c "$tops $making; done; echo made; exec sleep 1000" >/dev/null
            eventually made 'socle logs one'; socle rm -f one; left $(cat second)
            """#
        )
        #expect(said.text == "= 0\nmade\none\n", "\(said.errorText)")
        try socle.expectNothingLeft()
    }

    /// Those that a namespace of processes doesn't end with, also where they stand still.
    @Test func processesInThemAreKilled() throws {
        let socle = try Socle.withBase()
        let said = try socle.shell(
            Self.prelude + #"""
            inside=$(cat <<'END'
            mkdir -p sub/sub; for file in cpuset.cpus cpuset.mems; do [ -e $file ] && for folder in sub sub/sub; do cat $file >$folder/$file; done; done
            sleep 4321 >/dev/null 2>&1 & echo $! >sub/sub/cgroup.procs
            [ -e sub/freezer.state ] && echo FROZEN >sub/freezer.state; [ -e sub/cgroup.freeze ] && echo 1 >sub/cgroup.freeze
            END
            )
            socle run --privileged --pid host --name one --cidfile id base sh -c "$tops $inside; done; echo made"; echo "= $?"
            eventually '' "left $(cat id)"; eventually 0 'grep -lz ^4321$ /proc/[0-9]*/cmdline 2>/dev/null | wc -l'; socle rm one
            # Whoever runs there is one of the container's.
            socle run -d --privileged --name two base sh -c "$tops mkdir sub; sleep 1234 & echo \$! >sub/cgroup.procs; done; echo made; exec sleep 1000" >/dev/null
            eventually made 'socle logs two 2>/dev/null'
            socle top two -o pid,args | grep -c 'sleep 1234' >ours; socle exec two ps -o args | grep -c '^sleep 1234' | diff ours -; socle rm -f two
            """#
        )
        #expect(said.text == "made\n= 0\n\n0\none\nmade\ntwo\n", "\(said.errorText)")
        try socle.expectNothingLeft()
    }

    /// Under another engine, as runc does it.
    @Test(.requires(.all(OCIFixture.needs, OCIFixture.runc))) func groupsOfBundles() throws {
        let oci = try OCIFixture()
        try oci.expectTheSame(
            #"""
            cp sample config.json; q create e2e-within; q start e2e-within
            for d in $(find /sys/fs/cgroup -type d -name e2e-within); do mkdir -p $d/e2e-inner/e2e-innermost "$d/e2e-$(printf '%0200d' 0)"; done
            r delete -f e2e-within; find /sys/fs/cgroup -type d -name 'e2e-*' | wc -l
            """#
        )
    }
}

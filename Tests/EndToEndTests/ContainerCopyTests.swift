import SocleTesting
import Testing

/// `cp` in both directions: the same command lines with socle and with Docker do the same.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
final class ContainerCopyTests: ComparedContainers {
    init() throws { try super.init("socle-test-cp") }

    private static let prepare = """
        d run -d --name cp-one -v /vol $I sleep 1000
        $D exec cp-one sh -c 'mkdir -p /d/sub; echo a >/d/a; echo b >/d/sub/b; ln -s a /d/l; ln -s /d /dl; ln -s nope /d/dang; mkfifo /d/f; chown 5:6 /d/a; chmod 750 /d/sub'
        rm -rf side; mkdir side; cd side; mkdir -p s/t; echo x >s/x; echo y >s/t/y; ln -s s ls; ln -s s/x lx; chown 7:8 s/x

        """

    @Test(.requires(Docker.isThere)) func outOfContainers() throws {
        try expectTheSame(Self.prepare + """
            d cp cp-one:/d/a out; d cp cp-one:/d/a .; d cp cp-one:/d/a no/; d cp cp-one:/d/a no/x 2>&1 | sed 's/".*side/"/'
            d cp cp-one:/nope .; d cp zz:/d .; d cp cp-one:/d od; d cp cp-one:/d od; d cp cp-one:/d/. od2; d cp cp-one:/d/. s
            d cp cp-one:/dl o3; d cp cp-one:/dl/ o4; d cp cp-one:/dl/. o5; d cp -L cp-one:/dl o6; d cp -L cp-one:/d/l o7
            d cp cp-one:/d s/x; d cp cp-one:/d/a od; d cp cp-one:/d/f ff; d cp cp-one:d/a rel
            mkdir -p conf/a conf2; echo >conf2/sub
            d cp cp-one:/d/. conf 2>&1 | sed -E 's/"[^"]*side/"/g'; d cp cp-one:/d/. conf2 2>&1 | sed -E 's/"[^"]*side/"/g'
            find . -printf '%p %y %m %U:%G %l\\n' | sort
            for x in /d /d/ /d/. /dl /dl/ /dl/. /d/a /vol /d/l; do echo "$x"; $D cp cp-one:$x - | tar tvf - --numeric-owner | awk '{print $1,$2,$6,$7,$8}'; done
            $D cp cp-one:/ - | tar tPf - 2>/dev/null | head -3
            d rm -fv cp-one
            """)
    }

    @Test(.requires(Docker.isThere)) func intoContainers() throws {
        try expectTheSame(Self.prepare + """
            d cp s cp-one:/n1; d cp s cp-one:/n1; d cp s/. cp-one:/n1; d cp s/x cp-one:/n2; d cp s/x cp-one:/n3/; d cp s/x cp-one:/n4/y
            d cp s/x cp-one:/d; d cp s cp-one:/d/a; d cp ls cp-one:/n5; d cp ls/ cp-one:/n6; d cp -L ls cp-one:/n7; d cp lx cp-one:/n8
            d cp -L lx cp-one:/n9; d cp nope cp-one:/ 2>&1 | sed 's,lstat .*/,lstat ,'; d cp s/x cp-one:/d/dang; d cp s/x cp-one:/dl; d cp s cp-one:/dl/q
            tar cf - s | d cp - cp-one:/n2; tar cf - s | d cp - cp-one:/vol; tar cf - s | d cp - cp-one:/nn
            tar cf - s | gzip | d cp - cp-one:/n1; tar cf - lx | xz | d cp - cp-one:/n1; tar cf - ls | bzip2 | d cp - cp-one:/n1
            d cp cp-one:/d cp-one:/e; d cp a b; d cp - -; d cp - ./foo; d cp s/x :rel; d cp s/x cp-one:rel
            $D exec cp-one sh -c 'for f in $(find /n? /d /vol /rel | sort); do stat -c "%n %F %a %u:%g %N" $f; done'
            d stop -t 0 cp-one; d cp s/x cp-one:/vol/new; d cp s/t cp-one:/later; $D cp cp-one:/vol/new - | tar tf - | head -2; $D cp cp-one:/later - | tar tf -
            d start cp-one; $D exec cp-one find /later /vol/new; d rm -fv cp-one
            d run -d --name cp-two --read-only -v /vol $I sleep 1000; d cp s/x cp-two:/; d cp s/x cp-two:/vol; d rm -fv cp-two
            """)
    }

    /// A container that swaps a directory for a link to the host's folder of the same path, meanwhile.
    @Test func nothingLeavesTheContainer() throws {
        let said = try socle.shell("""
            mkdir canary src; echo secret >canary/f; echo new >src/g; C=$PWD/canary
            socle run -d --name cp-evil \(image) sh -c "mkdir -p /w/d; echo in >/w/d/f; while :; do mv /w/d /w/e; ln -s $C /w/d; rm /w/d; mv /w/e /w/d; done" >/dev/null
            for i in $(seq 40); do
                rm -rf o; socle cp cp-evil:/w/d o 2>/dev/null && [ ! -L o ] && grep -rl secret o 2>/dev/null
                socle cp src/g cp-evil:/w/d/g 2>/dev/null; socle cp src/. cp-evil:/w/d 2>/dev/null
            done
            ls canary; socle rm -f cp-evil >/dev/null
            socle run -d --name cp-evil \(image) sh -c "mkdir /o /run; ln -s $C /o/z; ln -s /run /var-run; echo x >/o/zz; sleep 1000" >/dev/null; eventually x 'socle exec cp-evil cat /o/zz 2>/dev/null' >/dev/null
            socle cp cp-evil:/o out; readlink out/z | sed 's,.*/,,'; socle cp src/g cp-evil:/var-run/g && socle exec cp-evil ls /run
            socle cp src/. cp-evil:/o/z 2>/dev/null || echo refused
            python3 - <<'END'
            import tarfile, io
            for name, members in (("one", [("ln", "/"), ("ln/canary-x", None)]), ("two", [("../../x", None)]), ("three", [(".wh.foo", None)])):
                with tarfile.open(name + ".tar", "w") as tar:
                    for path, link in members:
                        info = tarfile.TarInfo(path)
                        if link: info.type = tarfile.SYMTYPE; info.linkname = link
                        else: info.size = 1
                        tar.addfile(info, None if link else io.BytesIO(b"x"))
            END
            for name in one two three; do socle cp - cp-evil:/tmp <$name.tar 2>/dev/null; echo "= $?"; done; socle exec cp-evil ls -A /tmp /canary-x; ls /canary-x 2>/dev/null
            ls canary; socle rm -f cp-evil >/dev/null
            """)
        let seen = "f\ncanary\ng\nrefused\n= 0\n= 1\n= 0\n/canary-x\n\n/tmp:\n.wh.foo\nln\nf\n"
        #expect(said.text == seen, "\(said.text)\(said.errorText)")
        try socle.expectNothingLeft()
    }

    /// Two overlays that write to one directory would be nobody's guess: who starts a container waits for the copy into it, and
    /// a copy that comes meanwhile goes to the container that runs.
    @Test func aStartWaitsForACopy() throws {
        let said = try socle.shell("""
            mkdir late; echo came in time >late/file; tar cf late.tar late; mkfifo pipe
            id=$(socle create --name cp-late \(image) sh -c 'cat /tmp/late/file; sleep 1000')
            socle cp - cp-late:/tmp <pipe & copy=$!
            exec 3>pipe; head -c 512 late.tar >&3
            for _ in $(seq 400); do flock -n $SOCLE_ROOT/containers/$id true || break; sleep 0.05; done
            $SOCLE start cp-late >/dev/null 3>&- & start=$!; $SOCLE cp late/file cp-late:/second 3>&- & second=$!
            for _ in $(seq 20); do kill -0 $start $second || break; sleep 0.05; done
            tail -c +513 late.tar >&3; exec 3>&-
            wait $copy; echo $?; wait $start; echo $?; wait $second; echo $?
            for _ in $(seq 400); do [ "$(socle logs cp-late 2>&1)" ] && break; sleep 0.05; done
            socle logs cp-late; socle exec cp-late cat /second; socle cp late/file cp-late:/third; socle exec cp-late cat /third
            socle rm -f cp-late >/dev/null
            """)
        let line = "came in time\n"
        #expect(said.text == "0\n0\n0\n" + line + line + line, "\(said.text)\(said.errorText)")
        try socle.expectNothingLeft()
    }

    /// Nobody has to wait for the end of a copy to be rid of a container.
    @Test func aStartThatWaitsForACopyIsCalledOff() throws {
        let said = try socle.shell("""
            mkdir late; echo x >late/file; tar cf late.tar late; mkfifo pipe
            id=$(socle create --name cp-late \(image) sleep 1000); folder=$SOCLE_ROOT/containers/$id
            socle cp - cp-late:/tmp <pipe & copy=$!
            exec 3>pipe; head -c 512 late.tar >&3
            for _ in $(seq 400); do flock -n $folder true || break; sleep 0.05; done
            begin() { $SOCLE start cp-late 3>&- >said 2>&1 & start=$!; for _ in $(seq 400); do [ -S $folder/monitor.sock ] && break; sleep 0.05; done; }
            begin; socle stop cp-late 3>&-; wait $start; echo $?; cat said; flock -n $folder true || echo copying
            socle inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}' cp-late
            begin; socle rm -f cp-late 3>&-; wait $start; echo $?; cat said; kill -0 $copy && echo copying; ls $folder 2>&1 | wc -l; socle ps -aq
            exec 3>&-; wait $copy
            """)
        let refusal = "Error: the container was stopped before it could be started\nError: failed to start containers: cp-late\n"
        let seen = "cp-late\n1\n\(refusal)copying\ncreated 0 \ncp-late\n1\n\(refusal)copying\n1\n"
        #expect(said.text == seen, "\(said.text)\(said.errorText)")
        try socle.expectNothingLeft()
    }

    @Test func holesOwnersAndManyNames() throws {
        let said = try socle.shell("""
            truncate -s 1G hole; printf end >>hole; mkdir t; echo x >t/a; ln t/a t/b; chown 11:12 t/a; chmod 4755 t/a
            socle create --name cp-holes \(image) true >/dev/null
            socle cp hole cp-holes:/hole; socle cp cp-holes:/hole back; stat -c %s back; test $(stat -c %b back) -lt 1000 && tail -c 3 back; echo
            socle cp t cp-holes:/t; socle cp -a cp-holes:/t u; stat -c '%u:%g %a %h' u/a; socle cp cp-holes:/t v; stat -c '%u:%g %h' v/b
            socle rm cp-holes >/dev/null
            """)
        #expect(said.text == "1073741827\nend\n11:12 4755 2\n0:0 2\n", "\(said.text)\(said.errorText)")
        try socle.expectNothingLeft()
    }

    private static let ownUsers = """
        mkdir -p s/t host; echo x >s/x; chown 7:8 s/x; ln -s x s/l; echo y >s/t/y; chmod 4751 s/t/y; chown 65535:1 s/t; ln s/x s/y; mkfifo s/p
        echo z >far; chown 70000:0 far; tar --numeric-owner -cf s.tar s
        show() { socle exec own sh -c 'for f in $(find '"$1"' | sort); do stat -c "%n %F %a %u:%g %h" $f; done'; }
        disk() { (cd "$1"; find "$2" -printf '%p %m %U:%G\\n' | sort); }
        ID() { socle inspect -f '{{.Id}}' own; }

        """

    /// What is copied into a container that runs with users of its own is what it is in one that doesn't run.
    @Test func intoRunningContainersWithUsersOfTheirOwn() throws {
        let said = try socle.shell(Self.ownUsers + """
            socle run -d --name own --network none --userns auto -v ownvol:/vol -v $PWD/host:/host \(image) sleep 1000 >/dev/null
            socle cp s own:/n1; show /n1; socle cp - own:/vol <s.tar; show /vol/s/x; socle cp s/x own:/n1/t; socle cp s/x own:/host/x; show '/n1/t /host/x'
            disk $SOCLE_ROOT/containers/$(ID)/upper n1/t; disk $SOCLE_ROOT/volumes/ownvol/_data s/x; disk host x
            socle cp far own:/ 2>&1 | sed 's/.*: chown/chown/'; socle exec own test -e /far || echo nothing
            socle exec own sh -c 'echo more >>/n1/x && rm /n1/p && chown 9 /n1/t/y && echo its own'
            socle cp -a own:/n1 out; disk . out; socle cp own:/n1 plain; stat -c %u:%g plain/x; socle cp own:/vol/s/x - | tar tvf - --numeric-owner | cut -c1-14
            socle stop -t 0 own >/dev/null; socle cp -a own:/n1 stopped; disk stopped . >a; disk out . >b; cmp a b && echo the same
            socle cp s own:/n2; socle start own >/dev/null; show /n2/x; socle rm -f own >/dev/null; socle volume rm ownvol >/dev/null
            """)
        #expect(
            said.text == """
                /n1 directory 755 0:0 3
                /n1/l symbolic link 777 0:0 1
                /n1/p fifo 644 0:0 1
                /n1/t directory 755 65535:1 2
                /n1/t/y regular file 4751 0:0 1
                /n1/x regular file 644 7:8 2
                /n1/y regular file 644 7:8 2
                /vol/s/x regular file 644 7:8 2
                /host/x regular file 644 65534:65534 1
                /n1/t directory 755 65535:1 2
                /n1/t/x regular file 644 7:8 1
                /n1/t/y regular file 4751 0:0 1
                n1/t 755 65535:1
                n1/t/x 644 7:8
                n1/t/y 4751 0:0
                s/x 644 7:8
                x 644 7:8
                chown to 70000:0, more than the container's 65536: value too large for defined data type
                nothing
                its own
                out 755 0:0
                out/l 777 0:0
                out/t 755 65535:1
                out/t/x 644 7:8
                out/t/y 751 9:0
                out/x 644 7:8
                out/y 644 7:8
                0:0
                -rw-r--r-- 7/8
                the same
                /n2/x regular file 644 7:8 2

                """,
            "\(said.text)\(said.errorText)"
        )
        try socle.expectNothingLeft()
    }

    /// The same swaps as above, by a root who is nobody on the host.
    @Test func nothingLeavesContainersWithUsersOfTheirOwn() throws {
        let said = try socle.shell("""
            mkdir -m 777 canary; mkdir src; echo secret >canary/f; echo new >src/g; C=$PWD/canary; tar -C src -cf src.tar .
            socle run -d --name cp-own --network none --userns auto \(image) sh -c "mkdir -p /w/d; echo in >/w/d/f; while :; do mv /w/d /w/e; ln -s $C /w/d; rm /w/d; mv /w/e /w/d; done" >/dev/null
            for i in $(seq 40); do
                socle cp src/g cp-own:/w/d/g 2>/dev/null; socle cp src/. cp-own:/w/d 2>/dev/null; socle cp - cp-own:/w/d <src.tar 2>/dev/null
            done
            ls canary; socle rm -f cp-own
            """)
        #expect(said.text == "f\ncp-own\n", "\(said.text)\(said.errorText)")
        try socle.expectNothingLeft()
    }
}

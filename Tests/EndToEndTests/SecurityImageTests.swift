import SocleTesting
import SystemPackage
import Testing

/// Images, volumes and files of somebody who means harm: what they say is data, and where they point stays inside.
@Suite(.requires(HostileFixture.needs), .serialized)
final class SecurityImageTests: HostileContainers {
    /// CVE-2016-3697, CVE-2024-40635 and theirs: no text becomes root's number by a slip.
    @Test func usersThatAreNoNumbers() throws {
        let text = try said(#"""
            mkdir -p l/etc; printf 'root:x:0:0::/:\n1000:x:0:0::/:\n4294967296:x:0:0::/:\n-1:x:0:0::/:\nbig:x:4294967296:0::/:\nneg:x:-1:-1::/:\nhex:x:0x0:0::/:\nshort:x:0\n:x:0:0::/:\n' > l/etc/passwd
            printf '1000:x:0:\nwheel:x:0:1000,\n' > l/etc/group
            printf 'FROM hostile\nCOPY l /\n' > Dockerfile; socle build -q -t users . > /dev/null
            for user in 4294967296 4294967295 2147483648 -1 0x0 +0 00x 1: : :5 big neg hex short 1000:-1 1000:4294967296 ' 0' '0 '; do
                socle run --rm -u "$user" users id -u 2> /dev/null > out && echo "[$user] $(cat out)"
            done
            socle run --rm -u 1000 users id | cut -d' ' -f1,2
            socle run -d --name cc users sleep 1000 > /dev/null
            for user in 4294967296 -1 0x0 neg hex; do socle exec -u "$user" cc id -u 2> /dev/null && echo "exec [$user]"; done
            socle exec -u 1000 cc id -u
            """#)
        // Numbers are numbers, whatever the table calls them; an empty user is root, as with Docker.
        #expect(text == "[1:] 1\n[:] 0\n[:5] 0\nuid=1000 gid=0(1000)\n1000\n" || text == "[+0] 0\n[1:] 1\n[:] 0\n[:5] 0\nuid=1000 gid=0(1000)\n1000\n", "\(text)")
    }

    /// CVE-2024-5154, CVE-2026-47262: files of the root that are read outside are regular, of bounded size, and inside.
    @Test(arguments: [
        "ln -s $PWD/canary/secret l/etc/$f", "mkfifo l/etc/$f", "mknod l/etc/$f c 1 5", "mkdir l/etc/$f",
        "truncate -s 10G l/etc/$f", "ln -s $PWD/canary/table l/etc/$f", "ln -s $f l/etc/$f", "ln -s /proc/self/environ l/etc/$f", "ln -s /dev/zero l/etc/$f",
    ])
    func tablesThatAreNone(_ make: String) throws {
        let text = try said("""
            printf 'nobody:x:4321:4321::/:\n' > canary/table
            mkdir -p l/etc; for f in passwd group hosts resolv.conf hostname mtab; do \(make); done
            tar -C l -Sc . > layer.tar; tar --concatenate -f image.tar layer.tar 2> /dev/null || cp layer.tar image.tar
            HOST_SECRET=CANARY-CONTENT timeout 60 $SOCLE import image.tar tables > /dev/null 2>&1
            HOST_SECRET=CANARY-CONTENT timeout 20 $SOCLE run --rm -u 1000 tables cat /etc/hosts /etc/hostname > out 2>&1; [ $? = 124 ] && echo hangs
            timeout 20 $SOCLE run --rm -u nobody tables id -u > out2 2>&1; [ $? = 124 ] && echo hangs
            grep -cE 'CANARY|4321' out out2; grep -c localhost out
            """)
        #expect(text.hasPrefix("out:0\nout2:0\n") && !text.contains("hangs"), "\(make): \(text)")
    }

    /// Who is refused for one of them, learns which.
    @Test func tablesAreCalledWhatTheyAre() throws {
        let text = try said("""
            for make in mkfifo mkdir 'truncate -s 20M' 'ln -s table'; do for f in passwd group; do
                rm -rf l; mkdir -p l/etc; ln -s table l/etc/table; $make l/etc/$f; tar -C l -Sc . > layer.tar; socle import layer.tar odd > /dev/null
                timeout 20 $SOCLE run --rm -u nobody odd true 2>&1 < /dev/null | head -1
                printf 'FROM odd\nCOPY --chown=nobody Dockerfile /\n' > Dockerfile; timeout 20 $SOCLE build . 2>&1 | grep -o '/etc/.* in .*' | head -1
            done; done
            """)
        let expected = ["is no regular file", "is no regular file", "is larger than 10 MiB", nil].flatMap { what in
            ["passwd", "group"].flatMap { file in
                let place = "/etc/\(file) in the container"
                let line = what.map { "\(place) \($0)" }
                    ?? "reading \(place): resolve \"etc/\(file)\": too many levels of symbolic links"
                return ["socle: \(line).", line.hasPrefix("/") ? line : String(line.dropFirst("reading ".count))]
            }
        }
        #expect(text.split(separator: "\n").map(String.init) == expected, "\(text)")
    }

    /// The same of a running container, which makes them so when it likes, and of builds that ask for names in them.
    @Test func tablesThatTurnOdd() throws {
        let text = try said(#"""
            printf 'evil:x:4321:4321::/:\n' > canary/table
            socle run -d --name cc hostile sleep 1000 > /dev/null
            for make in "ln -s $PWD/canary/table" "ln -s ../../../../../../../..$PWD/canary/table" "ln -s /proc/1/root$PWD/canary/table" \
                "ln -s /proc/self/fd/0" mkfifo mkdir "ln -s /dev/zero" "truncate -s 20M"; do
                # In the container, and in an image of it.
                socle exec cc sh -c "rm -rf /etc/passwd /etc/group; for f in /etc/passwd /etc/group; do $make \$f; done"
                timeout 20 $SOCLE exec -u evil cc id -u < canary/table > out 2>&1; [ $? = 126 ] || [ $? = 1 ] || echo "exec after $make: $? $(cat out)"
                timeout 20 $SOCLE exec -u 7:evil cc id -g < canary/table > out2 2>&1; [ $? = 124 ] && echo "exec hangs after $make"
                timeout 20 $SOCLE cp -L cc:/etc/passwd - < canary/table 2> /dev/null | head -c 100000 | grep -a -q evil && echo "cp after $make"
                timeout 60 $SOCLE commit cc odd > /dev/null || echo "no commit after $make"
                printf 'FROM odd\nUSER evil\nRUN id -u\n' > Dockerfile; timeout 20 $SOCLE build . > out3 2>&1; [ $? = 1 ] || echo "USER after $make: $?"
                printf 'FROM odd\nCOPY --chown=evil:evil Dockerfile /\n' > Dockerfile; timeout 20 $SOCLE build . > out4 2>&1; [ $? = 1 ] || echo "--chown after $make: $?"
                grep -l 4321 out out2 out3 out4
            done
            rm -rf got; mkdir got; timeout 20 $SOCLE cp cc:/etc got 2> /dev/null; ls canary
            """#)
        #expect(text == "secret\ntable\n", "\(text)")
    }

    /// Configs with what no config should have: refused, or harmless, and never a crash.
    @Test func hostileConfigs() throws {
        let text = try socle.python(HostileFixture.archive + #"""
            import os, subprocess
            socle = os.environ["SOCLE"]
            base = {"Cmd": ["/bin/true"]}
            cases = {
                "zero-env": {"Env": ["A=b\u0000c"]}, "zero-cmd": {"Cmd": ["/bin/tr\u0000ue"]}, "zero-dir": {"WorkingDir": "/a\u0000b"},
                "zero-user": {"User": "0\u0000"}, "negative": {"User": "-1:-1"}, "huge-id": {"User": "99999999999999999999"},
                "relative": {"WorkingDir": "../../etc"}, "up": {"WorkingDir": "/../../../../etc"}, "long-dir": {"WorkingDir": "/" + "a/" * 5000},
                "signal": {"StopSignal": "SIGNOTHING"}, "signal-number": {"StopSignal": "99999999999"},
                "volume-root": {"Volumes": {"/": {}}}, "volume-up": {"Volumes": {"/../..": {}}}, "volume-proc": {"Volumes": {"/proc": {}}},
                "volume-sys": {"Volumes": {"/proc/../proc/sys": {}}}, "volume-relative": {"Volumes": {"x": {}}}, "volume-zero": {"Volumes": {"/a\u0000b": {}}},
                "volumes": {"Volumes": {"/v%d" % i: {} for i in range(600)}}, "port": {"ExposedPorts": {"99999/tcp": {}, "x": {}, "-1/udp": {}, "1-65535/tcp": {}}},
                "env-name": {"Env": ["=x", "", "A", "PATH=", "LD_PRELOAD=/x", "HOME=/\n", "B=" + "x" * 100]}, "env-huge": {"Env": ["A=" + "x" * 3000000]},
                "env-many": {"Env": ["A%d=1" % i for i in range(200000)]}, "cmd-many": {"Cmd": ["/bin/true"] + ["x"] * 300000},
                "cmd-empty": {"Cmd": [""]}, "cmd-none": {"Cmd": []}, "cmd-dir": {"Cmd": ["/"]}, "cmd-up": {"Cmd": ["../../../../bin/true"]},
                "host": {"Hostname": "a\nb", "Domainname": "x" * 300}, "label": {"Labels": {"\u001b[31m": "\u001b]0;owned\u0007"}},
                "health": {"Healthcheck": {"Test": ["CMD", "x"], "Interval": -1, "Retries": -5, "Timeout": 1 << 62}},
                "types": {"Cmd": "true", "Env": {"a": "b"}}, "shell": {"Shell": ["\u001b[31m"]}, "args": {"Cmd": ["/bin/\u001b[31mx"]},
            }
            for name, config in cases.items():
                image("one.tar", "case-" + name + ":1", {**base, **config})
                load = subprocess.run([socle, "load", "-i", "one.tar"], capture_output=True)
                results = [load]
                ran = load
                if load.returncode == 0:
                    for words in (["run", "--rm", "case-" + name + ":1"], ["create", "--name", "x-" + name, "case-" + name + ":1"],
                                  ["ps", "-a", "--no-trunc"], ["history", "case-" + name + ":1"], ["inspect", "case-" + name + ":1"],
                                  ["image", "check", "case-" + name + ":1"], ["rm", "-f", "-v", "x-" + name]):
                        results.append(subprocess.run([socle] + words, capture_output=True, timeout=60))
                    ran = results[1]
                if name.startswith("zero") and ran.returncode == 0: print(name, "is cut short")
                for result in results:
                    said = result.stdout + result.stderr
                    if result.returncode < 0 or result.returncode > 127: print(name, "crashed", result.returncode, result.args[1:3])
                    if b"\x1b" in said: print(name, "steers the terminal:", result.args[1:3])
                    if b"Fatal error" in said or b"SIGSEGV" in said: print(name, "traps")
            """#)
        #expect(text.text == "" && text.status == 0, "\(text.summary)")
        try socle.expectNothingLeft()
    }

    /// CVE-2023-0778, CVE-2022-23648: what a volume is filled with is the image's, wherever the image's links point.
    @Test func volumesThroughLinks() throws {
        let text = try said(#"""
            rm -rf l; mkdir -p l/real/d; echo ours > l/real/file
            ln -s $PWD/canary l/one; ln -s /proc/self/root$PWD/canary l/two; ln -s ../../../../../../..$PWD/canary l/three; ln -s /real l/four
            ln -s $PWD/canary l/real/d/link
            printf 'FROM hostile\nCOPY l /\nVOLUME /one /three /four /real/d/link/x\n' > Dockerfile; socle build -q -t links . > /dev/null
            socle run --rm -v magic:/two links true > /dev/null 2>&1 || echo refused
            for place in one two three four real/d/link/x; do
                socle run --rm links sh -c "cat /$place/secret /$place/file; echo owned > /$place/new" 2> /dev/null
                socle run --rm -v named-${place##*/}:/$place links sh -c "cat /$place/secret /$place/file; echo owned > /$place/new" 2> /dev/null
            done
            ls canary; grep -rl CANARY $SOCLE_ROOT/volumes 2> /dev/null
            for name in ../x x/y /x .. . -x 'a b' $'a\e[31m' $(printf 'a%.0s' $(seq 300)); do socle volume create -- "$name" > /dev/null 2>&1 && echo "made $name"; done
            """#)
        #expect(text == "refused\nours\nours\nsecret\n", "\(text)")
    }

    /// CVE-2021-30465, CVE-2024-45310: what is mounted below a volume while somebody exchanges a folder and a link there lands
    /// in the container or nowhere.
    @Test func racesForMountPoints() throws {
        let text = try said(#"""
            mkdir -p v/d; ln -s $PWD/canary v/l; find canary | sort > before
            for target in $PWD/canary /proc /etc; do
                rm -f v/l; ln -s $target v/l
                ./swap v/d v/l & swapper=$!
                for i in $(seq 15); do
                    timeout 20 $SOCLE run --rm -v $PWD/v:/v --tmpfs /v/d/a -v $PWD/v:/v/d/b/c --mount type=tmpfs,target=/v/l/x hostile true > /dev/null 2>&1
                    [ $? = 124 ] && echo hangs
                done
                kill $swapper; wait $swapper 2> /dev/null
                [ -L v/l ] || ./exchange 2> /dev/null
                rm -rf v; mkdir -p v/d; ln -s $PWD/canary v/l
            done
            find canary | sort | diff before -; findmnt -rno TARGET | grep -c "$PWD"
            """#)
        #expect(text == "0\n", "\(text)")
        try socle.expectNothingLeft()
    }

    /// CVE-2018-15664, CVE-2026-41568: a copy follows no link out of the container, in either direction, whoever exchanges what.
    @Test func racesForCopies() throws {
        let text = try said(#"""
            socle run -d --name cc hostile sh -c 'mkdir -p /w/d; echo inside > /w/d/secret; ln -s '$PWD'/canary /w/l; exec /swap /w/d /w/l' > /dev/null || exit
            await 'socle exec cc ls /w/l > /dev/null 2>&1' || exit
            echo new > new
            # What a copy brings is the container's, or there is none: a refusal is status 1, whoever was faster.
            try() { timeout 60 $SOCLE cp "$@" > words 2>&1 || [ $? = 1 ] || { echo "cp $*:"; cat words; }; }
            show() { [ -f "$1" ] && [ ! -L got ] && sed -E '/^(inside|new)$/d; s/^/brought: /' "$1"; rm -rf got; }
            for i in $(seq 25); do
                try cc:/w/d/secret got; show got
                try cc:/w/d got; show got/secret
                try -L cc:/w/l/secret got; show got
                try new cc:/w/d/secret; try new cc:/w/l/other
            done
            ls canary; cmp canary/secret <(echo CANARY''-CONTENT) && echo whole
            """#)
        #expect(text == "secret\nwhole\n", "\(text)")
    }

    /// A container that turns the link of an earlier copy into a folder leads the next copy nowhere.
    @Test func linksOfAnEarlierCopy() throws {
        let text = try said(#"""
            socle run -d --name cc hostile sh -c "mkdir /out; ln -s $PWD/canary /out/folder; ln -s $PWD/canary/secret /out/file; touch /ready; sleep 1000" > /dev/null
            await 'socle exec cc ls /ready > /dev/null 2>&1'; mkdir got
            socle cp cc:/out got; readlink got/out/folder | grep -c canary
            socle exec cc sh -c 'rm /out/folder /out/file; mkdir /out/folder; echo owned > /out/folder/owned; echo owned > /out/file'
            timeout 20 $SOCLE cp cc:/out got 2> /dev/null; timeout 20 $SOCLE cp cc:/out/. got/out 2> /dev/null
            timeout 20 $SOCLE cp cc:/out - | tar -x -C got 2> /dev/null
            ls canary; cmp canary/secret <(echo CANARY''-CONTENT) && echo whole
            """#)
        #expect(text == "1\nsecret\nwhole\n", "\(text)")
    }

    /// CVE-2019-14271 and the copies out: nothing of the container is executed on the host, and no link of its leads the copy.
    @Test func copiesOfHostileFiles() throws {
        let text = try said(#"""
            # In the container's own root it could be executed as well, by somebody of the host who went there.
            rm -rf l; mkdir -p l/usr/bin l/usr/lib l/out/sub
            for p in xz unpigz tar gzip ps nsenter ip id newuidmap; do printf '#!/bin/sh\ntouch /executed '$PWD'/canary/executed\n' > l/usr/bin/$p; done; chmod 755 l/usr/bin/*
            echo '#include <fcntl.h>
            __attribute__((constructor)) static void executed(void) { open("/executed", O_CREAT | O_WRONLY, 0666); open("'$PWD'/canary/executed", O_CREAT | O_WRONLY, 0666); }' > trojan.c
            gcc -shared -fPIC -o l/usr/lib/libnss_files.so.2 trojan.c; cp l/usr/lib/libnss_files.so.2 l/usr/lib/libnss_dns.so.2; ln -s usr/bin l/bin; ln -s usr/lib l/lib; ln -s usr/lib l/lib64
            cp root/bin/busybox l/usr/bin/sleep; echo /lib/libnss_files.so.2 > l/etc-preload; mkdir l/etc; mv l/etc-preload l/etc/ld.so.preload
            ln -s $PWD/canary l/out/link; ln -s ../../../../../../..$PWD/canary l/out/up; ln -s link l/out/again; echo x > l/out/sub/file; mkfifo l/out/fifo
            tar -C l -c . | socle import - files > /dev/null; socle create --name cc files /x > /dev/null
            mkdir got; timeout 20 $SOCLE cp cc:/out got > /dev/null 2>&1; [ $? = 124 ] && echo hangs
            timeout 20 $SOCLE cp cc:/out/link/secret got/leaked > /dev/null 2>&1; timeout 20 $SOCLE cp -L cc:/out/link got/followed > /dev/null 2>&1
            echo plain > p; tar c p | xz | timeout 20 $SOCLE cp - cc:/out/sub > /dev/null 2>&1
            mkdir -p t/d; ln -s $PWD/canary t/d/way; tar -C t -c d > first.tar; rm t/d/way; mkdir t/d/way; echo owned > t/d/way/owned; tar -C t -rf first.tar d/way/owned
            timeout 20 $SOCLE cp - cc:/out < first.tar > /dev/null 2>&1
            python3 -c "
            import tarfile, io
            with tarfile.open('bad.tar', 'w') as t:
                for name in ['../../../../../../../../$PWD/canary/one', '/$PWD/canary/two']:
                    i = tarfile.TarInfo(name); i.size = 1; t.addfile(i, io.BytesIO(b'x'))
                i = tarfile.TarInfo('hard'); i.type = tarfile.LNKTYPE; i.linkname = '../../../../../../..$PWD/canary/secret'; t.addfile(i)"
            timeout 20 $SOCLE cp - cc:/out < bad.tar > /dev/null 2>&1; timeout 20 $SOCLE cp cc:/out/hard got/hard > /dev/null 2>&1
            grep -rl CANARY got 2> /dev/null; ls canary; stat -c %h canary/secret
            socle run -d --name busy files sleep 1000 > /dev/null
            socle top busy | grep -c sleep; timeout 20 $SOCLE cp - busy:/out/sub < p > /dev/null 2>&1; tar c p | xz | timeout 20 $SOCLE cp - busy:/out/sub; timeout 20 $SOCLE cp p busy:/out
            socle stats --no-stream busy > /dev/null; socle export busy | tar t | grep -E 'executed|out/sub/p$'; socle diff busy | grep executed; socle diff cc | grep executed; ls canary
            """#)
        #expect(text == "secret\n1\n1\nout/sub/p\nsecret\n", "\(text)")
    }
}

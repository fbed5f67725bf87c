import SocleTesting
import SystemPackage
import Testing

/// Shapes of escapes that container engines have had: programs in a container that want to reach the host through what
/// enters, starts or looks after them. docs/security.md lists them.
@Suite(.requires(HostileFixture.needs), .serialized)
final class SecurityTests: HostileContainers {
    /// CVE-2024-21626, CVE-2016-9962: what the caller has open isn't open in a container, whoever starts it.
    @Test func noDescriptorOfTheHostIsOpen() throws {
        let text = try said(#"""
            exec 7<canary 8<. 9<canary/secret 11</etc 12>>canary/secret 40<canary 200</etc
            list='for f in /proc/self/fd/*; do readlink $f; done; ls /proc/1/fd; true'
            say() { grep -vE '^(0  1  2|pipe:|/dev/null|/dev/pts|socket:|.*\(deleted\)$|/proc/[0-9]+/fd$|[0-2]$|/found$|/dev/console)' | sort -u; }
            socle run --rm hostile sh -c "$list" | say
            socle run --name attended hostile sh -c "$list" | say
            socle run -d --name behind hostile sh -c "$list; echo /found; sleep 1000" > /dev/null; eventually /found "socle logs behind | tail -1" > /dev/null; socle logs behind | say
            socle exec behind sh -c "$list" | say
            script -qec "$SOCLE run --rm -t hostile sh -c '$list'" /dev/null | tr -d '\r' | say
            script -qec "$SOCLE exec -t behind sh -c '$list'" /dev/null | tr -d '\r' | say
            printf 'FROM hostile\nRUN for f in /proc/self/fd/*; do readlink $f; done > /found; true\n' > Dockerfile
            socle build -q -t built . > /dev/null; socle run --rm built cat /found | say
            socle rm -f behind attended > /dev/null
            """#)
        #expect(text == "", "\(text)")
    }

    /// CVE-2024-21626: a working directory can't be one of the host's.
    @Test func noWorkingDirectoryOfTheHost() throws {
        let text = try said(#"""
            exec 7<canary 8<. 9</ 11<canary 40<canary 41</
            try='pwd; cat secret ../canary/secret ../../../../../../..'$PWD'/canary/secret'
            socle run -d --name behind hostile sleep 1000 > /dev/null
            for way in self 1; do for name in cwd root fd/{3..24} fd/40 fd/41; do
                socle run --rm -w /proc/$way/$name hostile sh -c "$try" 2>/dev/null
                socle exec -w /proc/$way/$name behind sh -c "$try" 2>/dev/null
            done; done | sort -u
            for number in 7 9 11 40 41; do
                rm -rf l; mkdir l; ln -s /proc/self/fd/$number l/way; tar -C l -c . | socle import -c 'WORKDIR /way/x' -c 'CMD ["/watch"]' - linked > /dev/null
                printf "FROM hostile\nCOPY l/way /way\nWORKDIR /way\nRUN $try\n" > Dockerfile
                socle build -q . 2>/dev/null
            done | grep -v sha256
            socle rm -f behind > /dev/null
            """#)
        // What could be entered was the container's own root.
        #expect(text == "/\n" || text == "", "\(text)")
    }

    /// CVE-2019-5736: the program that enters a container can't be overwritten through the image's own name for it.
    @Test func theEnteringProgramStaysWhole() throws {
        let text = try said(#"""
            before=$(sha256sum < $SOCLE)
            rm -rf l; mkdir l; ln -s /proc/self/exe l/again; printf '#!/proc/self/exe\n' > l/script; chmod 755 l/script
            printf 'FROM hostile\nCOPY l /\n' > Dockerfile; socle build -q -t again . > /dev/null
            for program in /again /script; do socle run --rm again $program > /dev/null 2>&1; done
            socle run -d --name cc again sh -c 'while [ ! -e /stop ]; do for p in /proc/[0-9]*; do
                [ $p = /proc/1 ] || (echo owned > $p/exe) 2> /dev/null && case $p in /proc/$$) ;; *) readlink $p/exe;; esac; done; done' > /dev/null
            for i in $(seq 40); do socle exec cc /again > /dev/null 2>&1; socle exec cc /script > /dev/null 2>&1; socle exec cc true; done
            socle rm -f cc > /dev/null
            # Whoever may trace can hold the program until nobody runs it any more, which nobody else gets at.
            socle run -d --name robber --cap-add SYS_PTRACE hostile /rob > /dev/null
            await 'socle logs robber | grep -q ready'
            await 'socle exec robber true; socle logs robber | grep -q held'
            for i in $(seq 40); do socle exec robber true; done
            socle stop -t 0 robber > /dev/null; socle logs robber | sort -u; socle rm -f robber > /dev/null
            [ "$before" = "$(sha256sum < $SOCLE)" ] && echo whole
            """#)
        #expect(text == "held\nready\nwhole\n", "\(text)")
    }

    /// CVE-2016-9962, CVE-2022-1227: whoever enters a container can't be looked into, held or robbed by those who are there.
    @Test func whoeverEntersIsOutOfReach() throws {
        let text = try said(#"""
            export HOST_SECRET=CANARY-ENVIRONMENT
            exec 7<canary 9</
            socle run -d --name cc hostile /watch $PWD/canary > /dev/null
            await 'socle logs cc | grep -q ready'
            for i in $(seq 120); do socle exec cc true; done
            socle exec cc touch /stop; socle wait cc > /dev/null
            socle logs cc | sort -u
            socle rm -f cc > /dev/null
            """#)
        #expect(text == "done\nready\nseen\n", "\(text)")
    }

    /// CVE-2019-16884, CVE-2019-19921, CVE-2023-27561, CVE-2025-52881: a proc that the container has made up gets nothing from
    /// those who enter, and a file system in the place of its terminals no terminal.
    @Test func aContainerThatLies() throws {
        let text = try said(#"""
            pattern=$(cat /proc/sys/kernel/core_pattern)
            socle run -d --name liar --privileged hostile sh -c '
                mkdir -p /fake/self/attr /fake/1 /fake/sys; mount -t tmpfs x /fake; mkdir -p /fake/self/attr /fake/thread-self
                touch /caught; ln -s /caught /fake/self/oom_score_adj; mkfifo /fake/self/status
                mount -t tmpfs x /dev/pts; mkdir /dev/pts/pts; mount -t devpts -o newinstance,ptmxmode=666 x /dev/pts/pts
                mknod /dev/pts/ptmx c 5 2; mount --bind /fake /proc
                rm -f /dev/null; ln -s /etc/shadow /dev/null; rm -f /etc/passwd; mkfifo /etc/passwd
                echo ready; sleep 1000' > /dev/null
            await 'socle logs liar | grep -q ready'
            timeout 20 $SOCLE exec liar echo entered 2>&1 | head -1 | grep -c CANARY
            timeout 20 script -qec '$SOCLE exec -t liar echo has a terminal' /dev/null > out 2>&1; grep -c 'has a' out
            echo | timeout 20 $SOCLE exec -i liar cat /caught && echo kept
            timeout 20 $SOCLE exec -u nobody liar true > /dev/null 2>&1; [ $? = 124 ] && echo hangs
            timeout 20 $SOCLE top liar > /dev/null && echo seen
            [ "$pattern" = "$(cat /proc/sys/kernel/core_pattern)" ] && echo whole
            timeout 20 $SOCLE stop -t 0 liar > /dev/null; timeout 20 $SOCLE rm -f liar > /dev/null; socle ps -aq
            """#)
        #expect(text == "0\n0\nkept\nseen\nwhole\n", "\(text)")
        try socle.expectNothingLeft()
    }

    /// CVE-2025-31133, CVE-2025-52565: masks and the console are never made of what the container's own `/dev` holds.
    @Test func aHostileDev() throws {
        let text = try said(#"""
            pattern=$(cat /proc/sys/kernel/core_pattern)
            mkdir -p dev/pts; for name in null console ptmx pts/0 zero; do ln -s $PWD/canary/secret dev/$name; done
            rm dev/null; ln -s /bait dev/null; echo bait > bait
            show='for f in /proc/kcore /proc/keys /proc/timer_list /sys/firmware; do echo owned > $f; head -c 20 $f; done'
            socle run --rm -v $PWD/dev:/dev -v $PWD/bait:/bait hostile sh -c "$show" > out 2>&1; cat bait out | grep -c owned
            timeout 10 script -qec "$SOCLE run --rm -t -v $PWD/dev:/dev -v $PWD/bait:/bait hostile sh -c '$show; tty'" /dev/null > out 2>&1; cat bait
            rm -rf l; mkdir -p l/x; for name in null console ptmx; do ln -s $PWD/canary/secret l/x/$name; done; mv l/x l/dev
            tar -C l -c . | socle import - nodev > /dev/null
            printf 'FROM hostile\nCOPY l/dev /dev\n' > Dockerfile; socle build -q -t withdev . > /dev/null 2>&1
            timeout 10 script -qec "$SOCLE run --rm -t withdev sh -c '$show; tty; stat -c %t:%T /dev/null'" /dev/null > out 2>&1; grep -c '^1:3' out
            [ "$pattern" = "$(cat /proc/sys/kernel/core_pattern)" ] && echo whole
            cmp <(echo CANARY''-CONTENT) canary/secret && stat -c %a:%U canary/secret
            findmnt -rno TARGET | grep -c "$PWD/canary"
            """#)
        #expect(text == "0\nbait\n1\nwhole\n644:root\n0\n", "\(text)")
    }

    /// What a container has in the places of a shell, a loader and its libraries is executed in it and nowhere else, whoever enters.
    @Test func aContainerWhoseProgramsAreTraps() throws {
        let text = try said(#"""
            cat > trap.c <<'END'
            #include <fcntl.h>
            #include <stdio.h>
            #include <unistd.h>
            static void sprung(void) {
                const char *marks[] = {"/sprung", CANARY "/sprung"};
                for (int i = 0; i < 2; i++) close(open(marks[i], O_CREAT | O_WRONLY, 0666));
                int file = open(CANARY "/secret", O_RDONLY);
                char text[64];
                ssize_t count = file < 0 ? 0 : read(file, text, sizeof text);
                if (count > 0) write(1, text, count);
            }
            #ifdef LIBRARY
            __attribute__((constructor)) static void loaded(void) { sprung(); }
            #else
            int main(void) { sprung(); puts("trap"); return 3; }
            #endif
            END
            gcc -static -O1 -DCANARY="\"$PWD/canary\"" -o trap trap.c; gcc -shared -fPIC -DLIBRARY -DCANARY="\"$PWD/canary\"" -o trap.so trap.c
            rm -rf l; mkdir -p l/bin l/lib64 l/etc l/usr/sbin
            for name in sh bash env id getent nsenter runc socle socle-init; do cp trap l/bin/$name; done; cp trap l/usr/sbin/ldconfig
            cp trap l/lib64/ld-linux-x86-64.so.2; for name in libc.so.6 libnss_files.so.2 libnss_compat.so.2; do cp trap.so l/lib64/$name; done
            ln -s lib64 l/lib; echo /lib64/libc.so.6 > l/etc/ld.so.preload; cp root/bin/busybox l/bin/sleep; cp root/watch l/watch
            cp /usr/bin/true l/bin/dynamic; printf 'root:x:0:0::/:/bin/sh\nu:x:7:7::/:/bin/sh\n' > l/etc/passwd
            tar -C l --owner 0 --group 0 --numeric-owner -c . | socle import -c 'HEALTHCHECK --interval=200ms CMD true' - traps > /dev/null
            socle run -d --name cc traps sleep 1000 > /dev/null
            timeout 20 $SOCLE exec cc dynamic > /dev/null 2>&1
            for words in 'cc sh' 'cc sh -c true' '-u u cc id' '-e A=b -w /etc cc env' '--privileged cc sh'; do timeout 20 $SOCLE exec $words; echo $?; done < /dev/null 2>&1 | sort | uniq -c | sed 's/^ *//'
            timeout 20 script -qec "$SOCLE exec -it cc sh" /dev/null < /dev/null | tr -d '\r' | grep -c trap
            await "[ \"\$(socle inspect -f '{{len .State.Health.Log}}' cc)\" -gt 0 ]"
            timeout 20 $SOCLE top cc > /dev/null; timeout 20 $SOCLE stats --no-stream cc > /dev/null; timeout 20 $SOCLE diff cc | grep -c sprung
            timeout 20 $SOCLE cp cc:/etc/passwd got; timeout 20 $SOCLE export cc | tar -t | grep -c '^sprung$'; timeout 20 $SOCLE image check traps > /dev/null 2>&1
            timeout 20 $SOCLE commit cc kept > /dev/null; timeout 20 $SOCLE restart -t 0 cc > /dev/null; socle rm -f cc > /dev/null
            ls canary
            """#)
        #expect(text == "5 3\n5 trap\n1\n1\n1\nsecret\n", "\(text)")
        try socle.expectNothingLeft()
    }

    /// CVE-2022-29162 and its kind: capabilities aren't inherited, and every user's groups hold his first one.
    @Test func capabilitiesAndGroups() throws {
        let text = try said(#"""
            show='grep -E "Cap(Inh|Amb)|^Groups" /proc/self/status | cut -f2'
            for user in 0 1000 user 1000:2000 4242; do socle run --rm -u $user hostile sh -c "$show"; done
            socle run -d --name cc hostile sleep 1000 > /dev/null
            socle exec -u user cc sh -c "$show"; socle exec --privileged cc sh -c "$show"
            printf 'FROM hostile\nUSER user\nRUN grep -E "Cap(Inh|Amb)|^Groups" /proc/self/status | cut -f2 > /tmp/o\n' > Dockerfile
            socle build -q -t groups . > /dev/null; socle run --rm groups cat /tmp/o
            socle rm -f cc > /dev/null
            """#)
        // The first group is among them: else it could be left, and a file that is closed to it read.
        let groups = ["0", "1000 2000", "1000 2000", "2000", "0", "1000 2000", "0", "1000 2000"]
        let none = "0000000000000000\n0000000000000000\n"
        let expected = groups.map { $0 + " \n" + none }.joined()
        #expect(text == expected, "\(text)")
    }

    /// What a container may not do to the machine that it is on, and other users of the machine to its containers.
    @Test func theMachineIsOutOfReach() throws {
        let text = try said(#"""
            # None of these needs a right of its own once it may be opened: FUSE, automounts, loop devices, and the disks.
            devices="$(awk 'NR > 2 && NR < 6 {print "b", $1, $2}' /proc/partitions; printf 'c 1 1\nc 1 11\nc 10 229\nc 10 235\nc 10 237\n')"
            socle run --rm -e "DEVICES=$devices" hostile sh -c '
                for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/irq/x /proc/bus/x /sys/kernel/x \
                    /sys/fs/cgroup/memory/memory.limit_in_bytes /proc/kcore; do (: >> $f) 2> /dev/null && echo opened $f; done
                mkdir /sys/fs/cgroup/memory/x 2> /dev/null && echo made
                mount -t tmpfs x /mnt 2> /dev/null && echo mounted; mount -o remount,rw /sys 2> /dev/null && echo remounted
                unshare -U true 2> /dev/null && echo unshared; unshare -m true 2> /dev/null && echo unshared
                echo "$DEVICES" | while read device; do
                    mknod /tmp/device $device; (: < /tmp/device) 2> /dev/null && echo opened $device; rm /tmp/device
                done
                chroot / /bin/busybox nsenter -t 1 -m true 2> /dev/null && echo entered
                hostname x 2> /dev/null && echo named; reboot -f 2> /dev/null && echo rebooted
                kill -9 -1; echo lives'
            # Another user of the machine, who gets as far as the store.
            id=$(socle run -d -i --name cc -e PASSWORD=CANARY-CONTENT hostile cat); socle exec cc sh -c 'cp /bin/busybox /own; chmod 4755 /own'
            grep -c '@.*socle' /proc/net/unix
            stat -c %a $SOCLE_ROOT/socle.db $SOCLE_ROOT/trees $SOCLE_ROOT/blobs $SOCLE_ROOT/containers $SOCLE_ROOT/containers/active
            chmod a+x $PWD/..; as() { setpriv --reuid 1234 --regid 1234 --clear-groups "$@"; }
            as sh -c "cd $SOCLE_ROOT" && echo near
            as cat $(find $SOCLE_ROOT -type f ! -name index.json ! -name oci-layout) 2> /dev/null | wc -c
            for program in $(find $SOCLE_ROOT/trees $SOCLE_ROOT/containers -name busybox -o -name own); do
                as sh -c "$program true" 2> /dev/null && echo ran $program; done
            as sh -c 'cd $SOCLE_ROOT/containers/'$id 2> /dev/null && echo inside
            mkdir run; chown 1234 run; chmod 700 run; as env XDG_RUNTIME_DIR=$PWD/run $SOCLE exec cc id 2> /dev/null
            socle rm -f cc > /dev/null
            """#)
        #expect(text == "lives\n0\n600\n700\n700\n711\n700\nnear\n0\n", "\(text)")
    }
}

import SocleTesting
import Testing

/// Whatever makes the root of containers and steps, the same comes out.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
final class StorageDriverTests {
    private let socle: Socle

    init() throws {
        let socle = try Socle()
        _ = try Fixture.busyboxRoot(in: socle.work)
        self.socle = socle
    }

    /// Everything that reads or writes what containers and steps change; `work DRIVER` says what comes of it.
    private static let work = #"""
        mkdir context; echo file >context/file; echo no >context/ignored; echo ignored >context/.dockerignore
        cat >context/Dockerfile <<-'END'
        FROM base AS tools
        RUN mkdir -p /t/u && echo x >/t/u/x && ln /t/u/x /t/u/y && echo z >/t/z
        FROM base
        COPY --from=tools /t /t
        RUN mkdir -p /a/b/c/e && echo 1 >/a/b/1 && echo 2 >/a/b/c/2 && echo 3 >/h1 && ln /h1 /h2 && ln /h1 /h3 && ln -s h1 /l && mkfifo /f
        RUN rm -r /a/b && mkdir -p /a/b/c && echo 4 >/a/b/c/4
        RUN chown -R 5:6 /h1 /h2 /h3
        RUN rm /h3 && rm -r /t/u && mv /a/b /a/d && rm /l && mkdir /l && echo l >/l/l
        RUN mv /a /moved && mkdir /a && echo new >/a/new && mv /moved/d /a/d
        RUN --mount=type=bind,from=tools,source=/t,target=/m,rw --mount=type=bind,target=/x cat /m/u/x /x/file >/read; echo w >/m/w; ls /x >>/read
        RUN chmod 711 / && rm /bin/wc && touch /etc/group && echo user:x:7: >>/etc/group && chmod 4711 /bin/busybox && ln /etc/group /etc/g
        RUN true
        END
        printf 'FROM base\nRUN echo left >/left; rm -r /etc; mkdir /etc; echo x >/etc/x; false\n' >context/failing
        changes='rm -r /etc 2>/dev/null; mkdir /etc; echo root:x:0:0::/:/bin/sh >/etc/passwd; ln /etc/passwd /p; rm /bin/wc; chmod 700 /usr; mkdir -p /n/o'
        work() {
            export SOCLE_ROOT=$PWD/store-$1 SOCLE_STORAGE_DRIVER=$1 SOURCE_DATE_EPOCH=1700000000
            socle import busybox.tar base >/dev/null; socle build -q -t built context; socle save built | sha256sum
            socle run --name one base sh -c "if [ -e /n ]; then rm -r /n; echo again >/again; else $changes; fi"
            socle diff one; socle cp context/file one:/usr/copied; socle start -a one; socle diff one; socle cp one:/usr/copied - | tar -xO
            socle export one | tar --numeric-owner -tv | sed 's/ 20[0-9-]* ..:../ /'
            socle commit one two >/dev/null; socle run --rm two sh -c 'ls -l /p /usr /etc; cat /again; ls -d /n' | sed 's/[A-Z][a-z][a-z]  *[0-9]* ..:.. //'
            socle create --name three base true >/dev/null; socle cp context/file three:/f; socle start -a three; socle diff three
            socle run -d --name four base sh -c 'echo x >/x; sleep 1000' >/dev/null
            for try in $(seq 100); do socle diff four | grep -q x && break; done
            socle exec four sh -c 'echo y >/y'; socle diff four; socle export four | tar -xO x y; socle ps -s -f name=four --format '{{.Size}}' | cut -d' ' -f1
            left=$(socle build -q -f context/failing context 2>&1 | grep -o 'rm [0-9a-f]* sh' | cut -d' ' -f2); socle run --rm $left sh -c 'cat /left /etc/x; ls / /etc'
            socle rm -f one three four >/dev/null
        }
        """# + "\n"

    private func same(as driver: String, without: String = "nothing") throws {
        let script = """
            sed -i '/\(without)/d' context/Dockerfile; work overlay2 >overlay2 2>&1; grep -c . overlay2
            work \(driver) >\(driver) 2>&1; diff overlay2 \(driver) && echo same
            socle create --name one base true >/dev/null; socle inspect -f '{{.Driver}} {{.GraphDriver.Name}}' one; socle info -f '{{.Driver}}'
            mkdir -p store-\(driver)/tmp; ls store-\(driver)/tmp; grep "$PWD" /proc/self/mountinfo; socle rm one >/dev/null
            left() { pgrep -ax fuse-overlayfs | grep "$PWD"; }
            for try in $(seq 400); do [ -z "$(left)" ] && break; sleep 0.05; done; left
            """
        let result = try socle.shell(Self.work + script)
        let lines = result.text.split(separator: "\n").map(String.init)
        #expect(lines.dropFirst() == ["same", "\(driver) \(driver)", driver], "\(result.text) \(result.errorText)")
        #expect(lines.first.flatMap { Int($0) } ?? 0 > 50)
    }

    @Test func copiesGiveWhatOverlaysGive() throws { try same(as: "vfs") }

    @Test(.requires(.all(.tool("fuse-overlayfs"), .path("/dev/fuse", "/dev/fuse"))))
    func fuseGivesWhatOverlaysGive() throws {
        // It keeps what is changed of a file under one of its names.
        try same(as: "fuse-overlayfs", without: "chown -R")
    }

    /// A container whose files are gone isn't "Up": it is ended, and says why.
    @Test(.requires(.all(.tool("fuse-overlayfs"), .path("/dev/fuse", "/dev/fuse"))))
    func containersEndWithTheProgramThatServesThem() throws {
        let result = try socle.shell(
            """
            export SOCLE_STORAGE_DRIVER=fuse-overlayfs; socle import busybox.tar base > /dev/null
            server() { pgrep -fx "fuse-overlayfs .*$1.*|.*/fuse-overlayfs .*$1.*"; }
            socle run -d --network none --name one base sh -c 'echo kept > /kept; sleep 1000' > id
            for try in $(seq 400); do socle exec one test -e /kept && break; sleep 0.05; done
            kill -9 $(server $(cat id)); socle wait one
            socle inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}' one
            socle start one; socle exec one cat /kept; socle stop -t 0 one; socle inspect -f '{{.State.ExitCode}} {{.State.Error}}' one
            socle rm one; for try in $(seq 400); do server $(cat id) || break; sleep 0.05; done
            for flag in "" -t; do
                (script -qec "'$SOCLE' run --rm $flag --network none --name two base sh -c 'echo begun; sleep 1000'" /dev/null </dev/null; echo $?) >said &
                eventually two "socle ps --format '{{.Names}}'"; kill -9 $(server $(socle ps -q --no-trunc)); wait; tr -d '\\r' <said; socle ps -aq
            done
            """
        )
        #expect(
            result.text == """
                137
                exited 137 the program that served the container's files (fuse-overlayfs) died
                one
                kept
                one
                137\u{20}
                one
                two
                begun
                socle: the program that served the container's files (fuse-overlayfs) died.
                See 'socle run --help'.
                137
                two
                begun
                socle: the program that served the container's files (fuse-overlayfs) died.
                See 'socle run --help'.
                137

                """,
            "\(result.summary)"
        )
    }

    @Test(.requires(.all(.tool("fuse-overlayfs"), .path("/dev/fuse", "/dev/fuse"))))
    func usersOfTheirOwnNeedAnotherDriver() throws {
        let result = try socle.shell(
            """
            socle import busybox.tar base >/dev/null; export SOCLE_NETWORK=none
            SOCLE_STORAGE_DRIVER=vfs socle run --rm --userns auto base stat -c %u /bin/busybox
            SOCLE_STORAGE_DRIVER=fuse-overlayfs socle run --rm --userns auto base true
            """
        )
        #expect(result.text == "0\n")
        #expect(
            result.errorText == """
                socle: the storage driver fuse-overlayfs can't show files as those of other users.
                hint: SOCLE_STORAGE_DRIVER=vfs can
                See 'socle run --help'.

                """
        )
    }

    @Test func driversThatAreNotThereAreRefused() throws {
        let result = try socle.shell("SOCLE_STORAGE_DRIVER=zfs socle info")
        #expect(result.status == 1)
        #expect(
            result.errorText == """
                Error: SOCLE_STORAGE_DRIVER=zfs: unknown storage driver
                hint: known are overlay2, fuse-overlayfs, vfs

                """
        )
    }

    /// A file system served by FUSE can't take what an overlay writes.
    @Test(.requires(.all(.tool("fuse-overlayfs"), .tool("unshare"), .path("/dev/fuse", "/dev/fuse"))))
    func whatWorksIsChosen() throws {
        let result = try socle.shell(
            #"""
            mkdir lower upper work store plain; export SOCLE_ROOT=$PWD/store
            unshare -m -p -f --mount-proc --kill-child bash -c 'fuse-overlayfs -o lowerdir=lower,upperdir=upper,workdir=work store
            "$SOCLE" --root "$PWD/plain" info -f "{{.Driver}}"; "$SOCLE" info -f "{{.Driver}}"
            mount -t tmpfs none /dev; "$SOCLE" info -f "{{.Driver}}"' 2>&1 | grep -v 'argument ignored'
            """#
        )
        #expect(result.text == "overlay2\nfuse-overlayfs\nvfs\n", "\(result.errorText)")
    }
}

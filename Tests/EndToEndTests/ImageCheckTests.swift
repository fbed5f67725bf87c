import SocleTesting
import SystemPackage
import Testing

/// `image check` against what the kernel and the loaders really do: each case is built, run and checked.
@Suite struct ImageCheckTests {
    /// One image, what its run ends with, and what the check has to say.
    struct Case: Sendable {
        var name: String
        /// Fills the folder that becomes the image, from the programs in `$P`.
        var root: String
        var command = #"["/app"]"#
        /// Further lines of the Dockerfile.
        var lines = ""
        /// What `run` ends with.
        var status: Int32
        /// The finding's code; nil where nothing that keeps the command from starting may be found.
        var code: String?
        var flags: [String] = []
        /// Whether musl's compiler is needed.
        var needsMusl = false
    }

    static let cases: [Case] = [
        Case(name: "static", root: "cp $P/static app", status: 0),
        Case(name: "static-pie", root: "cp $P/static-pie app", status: 0),
        Case(name: "no loader", root: "cp $P/dynamic app", status: 1, code: "E-INTERP"),
        Case(name: "loader only", root: "cp $P/dynamic app; loader", status: 127, code: "E-LIB"),
        Case(name: "libc in /lib", root: "cp $P/dynamic app; loader; libc lib", status: 0),
        Case(name: "libc in /usr/lib", root: "cp $P/dynamic app; loader; libc usr/lib", status: 0),
        Case(name: "libc in the triplet", root: "cp $P/dynamic app; loader; libc lib/x86_64-linux-gnu", status: 0),
        Case(name: "libc in /lib64", root: "cp $P/dynamic app; loader; libc lib64", status: 127, code: "E-LIB"),
        Case(
            name: "libc in /usr/local/lib",
            root: "cp $P/dynamic app; loader; libc usr/local/lib",
            status: 127,
            code: "E-LIB"
        ),
        Case(name: "own library missing", root: "cp $P/needs-my app; base", status: 127, code: "E-LIB"),
        Case(
            name: "runpath",
            root: "mkdir bin; cp $P/my-runpath bin/app; base; cp $P/libmy.so.1 lib/",
            command: #"["/bin/app"]"#,
            status: 0
        ),
        Case(
            name: "runpath elsewhere",
            root: "mkdir -p opt/bin opt/lib; cp $P/my-runpath opt/bin/app; base; cp $P/libmy.so.1 opt/lib/",
            command: #"["/opt/bin/app"]"#,
            status: 0
        ),
        Case(
            name: "rpath",
            root: "mkdir -p opt/bin opt/lib; cp $P/my-rpath opt/bin/app; base; cp $P/libmy.so.1 opt/lib/",
            command: #"["/opt/bin/app"]"#,
            status: 0
        ),
        Case(
            name: "rpath serves the libraries of libraries",
            root:
                "mkdir -p opt/bin opt/lib; cp $P/outer-rpath opt/bin/app; base; cp $P/libmy.so.1 $P/libouter.so opt/lib/",
            command: #"["/opt/bin/app"]"#,
            status: 0
        ),
        Case(
            name: "runpath doesn't serve the libraries of libraries",
            root:
                "mkdir -p opt/bin opt/lib; cp $P/outer-runpath opt/bin/app; base; cp $P/libmy.so.1 $P/libouter.so opt/lib/",
            command: #"["/opt/bin/app"]"#,
            status: 127,
            code: "E-LIB"
        ),
        Case(
            name: "LD_LIBRARY_PATH",
            root: "cp $P/needs-my app; base; mkdir odd; cp $P/libmy.so.1 odd/",
            lines: "ENV LD_LIBRARY_PATH=/nowhere:/odd",
            status: 0
        ),
        Case(
            name: "ld.so.conf without a cache",
            root: "cp $P/needs-my app; base; mkdir -p odd etc; cp $P/libmy.so.1 odd/; echo /odd > etc/ld.so.conf",
            status: 127,
            code: "E-LIB"
        ),
        Case(
            name: "ld.so.conf with a cache",
            root:
                "cp $P/needs-my app; base; mkdir -p odd etc; cp $P/libmy.so.1 odd/; echo /odd > etc/ld.so.conf; /sbin/ldconfig -r .",
            status: 0
        ),
        Case(
            name: "library in a linked directory",
            root:
                "cp $P/needs-my app; base; mv lib usr-lib; mkdir usr; mv usr-lib usr/lib; ln -s usr/lib lib; cp $P/libmy.so.1 lib/",
            status: 0
        ),
        Case(
            name: "old library",
            root: "cp $P/needs-new app; base; cp $P/libnew-old.so lib/libnew.so",
            status: 127,
            code: "E-SYMBOL",
            flags: ["--symbols"]
        ),
        Case(
            name: "new library",
            root: "cp $P/needs-new app; base; cp $P/libnew.so lib/",
            status: 0,
            flags: ["--symbols"]
        ),
        Case(
            name: "old version",
            root: "cp $P/needs-version app; base; cp $P/libver-old.so lib/libver.so",
            status: 1,
            code: "E-SYMVER"
        ),
        Case(name: "new version", root: "cp $P/needs-version app; base; cp $P/libver.so lib/", status: 0),
        Case(
            name: "library for another processor first",
            root: "cp $P/needs-my app; base; mkdir odd; foreign $P/libmy.so.1 odd/libmy.so.1; cp $P/libmy.so.1 lib/",
            lines: "ENV LD_LIBRARY_PATH=/odd",
            status: 0
        ),
        Case(
            name: "library for another processor only",
            root: "cp $P/needs-my app; base; foreign $P/libmy.so.1 lib/libmy.so.1",
            status: 127,
            code: "E-LIB-ARCH"
        ),
        Case(
            name: "garbage as a library",
            root: "cp $P/needs-my app; base; head -c 8192 /dev/zero | tr '\\\\0' x > lib/libmy.so.1",
            status: 127,
            code: "E-LIB-BAD"
        ),
        Case(name: "script without a shell", root: "script '#!/bin/sh' app", status: 1, code: "E-SHEBANG"),
        Case(name: "script with a shell", root: "script '#!/bin/sh' app; shell", status: 0),
        Case(
            name: "Windows' line ends",
            root: "shell; printf '#!/bin/sh\\r\\nexit 0\\r\\n' > app; chmod 755 app",
            status: 1,
            code: "E-CRLF"
        ),
        Case(name: "no first line", root: "shell; script 'exit 0' app", status: 1, code: "E-NOEXECFMT"),
        Case(name: "env is missing", root: "shell; script '#!/usr/bin/env sh' app", status: 1, code: "E-SHEBANG"),
        Case(
            name: "env finds nothing",
            root: "shell; mkdir -p usr/bin; ln -s /bin/busybox usr/bin/env; script '#!/usr/bin/env python3' app",
            status: 127,
            code: "E-SHEBANG"
        ),
        Case(
            name: "env finds it",
            root: "shell; mkdir -p usr/bin; ln -s /bin/busybox usr/bin/env; script '#!/usr/bin/env sh' app",
            status: 0
        ),
        Case(name: "script of a script", root: "shell; script '#!/bin/sh' inner; script '#!/inner' app", status: 0),
        Case(name: "empty file", root: ": > app; chmod 755 app", status: 1, code: "E-NOEXECFMT"),
        Case(name: "not executable", root: "cp $P/static app; chmod 644 app", status: 126, code: "E-NOEXEC"),
        Case(
            name: "not executable for the user",
            root: "cp $P/static app; chmod 700 app",
            lines: "USER 1000:1000",
            status: 126,
            code: "E-NOEXEC"
        ),
        Case(
            name: "a folder that the user can't enter",
            root: "mkdir in; cp $P/static in/app; chmod 700 in",
            command: #"["/in/app"]"#,
            lines: "USER 1000:1000",
            status: 126,
            code: "E-NOEXEC"
        ),
        Case(name: "directory", root: "mkdir app", status: 126, code: "E-ISDIR"),
        Case(name: "missing", root: "touch apq", status: 127, code: "E-NOTFOUND"),
        Case(name: "not on PATH", root: "cp $P/static app", command: #"["app"]"#, status: 127, code: "E-NOTFOUND"),
        Case(name: "on PATH", root: "mkdir bin; cp $P/static bin/app", command: #"["app"]"#, status: 0),
        Case(
            name: "relative to the working directory",
            root: "mkdir srv; cp $P/static srv/app",
            command: #"["./app"]"#,
            lines: "WORKDIR /srv",
            status: 0
        ),
        Case(name: "shell form", root: "cp $P/static app", command: "/app", status: 127, code: "E-SHELLFORM"),
        Case(name: "shell form with a shell", root: "cp $P/static app; shell", command: "exec /app", status: 0),
        Case(
            name: "shell form of nothing",
            root: "shell",
            command: "exec /app --flag",
            status: 127,
            code: "E-NOTFOUND"
        ),
        Case(name: "unknown user", root: "cp $P/static app", lines: "USER app", status: 125, code: "E-USER"),
        Case(name: "numeric user", root: "cp $P/static app", lines: "USER 65532:65532", status: 0),
        Case(name: "another processor", root: "foreign $P/static app", status: 1, code: "E-ARCH"),
        Case(
            name: "dangling loader",
            root: "cp $P/dynamic app; libc lib; mkdir lib64; ln -s /nowhere lib64/ld-linux-x86-64.so.2",
            status: 1,
            code: "E-INTERP"
        ),
        Case(
            name: "loader of four bytes",
            root:
                "cp $P/dynamic app; libc lib; mkdir lib64; printf abcd > lib64/ld-linux-x86-64.so.2; chmod 755 lib64/*",
            status: 1,
            code: "E-INTERP-BAD"
        ),
        Case(
            name: "garbage as a loader",
            root:
                "cp $P/dynamic app; libc lib; mkdir lib64; head -c 8192 /dev/zero > lib64/ld-linux-x86-64.so.2; chmod 755 lib64/*",
            status: 1,
            code: "E-INTERP-BAD"
        ),
        Case(
            name: "loader for another processor",
            root: "cp $P/dynamic app; base; foreign lib64/ld-linux-x86-64.so.2 x; mv x lib64/ld-linux-x86-64.so.2",
            status: 1,
            code: "E-INTERP-BAD"
        ),
        Case(
            name: "loader that isn't executable",
            root: "cp $P/dynamic app; base; chmod 644 lib64/ld-linux-x86-64.so.2",
            status: 1,
            code: "E-INTERP-BAD"
        ),
        Case(name: "musl without a loader", root: "cp $P/musl app", status: 1, code: "E-INTERP", needsMusl: true),
        Case(name: "musl static", root: "cp $P/musl-static app", status: 0, needsMusl: true),
        Case(
            name: "musl",
            root: "cp $P/musl app; mkdir lib; cp -L /lib/ld-musl-x86_64.so.1 lib/",
            status: 0,
            needsMusl: true
        ),
        Case(
            name: "musl without a library",
            root: "cp $P/musl-my app; mkdir lib; cp -L /lib/ld-musl-x86_64.so.1 lib/",
            status: 127,
            code: "E-LIB",
            needsMusl: true
        ),
        Case(
            name: "musl in its path file",
            root:
                "cp $P/musl-my app; mkdir lib etc odd; cp -L /lib/ld-musl-x86_64.so.1 lib/; cp $P/libmy-musl.so.1 odd/libmy.so.1; echo /odd > etc/ld-musl-x86_64.path",
            status: 0,
            needsMusl: true
        ),
        Case(
            name: "a glibc program under musl",
            root: "cp $P/dynamic app; mkdir lib64; cp -L /lib/ld-musl-x86_64.so.1 lib64/ld-linux-x86-64.so.2",
            status: 0,
            needsMusl: true
        ),
        Case(
            name: "static program that looks up names",
            root:
                "cp $P/names app; mkdir etc; echo 'root:x:0:0::/:/x' > etc/passwd; echo '127.0.0.1 localhost' > etc/hosts",
            status: 0
        ),
    ]

    /// Programs and libraries of every kind that the cases want.
    private static let programs = #"""
        set -e
        mkdir P; cd P
        printf 'int puts(const char*); int main(void){puts("ran");return 0;}' > hello.c
        printf 'int my(void){return 0;}' > my.c
        printf 'int my(void); int main(void){return my();}' > needs-my.c
        printf 'int my(void); int outer(void){return my();}' > outer.c
        printf 'int outer(void); int main(void){return outer();}' > needs-outer.c
        printf 'int a(void){return 0;}' > new-old.c
        printf 'int a(void){return 0;} int b(void){return 0;}' > new.c
        printf 'int a(void); int b(void); int main(void){return a()+b();}' > needs-new.c
        printf 'int v(void){return 0;} int w(void){return 0;}' > ver.c
        printf 'int v(void); int w(void); int main(void){return v()+w();}' > needs-ver.c
        printf '#include <netdb.h>\n#include <pwd.h>\nint main(void){return !getpwuid(0) || !gethostbyname("localhost");}' > names.c
        gcc -static -o static hello.c
        gcc -static-pie -o static-pie hello.c
        gcc -o dynamic hello.c
        gcc -shared -fPIC -Wl,-soname,libmy.so.1 -o libmy.so.1 my.c; ln -s libmy.so.1 libmy.so
        gcc -o needs-my needs-my.c -L. -lmy
        gcc -o my-runpath needs-my.c -L. -lmy -Wl,-rpath,'$ORIGIN/../lib' -Wl,--enable-new-dtags
        gcc -o my-rpath needs-my.c -L. -lmy -Wl,-rpath,'${ORIGIN}/../lib' -Wl,--disable-new-dtags
        gcc -shared -fPIC -Wl,-soname,libouter.so -o libouter.so outer.c -L. -lmy
        gcc -o outer-rpath needs-outer.c -L. -louter -Wl,-rpath-link,. -Wl,-rpath,'$ORIGIN/../lib' -Wl,--disable-new-dtags
        gcc -o outer-runpath needs-outer.c -L. -louter -Wl,-rpath-link,. -Wl,-rpath,'$ORIGIN/../lib' -Wl,--enable-new-dtags
        gcc -shared -fPIC -Wl,-soname,libnew.so -o libnew-old.so new-old.c
        gcc -shared -fPIC -Wl,-soname,libnew.so -o libnew.so new.c
        gcc -o needs-new needs-new.c -L. -lnew
        echo 'VER_1 { v; w; };' > old.map; echo 'VER_1 { v; }; VER_2 { w; } VER_1;' > new.map
        gcc -shared -fPIC -Wl,-soname,libver.so -Wl,--version-script=old.map -o libver-old.so ver.c
        gcc -shared -fPIC -Wl,-soname,libver.so -Wl,--version-script=new.map -o libver.so ver.c
        gcc -o needs-version needs-ver.c -L. -lver
        gcc -static -o names names.c 2>/dev/null
        if command -v musl-gcc >/dev/null; then
            musl-gcc -o musl hello.c
            musl-gcc -static -o musl-static hello.c
            musl-gcc -shared -fPIC -Wl,-soname,libmy.so.1 -o libmy-musl.so.1 my.c
            musl-gcc -o musl-my needs-my.c libmy-musl.so.1
        fi
        """#

    /// What the cases' scripts may call.
    private static let functions = #"""
        set -e
        loader() { mkdir -p lib64; cp -L /lib64/ld-linux-x86-64.so.2 lib64/; }
        libc() { mkdir -p $1; cp -L /lib/x86_64-linux-gnu/libc.so.6 $1/; }
        base() { loader; libc lib; }
        shell() { mkdir -p bin; cp "$(command -v busybox)" bin/busybox; ln -s busybox bin/sh; }
        script() { printf '%s\nexit 0\n' "$1" > $2; chmod 755 $2; }
        foreign() { cp "$1" "$2"; printf '\267\000' | dd of="$2" bs=1 seek=18 conv=notrunc status=none; }
        """#

    @Test(.requires(.all(.root, .overlay, .tool("gcc"), .tool("ldconfig"), Fixture.busybox, intel)))
    func theCheckKnowsWhatTheKernelDoes() throws {
        let socle = try Socle()
        try socle.shell(Self.programs).succeeding()
        let hasMusl = Requirement.tool("musl-gcc").isMet
        for (index, test) in Self.cases.enumerated() where hasMusl || !test.needsMusl {
            let folder = "case-\(index)"
            try socle.write([
                folder: [
                    "Dockerfile": .file(Array("FROM scratch\nCOPY root/ /\n\(test.lines)\nCMD \(test.command)\n".utf8))
                ]
            ])
            try socle.shell(Self.functions + "\nP=$PWD/P; mkdir \(folder)/root; cd \(folder)/root\n" + test.root)
                .succeeding()
            let built = try socle.run(["build", "--progress", "plain", "-t", folder, folder])
            #expect(built.status == 0, "\(test.name): \(built.errorText)")
            // What is said about the image without unpacking it is what a look into its tree says.
            let isTold = test.code != nil && test.code != "E-SYMBOL" && test.name != "shell form of nothing"
            #expect(built.errorText.contains("warning: ") == isTold, "\(test.name): \(built.errorText)")
            let ran = try socle.run(["run", "--rm", folder])
            #expect(ran.status == test.status, "\(test.name): \(ran.summary)")
            let checked = try socle.run(
                ["image", "check", "--format", "{{range .Findings}}{{.Code}} {{end}}"] + test.flags + [folder]
            )
            let codes = checked.text.split { $0 == " " || $0 == "\n" }.map(String.init).filter { $0.hasPrefix("E-") }
            #expect(codes.first == test.code, "\(test.name): \(checked.text)\(checked.errorText)")
            #expect(checked.status == (test.code == nil ? 0 : 2), "\(test.name): \(checked.summary)")
            // An error of the kernel's comes with its reason.
            if test.status == 1 || test.status == 126 || test.status == 127, ran.errorText.hasPrefix("socle: ") {
                #expect(ran.errorText.contains("(\(test.code ?? ""))"), "\(test.name): \(ran.errorText)")
            }
        }
    }

    private static let intel = Requirement.path("/lib64/ld-linux-x86-64.so.2", "an amd64 machine with glibc")

    // MARK: - Words

    @Test(.requires(.all(.root, .overlay, .tool("gcc"), intel)))
    func everyFaceSaysWhatIsMissing() throws {
        let socle = try Socle()
        try socle.write([
            "hello.c": "int main(void){return 0;}\n",
            "Dockerfile": "FROM scratch\nCOPY hello /hello\nCMD [\"/hello\"]\n",
        ])
        try Command.output(of: "gcc", ["-o", "hello", "hello.c"], directory: socle.work)
        let built = try socle.run(["build", "--progress", "plain", "-t", "hello", "."])
        let id = try socle.output("images", "-q", "hello")
        let warning =
            "warning: /hello needs /lib64/ld-linux-x86-64.so.2, which isn't in the image: see socle image check \(id)\n"
        #expect(built.status == 0 && built.errorText.hasSuffix(warning), "\(built.errorText)")
        #expect(try socle.run(["build", "-q", "."]).errorText == "")
        let ran = try socle.run(["run", "--rm", "hello"])
        #expect(ran.status == 1)
        #expect(
            ran.errorText.hasPrefix(
                """
                socle: exec /hello: no such file or directory.
                hint: /hello needs /lib64/ld-linux-x86-64.so.2, which isn't in the image (E-INTERP)
                """
            ),
            "\(ran.errorText)"
        )
        #expect(ran.errorText.contains("\n  COPY --from=build /lib64/ld-linux-x86-64.so.2 /lib64/\n"))
        #expect(ran.errorText.contains("\n  COPY --from=build /usr/lib/x86_64-linux-gnu/libc.so.6 "))
        let checked = try socle.run(["image", "check", "hello"])
        #expect(checked.status == 2 && checked.errorText == "")
        #expect(checked.text.hasPrefix("hello (\(id)): 1 error\n\nE-INTERP  /hello needs "), "\(checked.text)")
        let json = try socle.run(["image", "check", "--json", "hello"]).text
        #expect(json.contains("\"Code\": \"E-INTERP\"") && json.contains("\"Severity\": \"error\""), "\(json)")
        // Where something else is mounted, the image's files say nothing.
        let mounted = try socle.run(["run", "--rm", "-v", "\(socle.work):/lib64", "hello"])
        #expect(mounted.status == 1 && !mounted.errorText.contains("E-INTERP"), "\(mounted.errorText)")
    }

    @Test(.requires(.all(.root, .overlay, .tool("gcc"), intel)))
    func aStepSaysWhyItsProgramDoesNotStart() throws {
        let socle = try Socle()
        try socle.write([
            "hello.c": "int main(void){return 0;}\n", "Dockerfile": "FROM scratch\nCOPY hello /\nRUN [\"/hello\"]\n",
        ])
        try Command.output(of: "gcc", ["-o", "hello", "hello.c"], directory: socle.work)
        let built = try socle.run(["build", "--progress", "plain", "."])
        #expect(built.status == 1)
        #expect(built.errorText.contains("exec /hello: no such file or directory"), "\(built.errorText)")
        #expect(
            built.errorText.contains(
                "hint: /hello needs /lib64/ld-linux-x86-64.so.2, which isn't in the image (E-INTERP)\n  "
            ),
            "\(built.errorText)"
        )
    }

    @Test(.requires(.all(.root, .overlay, .tool("gcc"), intel)))
    func dataThatAProgramWants() throws {
        let socle = try Socle()
        try socle.write([
            "app.c": """
            #include <pwd.h>
            #include <stdlib.h>
            int main(void){char n[]="/tmp/xXXXXXX"; return !getpwuid(getuid()) + mkstemp(n) < 0;}
            int getuid(void);
            """,
            "ssl.c": "int SSL_new(void){return 0;}\n",
            "tls.c": "int SSL_new(void); int main(void){return SSL_new();}\n",
            "Dockerfile": """
            FROM scratch AS bare
            COPY root/ /
            ENV TZ=Europe/Berlin LANG=de_DE.UTF-8
            EXPOSE 80
            USER 1000
            CMD ["/app"]
            FROM scratch AS tls
            COPY root/ /
            CMD ["/tls"]
            FROM tls AS trusting
            COPY app.c /etc/ssl/certs/ca-certificates.crt
            FROM bare AS full
            COPY full/ /
            ENV LANG=C.UTF-8
            """,
        ])
        try socle.shell(
            """
            set -e
            mkdir -p root/lib root/lib64 full/tmp full/etc full/usr/share/zoneinfo/Europe
            gcc -w -o root/app app.c
            gcc -shared -fPIC -Wl,-soname,libssl.so.3 -o root/lib/libssl.so.3 ssl.c
            gcc -o root/tls tls.c root/lib/libssl.so.3
            cp -L /lib64/ld-linux-x86-64.so.2 root/lib64/; cp -L /lib/x86_64-linux-gnu/libc.so.6 root/lib/
            chmod 1777 full/tmp; echo 'app:x:1000:1000::/:/app' > full/etc/passwd; echo x > full/usr/share/zoneinfo/Europe/Berlin
            """
        ).succeeding()
        func codes(_ target: String) throws -> Set<String> {
            let built = try socle.run(["build", "--progress", "plain", "--target", target, "-t", target, "."])
            #expect(built.status == 0, "\(built.errorText)")
            #expect(
                built.errorText.contains("no certificates of authorities") == (target == "tls"),
                "\(built.errorText)"
            )
            let text = try socle.run(["image", "check", "--format", "{{range .Findings}}{{.Code}} {{end}}", target])
                .text
            return Set(text.split { $0 == " " || $0 == "\n" }.map(String.init))
        }
        #expect(try codes("bare") == ["W-TZ", "W-PASSWD", "W-TMP", "I-LOCALE", "I-PORT"])
        #expect(try codes("full") == ["I-PORT"])
        #expect(try codes("tls") == ["W-CA"])
        #expect(try codes("trusting") == [])
        #expect(try socle.run(["image", "check", "bare"]).status == 0)
        #expect(try socle.run(["image", "check", "--strict", "bare"]).status == 1)
        #expect(try socle.run(["image", "check", "--strict", "trusting"]).text.contains("nothing is missing"))
    }

    @Test(.requires(.all(.tool("gcc"), intel)))
    func aDirectoryIsChecked() throws {
        let socle = try Socle()
        try socle.write(["hello.c": "int main(void){return 0;}\n", "root": ["etc": ["x": "y"]]])
        try Command.output(of: "gcc", ["-o", "root/hello", "hello.c"], directory: socle.work)
        let checked = try socle.run(["image", "check", "--rootfs", "root", "/hello"])
        #expect(
            checked.status == 2 && checked.text.hasPrefix("root: 1 error\n\nE-INTERP  /hello "),
            "\(checked.summary)"
        )
        // Nothing of the host is found through links that lead out.
        try Command.output(of: "ln", ["-s", "/../../../../../../lib64", "root/lib64"], directory: socle.work)
        #expect(try socle.run(["image", "check", "--rootfs", "root", "--all", "/hello"]).status == 2)
        #expect(try socle.run(["image", "check", "--rootfs", "root"]).status == 1)
        #expect(try socle.run(["image", "check"]).errorText.hasPrefix("an image, or --rootfs"))
        #expect(try socle.run(["image", "check", "nobody"]).status == 1)
    }

    // MARK: - A whole system

    /// The root that `scripts/demo` makes.
    private static let debian: FilePath = {
        var path = FilePath(#filePath)
        while let last = path.lastComponent?.string, last != "Tests" { path.removeLastComponent() }
        return path.removingLastComponent().appending("build/demo/bookworm")
    }()

    private static let hasDebian = Requirement.path(
        debian.appending("etc/debian_version").string,
        "a debootstrapped root (make demo)"
    )

    @Test(.requires(hasDebian)) func nothingIsMissingInDebian() throws {
        let socle = try Socle()
        let checked = try socle.run(["image", "check", "--all", "--rootfs", Self.debian.string, "/bin/bash"])
        #expect(checked.status == 0 && checked.text.contains("nothing is missing"), "\(checked.summary)")
    }
}

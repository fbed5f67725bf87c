import ELFFormat
import LinuxSystem
import OCISpec
import SocleTesting
import SystemPackage
import Testing

@testable import BaseImageTools

/// The small decisions, one by one.
@Suite struct PartTests {
    @Test func directoriesAreReadFromALoader() {
        func bytes(_ text: String) -> [UInt8] { Array("junk\0/one/\0no".utf8) + Array(text.utf8) + Array("junk".utf8) }
        #expect(
            Loader.compiledDirectories(
                bytes("\0/lib/x86_64-linux-gnu/\0/usr/lib/x86_64-linux-gnu/\0/lib/\0/usr/lib/\0")
            ) == [
                "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib", "/usr/lib",
            ]
        )
        #expect(Loader.compiledDirectories(bytes("\0/lib64/\0/usr/lib64/\0x")) == ["/lib64", "/usr/lib64"])
        #expect(Loader.compiledDirectories(bytes("\0/lib64/\0x")) == nil)
        #expect(Loader.compiledDirectories([]) == nil)
    }

    @Test(arguments: ["libc.so", "libc.musl-x86_64.so.1", "libpthread.so.0", "libm.so.6", "libdl.so.2", "libxnet.so"])
    func muslAnswersItself(name: String) { #expect(Loader.isBuiltIntoMusl(name)) }

    @Test(arguments: ["ld-linux-x86-64.so.2", "libcrypt.so.1", "libmy.so", "libc"])
    func muslLooksForOthers(name: String) { #expect(!Loader.isBuiltIntoMusl(name)) }

    @Test func versionsAreNumbers() {
        #expect(SymbolVersion.newest(["GLIBC_2.9", "GLIBC_2.38", "GLIBC_2.4"]) == "GLIBC_2.38")
        #expect(SymbolVersion.newest(["GLIBC_PRIVATE", "GLIBC_2.36", "GCC_3.0"], like: "GLIBC_2.38") == "GLIBC_2.36")
        #expect(SymbolVersion.newest(["GCC_3.0"], like: "GLIBC_2.38") == nil)
        #expect(SymbolVersion.number("GLIBC_2.38", of: "GLIBC") == "2.38")
        #expect(SymbolVersion.number("GLIBC_PRIVATE", of: "GLIBC") == nil)
    }

    @Test func shellFormsOfOneCommand() {
        #expect(ShellCommand.program(of: "/app --flag") == ["/app", "--flag"])
        #expect(ShellCommand.program(of: "exec A=b app") == ["app"])
        #expect(ShellCommand.program(of: "curl -f http://localhost/ || exit 1") == ["curl", "-f", "http://localhost/"])
        for text in ["a || b", "a && b", "a; b", "$X", "echo 'x'", "", "a > b", "\"x y\"", "cd x | y"] {
            #expect(ShellCommand.program(of: text) == nil, "\(text)")
        }
    }

    @Test func curesOfShellForms() {
        #expect(CureLines.execForm("/app --flag x", "CMD") == ["CMD [\"/app\", \"--flag\", \"x\"]"])
        #expect(CureLines.execForm("exec /app", "ENTRYPOINT") == ["ENTRYPOINT [\"/app\"]"])
        #expect(CureLines.execForm("a && b", "CMD").last == "CMD [\"/program\", \"argument\"]")
    }

    @Test func languagesByTheirProgram() {
        let names: [(PathBytes, Language?)] = [
            ("/usr/bin/python3.11", .python), ("/usr/local/bin/node", .node), ("/opt/jre/bin/java", .java),
            ("/usr/bin/node_exporter", nil), ("/bin/perl", .perl), ("/bin/perldoc", nil), ("/app", nil),
            ("/bin/php8.2", .php),
        ]
        for (path, language) in names { #expect(Language(program: path) == language, "\(path)") }
    }

    @Test func scriptsThatInterpretersAreGiven() {
        #expect(Language.python.script(in: ["-u", "/app/main.py", "x"]) == "/app/main.py")
        #expect(Language.python.script(in: ["-X", "dev", "main.py"]) == "main.py")
        #expect(Language.python.script(in: ["-m", "http.server"]) == nil)
        #expect(Language.java.script(in: ["-Xmx1g", "-jar", "/app.jar"]) == "/app.jar")
        #expect(Language.java.script(in: ["-cp", "/x", "Main"]) == nil)
        #expect(Language.node.script(in: ["--require", "x", "server.js"]) == "server.js")
        #expect(Language.perl.script(in: ["-e", "print"]) == nil)
    }

    @Test func packagesOfDebian() {
        #expect(LibraryPackages.debian("libssl.so.3") == "libssl3")
        #expect(LibraryPackages.debian("libstdc++.so.6") == "libstdc++6")
        #expect(LibraryPackages.debian("libgcc_s.so.1") == "libgcc-s1")
        #expect(LibraryPackages.debian("libz.so.1") == "zlib1g")
        #expect(LibraryPackages.debian("libc.so.6") == "libc6")
        #expect(LibraryPackages.debian("libnobody.so.9") == nil)
    }

    @Test func configurationsInclude() throws {
        let place = try TemporaryRoot()
        try FileTree.write(
            [
                "etc": [
                    "ld.so.conf": "include /etc/ld.so.conf.d/*.conf\n# no\n/last\n",
                    "ld.so.conf.d": ["a.conf": "/a\n/b # x\n", "b.conf": "include ../ld.so.conf\n", "c.txt": "/c\n"],
                ]
            ],
            to: place.path
        )
        // A file that includes itself ends.
        #expect(try Set(LoaderConfiguration(ImageRoot(trees: [place.path])).directories) == ["/a", "/b", "/last"])
    }

    // MARK: - Whole checks of made roots

    static func sample(_ change: (inout SampleELF) -> Void = { _ in }) -> FileTree {
        var sample = SampleELF()
        sample.interpreter = "/lib64/ld-linux-x86-64.so.2"
        sample.needed = ["libc.so.6"]
        change(&sample)
        return .file(sample.bytes, mode: 0o755)
    }

    static let loader = sample {
        $0.interpreter = nil
        $0.needed = []
        $0.soname = "ld-linux-x86-64.so.2"
    }

    static func library(_ name: String, _ change: (inout SampleELF) -> Void = { _ in }) -> FileTree {
        sample {
            $0.interpreter = nil
            $0.needed = []
            $0.soname = name
            change(&$0)
        }
    }

    static func report(_ tree: FileTree, depth: ImageCheck.Depth = .commands, _ change: (inout ContainerConfig) -> Void)
        throws
        -> ImageVerdict
    {
        let place = try TemporaryRoot()
        try FileTree.write(tree, to: place.path)
        var config = ContainerConfig()
        change(&config)
        let platform = Platform(os: "linux", architecture: "amd64")
        var check = ImageCheck(try ImageRoot(trees: [place.path]), config: config, platform: platform, depth: depth)
        return try check.report()
    }

    @Test func versionsOfGlibcAreNamed() throws {
        let report = try Self.report([
            "app": Self.sample { $0.wanted = [("libc.so.6", ["GLIBC_2.2.5", "GLIBC_2.38"])] },
            "lib64": ["ld-linux-x86-64.so.2": Self.loader],
            "lib": ["libc.so.6": Self.library("libc.so.6") { $0.offered = ["GLIBC_2.2.5", "GLIBC_2.36"] }],
        ]) { $0.cmd = ["/app"] }
        #expect(report.findings.map(\.code) == [.symbolVersion])
        #expect(report.findings.first?.line == "/app needs glibc 2.38 or newer, and the image has 2.36")
    }

    @Test func everythingIsLookedAt() throws {
        let tree: FileTree = [
            "app": Self.sample(), "lib64": ["ld-linux-x86-64.so.2": Self.loader],
            "lib": [
                "libc.so.6": Self.library("libc.so.6"),
                "plugin.so": Self.library("plugin.so") { $0.needed = ["libgone.so.1"] },
                "other.so": Self.library("other.so") { $0.needed = ["libelse.so.1"] },
            ],
            "opt": ["libelse.so.1": Self.library("libelse.so.1"), "tool": .text("#!/opt/none\n", mode: 0o755)],
        ]
        let some = try Self.report(tree) { $0.cmd = ["/app"] }
        #expect(some.findings.isEmpty && some.objects == 3)
        let all = try Self.report(tree, depth: .everything) { $0.cmd = ["/app"] }
        #expect(all.findings.map(\.code) == [.pluginLibrary, .otherScript, .otherLibrary])
        #expect(all.objects == 6 && all.scripts == 1)
    }

    @Test func languagesWithoutTheirLibrary() throws {
        let python = Self.sample {
            $0.interpreter = nil
            $0.needed = []
            $0.type = 2
        }
        let bare = try Self.report(["usr": ["bin": ["python3": python]]]) { $0.cmd = ["python3", "/app.py"] }
        #expect(bare.findings.map(\.code) == [.brokenRuntime, .script])
        let whole = try Self.report([
            "usr": [
                "bin": ["python3.11": python, "python3": .link("python3.11")],
                "lib": ["python3.11": ["encodings": [:]]],
            ],
            "etc": ["ssl": ["cert.pem": "x"]], "tmp": .directory([:], mode: 0o1777), "app.py": "print()",
        ]) { $0.cmd = ["python3", "/app.py"] }
        #expect(whole.findings.isEmpty, "\(whole.findings)")
    }

    @Test func healthchecksAndPorts() throws {
        let program = Self.library("x") { $0.hasDynamicSection = false }
        let report = try Self.report(["app": program]) {
            $0.cmd = ["/app"]
            $0.healthcheck = Healthcheck(test: ["CMD-SHELL", "curl -f localhost"])
            $0.exposedPorts = ["80/tcp", "8080/tcp"]
            $0.user = "1000"
        }
        #expect(report.findings.map(\.code) == [.shellForm, .port])
        #expect(report.findings.first?.subject == "HEALTHCHECK")
        let none = try Self.report(["app": program]) { $0.healthcheck = Healthcheck(test: ["NONE"]) }
        #expect(none.findings.map(\.code) == [.command])
    }

    @Test func goProgramsTellWhatTheyWant() throws {
        let text = "/etc/ssl/certs/ca-certificates.crt time.LoadLocation"
        var bytes = SampleELF.goProgram(version: "go1.15.2") + Array(text.utf8)
        let old = try Self.report(["app": .file(bytes, mode: 0o755)]) { $0.cmd = ["/app"] }
        #expect(old.findings.map(\.code) == [.certificates, .timeZone, .nameService])
        bytes = SampleELF.goProgram(version: "go1.22.3") + Array((text + " time/tzdata").utf8)
        let new = try Self.report(["app": .file(bytes, mode: 0o755)]) { $0.cmd = ["/app"] }
        #expect(new.findings.map(\.code) == [.certificates])
        // The texts alone are no Go.
        let other = Self.sample {
            $0.interpreter = nil
            $0.type = 2
            $0.hasDynamicSection = false
        }
        guard case .file(let plain, _) = other else { return }
        let none = try Self.report(["app": .file(plain + Array(text.utf8), mode: 0o755)]) { $0.cmd = ["/app"] }
        #expect(none.findings.isEmpty)
    }
}

import LinuxSystem
import RegistryAccess
import Reporting
import SocleTesting
import SystemPackage
import Testing

@testable import SocleCommands

/// The program's words and statuses, as far as they need no store.
struct CommandTests {
    struct NoTransport: HTTPTransport {
        func send(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
            throw HTTPError(.unavailable("no test fetches a URL"), url: request.url)
        }
    }

    /// Runs the program with its output kept.
    static func run(_ words: String...) -> (code: Int32, out: String, err: String) {
        let out = Guarded("")
        let err = Guarded("")
        var session = Session(transport: { NoTransport() })
        session.output = Output(
            out: { text in out.update { $0 += text } },
            err: { text in err.update { $0 += text } }
        )
        let code = SocleProgram.run(words[...], &session)
        return (code.value, out.wait { $0 }, err.wait { $0 })
    }

    @Test func flagErrorsAreDockers() {
        let unknown = Self.run("run", "--bogus", "x")
        #expect(unknown.code == 125)
        #expect(unknown.err == "unknown flag: --bogus\nSee 'socle run --help'.\n")
        let global = Self.run("--bogus", "ps")
        #expect(global.code == 125 && global.err.hasPrefix("unknown flag: --bogus\nSee 'socle --help'."))
        let image = Self.run("image", "ls", "-Z")
        #expect(image.err == "unknown shorthand flag: 'Z' in -Z\nSee 'socle image ls --help'.\n")
    }

    @Test func operandErrorsAreDockers() {
        let result = Self.run("run")
        #expect(result.code == 1)
        #expect(
            result.err == """
                "socle run" requires at least 1 argument.
                See 'socle run --help'.

                Usage:  socle run [OPTIONS] IMAGE [COMMAND] [ARG...]

                Run a command in a new container

                """
        )
    }

    @Test func unknownCommandsAreNamed() {
        let wrong = Self.run("biuld", ".")
        #expect(wrong.code == 1)
        #expect(
            wrong.err
                == "socle: 'biuld' is not a socle command.\nhint: did you mean 'build'?\nSee 'socle --help'\n"
        )
        let absent = Self.run("swarm", "x")
        #expect(absent.err == "socle: 'swarm' is not built into this version.\nSee 'socle --help'\n")
    }

    @Test(arguments: ["scratch", "scratch:latest", "docker.io/library/scratch"])
    func scratchIsReserved(name: String) {
        let pull = Self.run("pull", name)
        #expect(pull.code == 1)
        #expect(pull.err.hasPrefix("Error: 'scratch' is a reserved name"))
        let tag = Self.run("tag", "x", name)
        #expect(tag.code == 1 && tag.err.hasPrefix("Error: 'scratch' is a reserved name"))
        let build = Self.run("build", "-t", name, ".")
        #expect(build.code == 125 && build.err.contains("'scratch' is a reserved name"))
    }

    @Test func pullAsksTheRegistry() throws {
        let root = try TemporaryRoot()
        let result = Self.run("--root", root.path.string, "pull", "debian:12")
        #expect(result.code == 1)
        #expect(result.err.hasPrefix("Error: failed to GET https://registry-1.docker.io/v2/library/debian/manifests/12: "))
    }

    @Test func buildRefusesWrongContexts() throws {
        let root = try TemporaryRoot()
        #expect(
            Self.run("--root", root.path.string, "build", "/no/such/folder").err
                == "ERROR: unable to prepare context: path \"/no/such/folder\" not found\n"
        )
        #expect(Self.run("build", "-f", "-", "-").err.contains("can't use stdin for both build context and dockerfile"))
        #expect(Self.run("build", "--build-context", "x", ".").err.contains("invalid context value: x"))
    }

    @Test func templatesThatCantBeReadEndWith64() {
        let result = Self.run("version", "--format", "{{.Foo")
        #expect(result.code == 64)
        #expect(result.err == "template parsing error: template: :1: unclosed action\n")
        let wrong = Self.run("version", "--format", "{{.Foo}}")
        #expect(wrong.code == 1)
    }

    @Test func versionAnswersDockersTemplates() {
        #expect(Self.run("version", "--format", "{{.Server.Version}}").out == SocleVersion.text + "\n")
        #expect(Self.run("version", "-f", "{{.Client.Os}}").out == "linux\n")
        #expect(Self.run("--version").out == "socle version \(SocleVersion.text)\n")
        #expect(Self.run("version").out.hasPrefix("socle:\n Version: "))
    }

    @Test func runRefusesWhatItCantDo() {
        #expect(Self.run("run", "--link", "a", "x", "y").err.hasPrefix("unsupported flag: --link: "))
        #expect(Self.run("run", "--network", "container:", "x").code == 125)
        let volume = Self.run("run", "-v", "/a:/b:zz", "x")
        #expect(volume.code == 125 && volume.err == "socle: invalid mode: zz.\nSee 'socle run --help'.\n")
        let file = Self.run("run", "--env-file", "/nonexistent", "x")
        #expect(file.code == 125 && file.err.hasPrefix("socle: open /nonexistent: no such file or directory."))
    }

    @Test func registriesServeOtherMachinesOnPurpose() {
        let open = Self.run("registry", "serve", "--listen", "0.0.0.0:0")
        #expect(open.code == 1 && open.err.hasPrefix("Error: refusing to serve other machines on 0.0.0.0 without TLS and passwords"))
        let half = Self.run("registry", "serve", "--tls-key", "key.pem")
        #expect(half.code == 1 && half.err.hasPrefix("--tls-cert and --tls-key are wanted together"))
        #expect(Self.run("registry", "serve", "--listen", ":5000").code == 125)
    }

    @Test(arguments: [
        "", "build", "run", "import", "images", "ps", "inspect", "image", "image check", "system", "debug", "system df",
        "builder", "builder history", "builder history ls", "image trust", "search", "registry serve", "network", "network create",
        "oci", "oci create", "oci exec",
    ])
    func helpIsGolden(command: String) throws {
        let words = command.split(separator: " ").map(String.init) + ["--help"]
        let out = Guarded("")
        var session = Session(transport: { NoTransport() })
        session.output = Output(out: { text in out.update { $0 += text } }, err: { _ in })
        #expect(SocleProgram.run(words[...], &session) == .success)
        let name = command.isEmpty ? "socle" : command.split(separator: " ").joined(separator: "-")
        try Golden.expect(out.wait { $0 }, "help/\(name).txt")
    }

    @Test func everyFlagIsUnique() {
        func check<C: SocleCommands.Command>(_ type: C.Type) {
            let names = C.flags.map(\.name)
            #expect(Set(names).count == names.count, "\(type)")
            let shorts = C.flags.compactMap(\.short)
            #expect(Set(shorts).count == shorts.count, "\(type)")
            #expect(C.flags.allSatisfy { $0.help.map { !$0.hasSuffix(".") } ?? true }, "\(type)")
        }
        for entry in CommandTree.commands + CommandTree.groups.flatMap(\.commands) { check(entry.type) }
    }

    @Test func failuresHaveOneStatusEach() {
        for kind in FailureKind.allCases {
            let failure = PlainFailure(kind, "x")
            #expect(ErrorTable.report(failure, style: .run, path: "socle run").code == .engine)
            #expect(ErrorTable.report(failure, style: .plain, path: "").code.value == (kind == .cancelled ? 130 : 1))
        }
        let hinted = PlainFailure(.notFound, "No such image: x", hint: "load it")
        #expect(ErrorTable.report(hinted, style: .plain, path: "").text == "Error: No such image: x\nhint: load it")
        #expect(
            ErrorTable.report(hinted, style: .run, path: "socle run").text
                == "socle: No such image: x.\nhint: load it\nSee 'socle run --help'."
        )
        // Docker ends the sentence, but not twice.
        let sentence = PlainFailure(.conflict, "Conflict. The name is in use.")
        #expect(
            ErrorTable.report(sentence, style: .run, path: "socle run").text
                == "socle: Conflict. The name is in use.\nSee 'socle run --help'."
        )
        #expect(ErrorTable.report(CancellationError(), style: .plain, path: "").code == .cancelled)
    }
}

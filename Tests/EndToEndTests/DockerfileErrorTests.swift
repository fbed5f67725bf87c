import SocleTesting
import SystemPackage
import Testing

/// What is said about a Dockerfile that can't be built: the place, the lines around it, and what to do.
@Suite struct DockerfileErrorTests {
    private func failure(
        _ dockerfile: String,
        _ flags: [String] = [],
        files: FileTree = [:]
    ) throws -> String {
        let socle = try Socle()
        try socle.write(files)
        try socle.write(["Dockerfile": .text(dockerfile, mode: 0o644)])
        let result = try socle.run(["build", "--progress=none"] + flags + ["."])
        #expect(result.status == 1)
        return result.errorText
    }

    @Test func allErrorsAreToldAtOnce() throws {
        let text = try failure("FROM scratch AS a\nFNTRYPOINT foo\nCOPY one\nEXPOSE\n")
        #expect(
            text == """
                Dockerfile:2
                --------------------
                   1 |     FROM scratch AS a
                   2 | >>> FNTRYPOINT foo
                   3 |     COPY one
                   4 |     EXPOSE
                --------------------
                Dockerfile:3
                --------------------
                   1 |     FROM scratch AS a
                   2 |     FNTRYPOINT foo
                   3 | >>> COPY one
                   4 |     EXPOSE
                --------------------
                Dockerfile:4
                --------------------
                   2 |     FNTRYPOINT foo
                   3 |     COPY one
                   4 | >>> EXPOSE
                --------------------
                ERROR: failed to build: failed to solve: dockerfile parse error on line 2: unknown instruction: FNTRYPOINT (did you mean ENTRYPOINT?)
                ERROR: failed to build: failed to solve: dockerfile parse error on line 3: COPY requires at least two arguments, but only one was provided. Destination could not be determined
                hint: it is written COPY [--from=STAGE] [--chown=USER] [--chmod=MODE] [--link] [--parents] [--exclude=PATTERN] SOURCE… DESTINATION
                ERROR: failed to build: failed to solve: dockerfile parse error on line 4: EXPOSE requires at least one argument
                hint: it is written EXPOSE PORT[-PORT][/tcp|/udp|/sctp]…

                """
        )
    }

    @Test func aBaseThatIsntThere() throws {
        let text = try failure("FROM scratch AS builder\nCOPY a /a\nFROM buidler\n")
        #expect(text.contains("   3 | >>> FROM buidler\n"))
        #expect(text.contains("buidler:latest: not in the store (did you mean builder?), and buidler:latest: the registry is blocked"))
        let copied = try failure("FROM scratch\nCOPY a /a\nCOPY --from=nobody/has:1 \\\n  /x /y\n")
        #expect(copied.contains("   3 | >>> COPY --from=nobody/has:1 \\\n"))
        #expect(copied.contains("nobody/has:1: not in the store, and nobody/has:1: the registry is blocked"))
    }

    @Test func aTargetThatIsntThere() throws {
        let text = try failure("FROM scratch AS one\nFROM scratch AS two\n", ["--target", "tow"])
        #expect(text.contains("   2 | >>> FROM scratch AS two\n"))
        #expect(
            text.contains(
                "target stage \"tow\" could not be found (did you mean two?)\nhint: the stages are one, two\n"
            )
        )
        let nameless = try failure("FROM scratch\n", ["--target", "app"])
        #expect(nameless.contains("target stage \"app\" could not be found\nhint: no stage has a name; "))
    }

    @Test func lowerCaseFilesAndWrongOnes() throws {
        let socle = try Socle()
        let none = try socle.run(["build", "."])
        #expect(none.status == 1)
        #expect(
            none.errorText.contains(
                "failed to read dockerfile: open Dockerfile: no such file or directory\nhint: looked in .; -f names another"
            )
        )
        let empty = try failure("")
        #expect(empty.contains("the Dockerfile cannot be empty\nhint: a Dockerfile begins with FROM"))
        let ignored = try failure("FROM scratch\nCOPY a /a\n", files: [".dockerignore": "a\n!\n"])
        #expect(ignored.contains(".dockerignore:2\n--------------------\n   1 |     a\n   2 | >>> !\n"))
        #expect(ignored.contains("illegal exclusion pattern: \"!\""))
    }

    @Test func variables() throws {
        let text = try failure("ARG TAG\nFROM base:$TAGG\nFROM base:${TAG?}\n")
        #expect(text.contains("TAG: is not allowed to be unset"))
        let operators = try failure("FROM scratch\nLABEL x=${y^^}\n")
        #expect(operators.contains("unsupported modifier (^) in substitution\nhint: the operators are ${x:-word} "))
        let forgotten = try failure("ARG VERSION=1\nFROM scratch\nARG OTHER\nLABEL a=\"${OTHER:?give one}\"\n")
        #expect(forgotten.contains("OTHER: give one"))
    }
}

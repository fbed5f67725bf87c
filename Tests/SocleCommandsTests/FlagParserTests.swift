import Testing

@testable import SocleCommands

/// The command line's grammar, with what Docker says about the same words.
struct FlagParserTests {
    struct Options: Equatable {
        var environment: [String] = []
        var interactive = false
        var limit: Int?
        var name: String?
        var remove = false
        var terminal = false
    }

    @FlagListing<Options> static var flags: [Flag<Options>] {
        Flag.list("env", short: "e", \.environment, "Set environment variables")
        Flag.toggle("interactive", short: "i", \.interactive, "Keep STDIN open even if not attached")
        Flag.value("limit", \.limit, as: "int", "A number")
        Flag.value("name", \.name, "Assign a name to the container")
        Flag.toggle("rm", \.remove, "Automatically remove the container when it exits")
        Flag.toggle("tty", short: "t", \.terminal, "Allocate a pseudo-TTY")
        Flag.refused("publish", short: "p")
        Flag.refused("pull", takesValue: false, "not here")
    }

    static func parse(
        _ line: String,
        stops: Bool = true
    ) throws(ArgumentError) -> (options: Options, operands: [String], help: Bool) {
        var options = Options()
        let words = line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        let outcome = try FlagParser(flags, stopsAtOperand: stops).parse(words[...], into: &options)
        return (options, outcome.operands, outcome.asksForHelp)
    }

    @Test(arguments: [
        ("-it x", Options(interactive: true, terminal: true)),
        ("-i -t x", Options(interactive: true, terminal: true)),
        ("-e K=V x", Options(environment: ["K=V"])),
        ("-eK=V x", Options(environment: ["K=V"])),
        ("-e=K=V x", Options(environment: ["K=V"])),
        ("-ite K=V x", Options(environment: ["K=V"], interactive: true, terminal: true)),
        ("-iteK=V x", Options(environment: ["K=V"], interactive: true, terminal: true)),
        ("--env K=V --env=A=B x", Options(environment: ["K=V", "A=B"])),
        ("--name a --name=b x", Options(name: "b")),
        ("--name= x", Options(name: "")),
        ("--name --rm x", Options(name: "--rm")),
        ("--rm=true x", Options(remove: true)),
        ("--rm --rm=false x", Options()),
        ("--rm=0 -t=T x", Options(terminal: true)),
        ("--limit=-5 x", Options(limit: -5)),
        ("--rm -- x", Options(remove: true)),
        ("--pull=false x", Options()),
    ])
    func reads(line: String, options: Options) throws {
        let result = try Self.parse(line)
        #expect(result.options == options)
        #expect(result.operands == ["x"])
    }

    @Test(arguments: [
        ("--bogus", "unknown flag: --bogus"),
        ("--bogus=1", "unknown flag: --bogus"),
        ("-Z", "unknown shorthand flag: 'Z' in -Z"),
        ("-itZ x", "unknown shorthand flag: 'Z' in -itZ"),
        ("--name", "flag needs an argument: --name"),
        ("-e", "flag needs an argument: 'e' in -e"),
        ("-ite", "flag needs an argument: 'e' in -ite"),
        (
            "--rm=maybe x",
            #"invalid argument "maybe" for "--rm" flag: strconv.ParseBool: parsing "maybe": invalid syntax"#
        ),
        (
            "--limit=abc",
            #"invalid argument "abc" for "--limit" flag: strconv.ParseInt: parsing "abc": invalid syntax"#
        ),
        (
            "--limit=99999999999999999999",
            #"invalid argument "99999999999999999999" for "--limit" flag: strconv.ParseInt: "#
                + #"parsing "99999999999999999999": value out of range"#
        ),
        ("--=x", "bad flag syntax: --=x"),
        ("---x", "bad flag syntax: ---x"),
        ("-p 80:80", "unsupported flag: --publish: not built into this version"),
        ("--pull x", "unsupported flag: --pull: not here"),
        ("--pull=true x", "unsupported flag: --pull: not here"),
    ])
    func refuses(line: String, message: String) {
        let error = #expect(throws: ArgumentError.self) { try Self.parse(line) }
        #expect(error?.description == message)
    }

    @Test func leavesWhatFollowsTheImageAlone() throws {
        #expect(try Self.parse("--rm x -e --bogus -- y").operands == ["x", "-e", "--bogus", "--", "y"])
        #expect(try Self.parse("-- --rm x").operands == ["--rm", "x"])
        #expect(try Self.parse("- x").operands == ["-", "x"])
    }

    @Test func takesFlagsAfterOperandsWhereNobodyElseOwnsThem() throws {
        let result = try Self.parse("a --rm b -- --name", stops: false)
        #expect(result.options == Options(remove: true))
        #expect(result.operands == ["a", "b", "--name"])
    }

    @Test func asksForHelp() throws {
        #expect(try Self.parse("--help").help)
        #expect(try Self.parse("-h").help)
        #expect(try Self.parse("x --help").help == false)
    }

    @Test func countsOperandsInDockersWords() {
        let exact = Usage("A B", 2...2, "")
        #expect(exact.complaint("socle tag", about: 1) == "\"socle tag\" requires exactly 2 arguments.")
        #expect(exact.complaint("socle tag", about: 2) == nil)
        let some = Usage("A...", 1...Usage.many, "")
        #expect(some.complaint("socle rm", about: 0) == "\"socle rm\" requires at least 1 argument.")
        let none = Usage("", 0...0, "")
        #expect(none.complaint("socle ps", about: 1) == "\"socle ps\" accepts no arguments.")
        let few = Usage("[A]", 0...1, "")
        #expect(few.complaint("socle images", about: 2) == "\"socle images\" requires at most 1 argument.")
        let range = Usage("A [B]", 1...2, "")
        #expect(range.complaint("socle import", about: 0) == "\"socle import\" requires at least 1 argument.")
    }
}

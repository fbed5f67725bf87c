import DockerfileSyntax
import Testing

@Suite struct WordExpanderTests {
    private static let variables = ["x": "value", "e": "", "p": "/usr/local/lib.tar.gz", "w": "a b  c", "q": "it's"]

    private static func expand(_ text: String, _ expander: WordExpander = WordExpander()) throws -> String {
        try expander.expand(text) { variables[$0] }.text
    }

    @Test(arguments: [
        ("plain", "plain"), ("$x", "value"), ("${x}y", "valuey"), ("a$x$x", "avaluevalue"), ("$xy", ""),
        ("$x-y", "value-y"), ("\\$x", "$x"), ("'$x'", "$x"), ("\"$x\"", "value"), ("\"\\$x \\\" \\n\"", "$x \" \\n"),
        ("a\\ b", "a b"), ("a\\", "a"), ("$", "$"), ("$.", "$."), ("$1$12$@$*$#$?$-$$$!", ""), ("'a'\"b\"c", "abc"),
        ("${u:-d}", "d"), ("${u-d}", "d"), ("${e:-d}", "d"), ("${e-d}", ""), ("${x:-d}", "value"),
        ("${u:+a}", ""), ("${u+a}", ""), ("${e:+a}", ""), ("${e+a}", "a"), ("${x:+a}", "a"), ("${x:?}", "value"),
        ("${u:-$x}", "value"), ("${u:-${v:-${x}}}", "value"), ("${u:-'a b'}", "a b"), ("${u:-\"$x\"}", "value"),
        ("${u:-a\\}b}", "a}b"), ("${u:-}", ""),
        ("${p#*/}", "usr/local/lib.tar.gz"), ("${p##*/}", "lib.tar.gz"), ("${p%.*}", "/usr/local/lib.tar"),
        ("${p%%.*}", "/usr/local/lib"), ("${p%/*/}", "/usr/local/lib.tar.gz"), ("${p#\\*}", "/usr/local/lib.tar.gz"),
        ("${p#????}", "/local/lib.tar.gz"), ("${p##*}", ""), ("${p#*}", "/usr/local/lib.tar.gz"),
        ("${p/l/L}", "/usr/Local/lib.tar.gz"), ("${p//l/L}", "/usr/LocaL/Lib.tar.gz"),
        ("${p//\\//}", "usrlocallib.tar.gz"),
        ("${p/t*r/T}", "/usr/local/lib.T.gz"), ("${p/l*/X}", "/usr/X"), ("${p//[/x}", "/usr/local/lib.tar.gz"),
        ("${x/${x}/new}", "new"), ("${x/a/$w}", "va b  clue"), ("${x/nothing/y}", "value"), ("${u/a/b}", ""),
        ("${x///-}", "-v-a-l-u-e-"), ("$q", "it's"), ("ünï${x}cödé", "ünïvaluecödé"), ("", ""),
    ])
    func expands(_ text: String, _ wanted: String) throws {
        #expect(try Self.expand(text) == wanted)
    }

    @Test(arguments: [
        ("${x", "syntax error: missing '}'"), ("${", "syntax error: missing '}'"),
        ("${x:-y", "syntax error: missing '}'"),
        ("${x:", "syntax error: missing '}'"), ("${}", "syntax error: bad substitution"),
        ("${:x}", "syntax error: bad substitution"), ("${{x}}", "syntax error: bad substitution"),
        ("${x=1}", "unsupported modifier (=) in substitution"),
        ("${x:=1}", "unsupported modifier (:=) in substitution"),
        ("${x:#p}", "unsupported modifier (:#) in substitution"),
        ("${x^^}", "unsupported modifier (^) in substitution"),
        ("${x:0:3}", "unsupported modifier (:0) in substitution"),
        ("${#x}", "unsupported modifier (x) in substitution"),
        ("'a", "unexpected end of statement while looking for matching single-quote"),
        ("\"a", "unexpected end of statement while looking for matching double-quote"),
        ("${u:?}", "u: is not allowed to be unset"), ("${u?}", "u: is not allowed to be unset"),
        ("${e:?}", "e: is not allowed to be empty"), ("${u:?say $x}", "u: say value"),
        ("${x/a}", "syntax error: missing '/' in ${}"), ("${x/a/b", "syntax error: missing '}'"),
        ("${x#\\a}", "invalid pattern (\\a) in substitution: invalid escape '\\a'"),
    ])
    func refuses(_ text: String, _ reason: String) {
        let error = #expect(throws: ExpansionError.self) { try Self.expand(text) }
        #expect(error?.description == "failed to process \(text.goQuoted): \(reason)")
    }

    @Test(arguments: [
        ("$w", ["a", "b", "c"]), ("\"$w\"", ["a b  c"]), ("x$w", ["xa", "b", "c"]), ("a b", ["a", "b"]),
        ("a\\ b", ["a b"]), ("''", []), ("1 \"2 3\" $e 4", ["1", "2 3", "4"]), ("${u:-1 2}", ["1", "2"]),
    ])
    func splitsWhatComesFromVariables(_ text: String, _ wanted: [String]) throws {
        #expect(try WordExpander().expand(text) { Self.variables[$0] }.words == wanted)
    }

    @Test func theEscapeCharacterIsTheFiles() throws {
        let expander = WordExpander(escape: "`")
        #expect(try Self.expand("`$x C:\\dir ``", expander) == "$x C:\\dir `")
        #expect(try Self.expand("\"`\" \\ `a\"", expander) == "\" \\ `a")
    }

    @Test func bodiesKeepQuotesAndOtherEscapes() throws {
        let text = "\"$x\" '$x' \\$x \\\\ \\n \"open"
        #expect(try Self.expand(text, .body()) == "\"value\" 'value' $x \\ \\n \"open")
    }

    @Test func unsetVariablesCanStay() throws {
        var expander = WordExpander()
        expander.keepsUnset = true
        expander.keepsQuotes = true
        expander.keepsEscapes = true
        let text = "$u ${u} ${u:-d} ${u%%a} \"$x\" '$u' \\$u ${u/a/b}"
        #expect(try Self.expand(text, expander) == "$u ${u} ${u:-d} ${u%%a} \"value\" '$u' \\$u ${u/a/b}")
    }

    @Test func saysWhatWasUsedAndWhatWasMissing() throws {
        let expansion = try WordExpander().expand("$x $u ${v:-d} ${y} ${e:+z} $u") { Self.variables[$0] }
        #expect(expansion.used == ["x", "e"])
        #expect(expansion.missing == ["u", "y"])
    }

    @Test func nothingGrowsWithoutBound() {
        let large = String(repeating: "a", count: 600_000)
        #expect(throws: ExpansionError.self) { try WordExpander().expand("$l$l") { _ in large } }
        let small = String(large.prefix(10_000))
        let long = "${l//a/" + String(repeating: "b", count: 200) + "}"
        #expect(throws: ExpansionError.self) { try WordExpander().expand(long) { _ in small } }
        let deep = String(repeating: "${u:-", count: 10_000) + String(repeating: "}", count: 10_000)
        #expect(throws: ExpansionError.self) { try WordExpander().expand(deep) { _ in nil } }
        let stars = "${l//" + String(repeating: "*a", count: 2000) + "b/x}"
        #expect(throws: ExpansionError.self) { try WordExpander().expand(stars) { _ in small } }
    }
}

import DockerfileFrontend
import Reporting
import Testing

/// Files for other frontends are told as such, not by what isn't Dockerfile in them.
@Suite struct OtherLanguageTests {
    @Test(arguments: [
        ("//syntax=example/frontend:1\nfoo\n", 1), ("#!/usr/bin/env x\n// syntax = example/frontend:1\n", 2),
        ("\u{FEFF}//Syntax=example/frontend:1 more\n", 1), (" {\"syntax\": \"example/frontend:1\", \"a\": [1]}", 1),
    ])
    func refuses(_ text: String, _ line: Int) {
        let refusal = OtherLanguage.refusal(of: Array(text.utf8), file: "Dockerfile")
        #expect(refusal?.message.hasPrefix("frontend \"example/frontend:1\" is not supported") == true)
        #expect(refusal?.ranges.first?.start.line == line)
    }

    @Test(arguments: [
        "", "FROM scratch\n", "//syntax=docker/dockerfile:1\n", "// a comment = x\n", "{\"a\": 1}", "{\"syntax\": 1}",
        "# syntax=example/frontend\n", "{",
    ])
    func leavesAlone(_ text: String) {
        #expect(OtherLanguage.refusal(of: Array(text.utf8), file: "Dockerfile") == nil)
    }
}

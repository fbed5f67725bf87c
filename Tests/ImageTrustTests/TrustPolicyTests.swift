import ImageTrust
import OCISpec
import SystemPackage
import Testing

@Suite struct TrustPolicyTests {
    private func policy(_ rules: String) throws -> TrustPolicy {
        try TrustPolicy(parsing: Array("{\"version\": 1, \"rules\": [\(rules)]}".utf8), file: "t.json")
    }

    private func decision(_ policy: TrustPolicy, _ name: String) throws -> String? {
        policy.rule(for: try ImageReference(name).withDefaultTag)?.pattern.text
    }

    @Test func theClosestRuleDecides() throws {
        let policy = try policy(
            """
            {"match": "*", "require": "reject"}, {"match": "*.example.com/*", "require": "accept"},
            {"match": "a.example.com/*", "require": "reject"}, {"match": "a.example.com/team/*", "require": "accept"},
            {"match": "a.example.com/team/app", "require": "reject"}, {"match": "debian:12", "require": "accept"},
            {"match": "library/*", "require": "accept"}, {"match": "docker.io/*", "require": "reject"},
            {"match": "a.example.com/team/deep/*", "require": "reject"}
            """
        )
        #expect(try decision(policy, "quay.io/x/y") == "*")
        #expect(try decision(policy, "b.example.com/x") == "*.example.com/*")
        #expect(try decision(policy, "example.com/x") == "*")
        #expect(try decision(policy, "notexample.com/x") == "*")
        #expect(try decision(policy, "a.example.com/x") == "a.example.com/*")
        #expect(try decision(policy, "a.example.com/team/x") == "a.example.com/team/*")
        #expect(try decision(policy, "a.example.com/team/deep/x") == "a.example.com/team/deep/*")
        #expect(try decision(policy, "a.example.com/teams/x") == "a.example.com/*")
        #expect(try decision(policy, "a.example.com/team/app:9") == "a.example.com/team/app")
        #expect(try decision(policy, "debian:12") == "debian:12")
        #expect(try decision(policy, "debian") == "library/*")
        #expect(try decision(policy, "user/x") == "docker.io/*")
        #expect(try decision(policy, "index.docker.io/user/x") == "docker.io/*")
    }

    @Test func portsBelongToRegistries() throws {
        let policy = try policy("{\"match\": \"localhost:5000/*\", \"require\": \"reject\"}")
        #expect(try decision(policy, "localhost:5000/a/b:1") == "localhost:5000/*")
        #expect(try decision(policy, "localhost:5001/a/b:1") == nil)
        #expect(try decision(policy, "localhost/a") == nil)
    }

    @Test(arguments: ["", "*/x", "a*", "x/*y", "a/*/b", "*.com", "X/*", "a@sha256:\(String(repeating: "0", count: 64))"])
    func patternsThatSayNothing(_ text: String) { #expect(throws: TrustError.self) { try TrustPattern(text) } }

    @Test(arguments: [
        ("{}", "\"match\" must be a pattern"),
        ("{\"match\": \"a\"}", "\"require\" must be"),
        ("{\"match\": \"a\", \"require\": \"reject\", \"key\": 1}", "rules[0]: unknown member \"key\""),
        ("{\"match\": \"a\", \"require\": \"reject\", \"keys\": [\"a\"]}", "\"keys\" has no meaning here"),
        ("{\"match\": \"a\", \"require\": \"signature\"}", "\"keys\" must be a list with at least one member"),
        ("{\"match\": \"a\", \"require\": \"signature\", \"keys\": []}", "\"keys\" must be a list"),
        ("{\"match\": \"a\", \"require\": \"digest\", \"digests\": [\"sha256:1\"]}", "invalid digest"),
        ("{\"match\": \"a\", \"require\": \"accept\"}, {\"match\": \"docker.io/library/a\", \"require\": \"reject\"}",
            "there is another rule"),
        ("{\"match\": \"a\", \"match\": \"b\", \"require\": \"accept\"}", "invalid JSON"),
        ("{\"match\": \"a\", \"require\": \"signature\", \"keys\": [\"k\"], \"identity\": \"A\"}", "\"identity\" must be"),
    ])
    func policiesThatAreWrong(_ rules: String, _ words: String) {
        let error = #expect(throws: TrustError.self) { try policy(rules) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.description.hasPrefix("trust policy t.json: ") == true)
    }

    @Test func otherVersionsAreRefused() {
        for text in ["{\"version\": 2, \"rules\": []}", "{\"rules\": []}", "[]", "", "{\"version\": 1}"] {
            #expect(throws: TrustError.self) { try TrustPolicy(parsing: Array(text.utf8), file: "t") }
        }
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        var policy = try policy("{\"match\": \"a\", \"require\": \"accept\"}")
        let digest = Digest.of([1])
        policy.set(.init(try TrustPattern("library/a"), .reject))
        policy.set(.init(try TrustPattern("b/*"), .digests([digest])))
        let identity = try ImageReference("quay.io/x")
        policy.set(.init(try TrustPattern("*"), .signature(.init(keys: ["k.pub"], identity: identity))))
        #expect(policy.rules.count == 3)
        #expect(policy.rules[0].requirement == .reject)
        let read = try TrustPolicy(parsing: Array(policy.json.serialized(indent: 2).utf8), file: "t.json")
        #expect(read == policy)
        #expect(policy.remove(try TrustPattern("docker.io/b/*")))
        #expect(!policy.remove(try TrustPattern("c")))
    }

    @Test func placesByTheEnvironment() {
        func own(_ variables: [String: String]) -> String? {
            TrustPolicyFiles { variables[$0] }.own?.string
        }
        #expect(own(["SOCLE_TRUST": "/t", "HOME": "/h"]) == "/t")
        #expect(own(["XDG_CONFIG_HOME": "/x", "HOME": "/h"]) == "/x/socle/trust.json")
        #expect(own(["HOME": "/h", "XDG_CONFIG_HOME": ""]) == "/h/.config/socle/trust.json")
        #expect(own([:]) == nil)
    }
}

import BuildOperations
import Testing

@testable import SocleCommands

/// The little grammars of a build's flags about RUN.
@Suite struct BuildRunGrammarTests {
    @Test func secrets() throws {
        let plain = try SecretArgument(argument: "id=a,src=b")
        #expect((plain.id, plain.file, plain.variable) == ("a", "b", nil))
        let quoted = try SecretArgument(argument: "id=a,\"src=b,c\"")
        #expect(quoted.file == "b,c")
        let variable = try SecretArgument(argument: "type=env,id=a,source=B")
        #expect((variable.file, variable.variable) == (nil, "B"))
        for wrong in ["", "id", "src=x", "id=a,type=x", "id=a,foo=bar", "id=a,\"src=b"] {
            #expect(throws: ArgumentError.self, "\(wrong)") { try SecretArgument(argument: wrong) }
        }
    }

    @Test func agents() throws {
        #expect(try AgentArgument(argument: "default").id == "default")
        #expect(try AgentArgument(argument: "default").paths == [])
        #expect(try AgentArgument(argument: "=sock").id == "default")
        let two = try AgentArgument(argument: "x=a,b")
        #expect((two.id, two.paths) == ("x", ["a", "b"]))
    }

    @Test func hosts() throws {
        #expect(try BuildHostArgument(argument: "a:1.2.3.4").entries == ["a:1.2.3.4"])
        #expect(try BuildHostArgument(argument: "a=1.2.3.4,[::1]").entries == ["a:1.2.3.4", "a:::1"])
        #expect(try BuildHostArgument(argument: "a:host-gateway").entries == ["a:host-gateway"])
        for wrong in ["a", ":1.2.3.4", "a:", "a=1.2.3.4,", "a:b", "a\nb:1.2.3.4", "a=[1.2.3.4"] {
            #expect(throws: ArgumentError.self, "\(wrong)") { try BuildHostArgument(argument: wrong) }
        }
    }

    @Test func entitlements() throws {
        #expect(try EntitlementArgument(argument: "network.host").value == .hostNetwork)
        #expect(try EntitlementArgument(argument: "security.insecure").value == .insecure)
        #expect(throws: ArgumentError.self) { try EntitlementArgument(argument: "device") }
    }
}

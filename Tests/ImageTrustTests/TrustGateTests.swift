import ImageTrust
import OCISpec
import SocleTesting
import Testing

@Suite struct TrustGateTests {
    /// A folder a case: `policy.json`, `names.txt`, and what is decided about each name, or what is wrong with the policy.
    @Test(arguments: Golden.cases("trust/policies")) func decisions(_ name: String) throws {
        let folder = "trust/policies/\(name)"
        let bytes = try #require(try Golden.bytes("\(folder)/policy.json"))
        var lines: [String] = []
        do {
            let policy = try TrustPolicy(parsing: bytes, file: "policy.json")
            for name in try #require(try Golden.text("\(folder)/names.txt")).split(separator: "\n") {
                let candidate = TrustCandidate(try ImageReference(String(name)), digest: .of([]))
                do {
                    let admission = try TrustGate(policies: [policy]).admit(candidate, signatures: NoSignatures())[0]
                    lines.append("\(name): \(admission.rule?.pattern.text ?? "no rule")")
                } catch { lines.append("\(name): \(error)") }
            }
        } catch { lines.append("\(error)") }
        try Golden.expect(lines.joined(separator: "\n") + "\n", "\(folder)/decisions.txt")
    }

    @Test func everyPolicyHasToAgree() throws {
        func policy(_ rules: [(String, TrustPolicy.Requirement)]) throws -> TrustPolicy {
            TrustPolicy(file: "f", rules: try rules.map { .init(try TrustPattern($0), $1) })
        }
        let machine = try policy([("evil.io/*", .reject)])
        let own = try policy([("*", .accept), ("good.io/*", .reject)])
        let gate = TrustGate(policies: [machine, own])
        for (name, isIn) in [("evil.io/x", false), ("good.io/x", false), ("x", true)] {
            let candidate = TrustCandidate(try ImageReference(name), digest: .of([]))
            let isAdmitted = (try? gate.admit(candidate, signatures: NoSignatures())) != nil
            #expect(isAdmitted == isIn, "\(name)")
        }
        #expect(throws: TrustError.self) { try gate.requireNotRejected(ImageReference("evil.io/x")) }
    }

    @Test func whatHasNoNameIsForTheRuleForAll() throws {
        func gate(_ requirement: TrustPolicy.Requirement) throws -> TrustGate {
            TrustGate(policies: [TrustPolicy(file: "f", rules: [.init(try TrustPattern("*"), requirement)])])
        }
        #expect(throws: Never.self) { try gate(.accept).admitNameless([.of([])]) }
        #expect(throws: Never.self) { try gate(.digests([.of([])])).admitNameless([.of([1]), .of([])]) }
        #expect(throws: TrustError.self) { try gate(.digests([.of([2])])).admitNameless([.of([])]) }
        #expect(throws: TrustError.self) { try gate(.reject).admitNameless([.of([])]) }
        #expect(throws: TrustError.self) { try gate(.signature(.init(keys: ["k"]))).admitNameless([.of([])]) }
        #expect(throws: Never.self) { try TrustGate(policies: []).admitNameless([]) }
    }

    @Test func aKeyThatIsMissingRefuses() throws {
        let rule = TrustPolicy.Rule(try TrustPattern("*"), .signature(.init(keys: ["nowhere.pub"])))
        let gate = TrustGate(policies: [TrustPolicy(file: "/nonexistent/t.json", rules: [rule])])
        let candidate = TrustCandidate(try ImageReference("x"), digest: .of([]))
        let error = #expect(throws: TrustError.self) { try gate.admit(candidate, signatures: NoSignatures()) }
        #expect(error?.description.hasPrefix("key /nonexistent/nowhere.pub: ") == true)
    }
}

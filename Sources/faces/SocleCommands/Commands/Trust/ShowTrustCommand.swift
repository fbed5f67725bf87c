import ImageTrust
import OCISpec
import Reporting

/// `socle image trust show`: the rules, or those that decide about an image.
struct ShowTrustCommand: Command {
    static let usage = Usage("[NAME[:TAG|@DIGEST]]", 0...1, "Show the rules about which images are let in")
    static var flags: [Flag<Self>] {
        Flag.value("format", \.format, "Format output: 'table', 'table TEMPLATE', 'json' or a Go template")
    }
    static let headers = ["Pattern": "PATTERN", "Require": "REQUIRE", "Detail": "DETAIL", "File": "FILE"]
    var operands: [String] = []
    var format: String?

    func run(in session: Session) throws -> ExitCode {
        let listing = try Listing(
            format,
            standard: "table {{.Pattern}}\t{{.Require}}\t{{.Detail}}\t{{.File}}",
            Self.headers
        )
        let policies = try TrustPolicyFiles(environment: Terminal.environment).read()
        let name = try operands.first.map { text throws(ReferenceError) in try ImageReference(text).withDefaultTag }
        let rows = policies.flatMap { policy in
            let rules = name.map { policy.rule(for: $0).map { [$0] } ?? [] } ?? policy.rules
            return rules.map { row($0, policy) }
        }
        session.output.write(try listing.text(rows))
        return .success
    }

    private func row(_ rule: TrustPolicy.Rule, _ policy: TrustPolicy) -> TemplateRow {
        let (require, detail) =
            switch rule.requirement {
            case .accept: ("accept", "")
            case .reject: ("reject", "")
            case .digests(let digests): ("digest", digests.map(\.description).joined(separator: ","))
            case .signature(let wanted):
                (
                    "signature",
                    wanted.keys.map { $0.hasPrefix("-----BEGIN ") ? "(inline key)" : $0 }.joined(separator: ",")
                        + (wanted.identity.map { " as \($0.familiar)" } ?? "")
                )
            }
        return TemplateRow(
            typeName: "*trust.Rule",
            fields: [
                "Pattern": rule.pattern.text, "Require": require, "Detail": ShownText.line(detail),
                "File": policy.file,
            ]
        )
    }
}

import OCISpec
import Reporting
import Testing

@testable import RegistryService

struct AccessTests {
    /// `secret`, digested by bcrypt.
    private static let digest = "$2y$05$HKtl0pAwjHn57hIyC2Cc2ubdcoSGANoH63A2fNsW.RX3zy0k5Lyfu"

    private func refusal(_ authorization: BasicAuthorization, _ header: String?) -> RegistryRefusal? {
        let fields = header.map { [HeaderField("Authorization", $0)] } ?? []
        return authorization.refusal(of: RegistryRequest(method: "GET", target: "/v2/", headers: fields))
    }

    private func basic(_ text: String) -> String { "Basic " + Base64.text(Array(text.utf8)) }

    @Test func whoHasThePasswordComesIn() throws {
        let file = try PasswordFile("# people\n\ntester:\(Self.digest)\r\n", path: "passwords")
        let authorization = BasicAuthorization(file)
        for _ in 0..<2 { #expect(refusal(authorization, basic("tester:secret")) == nil) }
        let wrong = [
            nil, "", "Basic", "Basic !", basic("tester"), basic("tester:"), basic("tester:secret2"),
            basic("tester:secret\0"),
            basic("other:secret"), basic(":secret"), "Bearer " + Base64.text(Array("tester:secret".utf8)),
            basic("tester:" + String(repeating: "a", count: 100_000)),
        ]
        for header in wrong {
            let found = refusal(authorization, header)
            let refusal = try #require(found, "\(header?.prefix(40) ?? "none")")
            #expect(refusal.status == 401 && refusal.code == .unauthorized)
            #expect(refusal.headers.contains { $0.name == "WWW-Authenticate" && $0.value.hasPrefix("Basic realm=") })
            #expect(!refusal.message.contains("secret"))
        }
    }

    @Test func entriesThatCannotBeComparedAreNamed() {
        for text in [
            "tester", "tester:secret", ":\(Self.digest)", "tester:$apr1$abc$def", "tester:{SHA}abc", "", "tester:$9$x",
        ] {
            #expect(throws: PlainFailure.self, "\(text)") { try PasswordFile(text, path: "passwords") }
        }
    }
}

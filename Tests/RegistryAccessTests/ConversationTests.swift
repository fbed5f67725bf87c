import ByteStreams
import LinuxSystem
import OCISpec
import Reporting
import Testing

@testable import RegistryAccess

/// What is said to registries, and what is made of their answers.
@Suite struct ConversationTests {
    private static let manifest = #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}"#
    private static let type = ("Content-Type", "application/vnd.oci.image.manifest.v1+json")
    private var digest: Digest { .of(Array(Self.manifest.utf8)) }

    // MARK: - Who asks

    private static let challenge = (
        "WWW-Authenticate",
        #"Bearer realm="https://auth.test/token",service="registry.test",scope="repository:team/app:pull""#
    )

    @Test func aTokenIsFetchedOnceAndSentToItsRegistryOnly() throws {
        let registry = ScriptedRegistry { asked, _ in
            if asked.url.hasPrefix("https://auth.test/") { return .init(200, [], #"{"token":"T"}"#) }
            return asked.header("Authorization") == "Bearer T" ? .init(200, [Self.type], Self.manifest) : .init(401, [Self.challenge])
        }
        let repository = try registry.repository(credentials: KnownCredential(credential: .password(user: "u", secret: "p")))
        _ = try repository.manifest(.tag("1"))
        _ = try repository.manifest(.digest(digest))
        #expect(registry.lines.count { $0.contains("auth.test") } == 1)
        let question = try #require(registry.asked.first { $0.url.contains("auth.test") })
        #expect(question.url.contains("service=registry.test") && question.url.contains("repository%3Ateam%2Fapp%3Apull"))
        #expect(question.header("Authorization") == "Basic dTpw")
        // The password went to nobody else.
        #expect(registry.asked.filter { !$0.url.contains("auth.test") }.allSatisfy { $0.header("Authorization") != "Basic dTpw" })
    }

    @Test func aRedirectToAnotherServerHearsNothingSecret() throws {
        let registry = ScriptedRegistry { asked, _ in
            if asked.url.hasPrefix("https://elsewhere.test/") { return .init(200, [], "12345") }
            if asked.header("Authorization") == nil { return .init(401, [("WWW-Authenticate", "Basic realm=\"x\"")]) }
            return .init(307, [("Location", "https://elsewhere.test/blob?signature=x")])
        }
        let repository = try registry.repository(credentials: KnownCredential(credential: .password(user: "u", secret: "p")))
        let blob = Descriptor(of: Array("12345".utf8), mediaType: .ociLayer)
        #expect(try repository.blob(blob).readAll(limit: 10) == Array("12345".utf8))
        let away = registry.asked.filter { $0.url.hasPrefix("https://elsewhere.test/") }
        #expect(away.count == 1 && away[0].header("Authorization") == nil)
    }

    @Test(arguments: ["http://elsewhere.test/x", "ftp://elsewhere.test/x", "https://u:p@elsewhere.test/x"])
    func redirectsThatAreNotFollowed(_ location: String) throws {
        let registry = ScriptedRegistry { _, _ in .init(307, [("Location", location)]) }
        #expect(throws: (any Error).self) { _ = try registry.repository().manifest(.tag("1")) }
        #expect(registry.lines.allSatisfy { $0.contains("https://registry.test/") })
    }

    @Test func endlessRedirectsEnd() throws {
        let registry = ScriptedRegistry { asked, _ in .init(307, [("Location", asked.url + "x")]) }
        #expect(throws: RegistryError.self) { _ = try registry.repository().manifest(.tag("1")) }
        #expect(registry.asked.count < 100)
    }

    // MARK: - What may pass

    @Test func whatMayPassIsTriedAgainWithLongerPauses() throws {
        let registry = ScriptedRegistry { _, count in count < 3 ? .init(503) : .init(200, [Self.type], Self.manifest) }
        #expect(try registry.repository().manifest(.tag("1")).descriptor.digest == digest)
        #expect(registry.pauses.update { $0 } == [200, 400, 800])
    }

    @Test func aServerThatWantsTimeGetsItUpToAPoint() throws {
        let patient = ScriptedRegistry { _, count in count == 0 ? .init(429, [("Retry-After", "7")]) : .init(200, [Self.type], Self.manifest) }
        _ = try patient.repository().manifest(.tag("1"))
        #expect(patient.pauses.update { $0 } == [7_000])
        let long = ScriptedRegistry { _, _ in .init(429, [("Retry-After", "3600")]) }
        let error = #expect(throws: RegistryError.self) { _ = try long.repository().manifest(.tag("1")) }
        #expect(long.asked.count == 1)
        #expect(error?.hint?.isEmpty == false, "it says when to come again")
    }

    @Test(arguments: [400, 403, 404, 405, 418]) func whatStaysIsNotTriedAgain(_ status: Int) throws {
        let registry = ScriptedRegistry { _, _ in .init(status) }
        #expect(throws: RegistryError.self) { _ = try registry.repository().manifest(.tag("1")) }
        #expect(registry.asked.count == 1)
    }

    // MARK: - Documents

    @Test(arguments: [
        (#"{"schemaVersion":1}"#, "application/vnd.docker.distribution.manifest.v1+prettyjws", "schema 1"),
        ("{}", "text/html", "unknown type"), ("other", "application/vnd.oci.image.manifest.v1+json", "digest"),
    ])
    func manifestsThatAreRefused(body: String, type: String, words: String) throws {
        let registry = ScriptedRegistry { _, _ in .init(200, [("Content-Type", type)], body) }
        let error = #expect(throws: RegistryError.self) { _ = try registry.repository().manifest(.digest(digest)) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test func anEndlessManifestEnds() throws {
        let registry = ScriptedRegistry { _, _ in .init(200, [Self.type], String(repeating: " ", count: 5 << 20)) }
        #expect(throws: RegistryError.self) { _ = try registry.repository().manifest(.tag("1")) }
    }

    @Test func listsComeInPages() throws {
        let registry = ScriptedRegistry { asked, _ in
            if asked.url.hasSuffix("?last=b") { return .init(200, [], #"{"tags":["c"]}"#) }
            return .init(200, [("Link", #"</v2/team/app/tags/list?last=b>; rel="next""#)], #"{"tags":["a","b"]}"#)
        }
        #expect(try registry.repository().tags() == ["a", "b", "c"])
        let endless = ScriptedRegistry { asked, _ in .init(200, [("Link", "<\(asked.url)x>; rel=\"next\"")], #"{"tags":[]}"#) }
        #expect(throws: RegistryError.self) { _ = try endless.repository().tags() }
    }

    @Test func referrersAreFoundByTheTagWhereTheRegistryCantTell() throws {
        let entry = #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\#(digest)","size":5,"artifactType":"a/b"}"#
        let index = #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[\#(entry)]}"#
        let tag = "sha256-\(digest.hex)"
        let registry = ScriptedRegistry { asked, _ in
            asked.url.hasSuffix("manifests/\(tag)") ? .init(200, [("Content-Type", MediaType.ociIndex.rawValue)], index) : .init(404)
        }
        #expect(try registry.repository().referrers(of: digest).map(\.digest) == [digest])
        #expect(try registry.repository().referrers(of: digest, artifactType: "c/d").isEmpty)
    }
}

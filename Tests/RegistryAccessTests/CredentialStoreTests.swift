import LinuxSystem
import OCISpec
import SocleTesting
import SystemPackage
import Testing

@testable import RegistryAccess

/// The file of credentials that docker, podman and skopeo share.
@Suite struct CredentialStoreTests {
    private func credential(_ text: String, _ name: String) throws -> Credential? {
        let root = try TemporaryRoot()
        let path = root("config.json")
        try FileTree.write(["config.json": .file(Array(text.utf8))], to: root.path)
        let reference = try ImageReference(name)
        return try CredentialStore(path: path).credential(for: reference.registry, repository: reference.repository)
    }

    private static let auth = "dGVzdGVyOnM6ZWNyZXQ="  // tester:s:ecret
    private static let password = Credential.password(user: "tester", secret: "s:ecret")

    @Test(arguments: [
        (#"{"auths": {"r.test": {"auth": "\#(auth)"}}}"#, "r.test/a", password),
        (#"{"auths": {"https://r.test/v2/": {"auth": "\#(auth)"}}}"#, "r.test/a", password),
        (#"{"auths": {"https://index.docker.io/v1/": {"auth": "\#(auth)"}}}"#, "debian", password),
        (#"{"auths": {"docker.io": {"auth": "\#(auth)"}}}"#, "docker.io/a/b", password),
        (#"{"auths": {"r.test": {"username": "tester", "password": "s:ecret"}}}"#, "r.test/a", password),
        (#"{"auths": {"r.test": {"identitytoken": "I", "auth": "\#(auth)"}}}"#, "r.test/a", .identityToken("I")),
        (#"{"auths": {"r.test": {"registrytoken": "R"}}}"#, "r.test/a", .registryToken("R")),
        // The most specific entry counts.
        (#"{"auths": {"r.test": {"identitytoken": "I"}, "r.test/a": {"auth": "\#(auth)"}}}"#, "r.test/a/b", password),
        (#"{"auths": {"r.test": {"identitytoken": "I"}, "r.test/a": {"auth": "\#(auth)"}}}"#, "r.test/c", .identityToken("I")),
        ("", "r.test/a", nil), ("  \n", "r.test/a", nil), ("{}", "r.test/a", nil),
        (#"{"auths": {"r.test": {}}}"#, "r.test/a", nil),
        // Another registry's are nobody else's business.
        (#"{"auths": {"r.test:443": {"auth": "\#(auth)"}, "https://r.test.evil/v2/": {"auth": "\#(auth)"}}}"#, "r.test/a", nil),
        (#"{"auths": {"https://r.test/v2/a": {"auth": "\#(auth)"}}}"#, "r.test/a", nil),
    ])
    func entries(_ text: String, _ name: String, _ wanted: Credential?) throws {
        #expect(try credential(text, name) == wanted)
    }

    @Test(arguments: [
        "{", "[]1", #"{"auths": {"r.test": {"auth": "!"}}}"#, #"{"auths": {"r.test": {"auth": "bm9jb2xvbg=="}}}"#,
    ]) func whatCantBeReadIsTold(_ text: String) {
        #expect(throws: RegistryError.self) { try credential(text, "r.test/a") }
    }

    @Test func whatElseIsInTheFileStays() throws {
        let root = try TemporaryRoot()
        let before = #"{"psFormat": "x", "auths": {"other.test": {"auth": "eDp5"}}, "z": [1, 2.50, null]}"#
        try FileTree.write(["real.json": .file(Array(before.utf8)), "config.json": .link("real.json")], to: root.path)
        let store = CredentialStore(path: root("config.json"))
        let host = RegistryHost("r.test")
        #expect(try !store.store(Self.password, for: host))
        #expect(try store.credential(for: host, repository: "r.test/a") == Self.password)
        #expect(try Directory.open(root.path).status("config.json")?.kind == .symbolicLink)
        let status = try Directory.open(root.path).status("real.json")
        #expect(status.map { $0.mode & 0o777 } == 0o600)
        #expect(try store.erase(host))
        #expect(try store.credential(for: host, repository: "r.test/a") == nil)
        #expect(try !store.erase(host))
        let file = try HostPath.openForReading(root("real.json"))
        let after = try JSONValue(parsing: DescriptorIO.readAll(file.raw, limit: 1000))
        #expect(after == (try JSONValue(parsing: Array(before.utf8))))
    }

    @Test func whereTheFileIs() {
        func path(_ variables: [String: String]) -> String { CredentialStore.standard { variables[$0] }.path.string }
        #expect(path(["HOME": "/h"]) == "/h/.docker/config.json")
        #expect(path(["HOME": "/h", "DOCKER_CONFIG": "/d"]) == "/d/config.json")
        #expect(path(["HOME": "/h", "DOCKER_CONFIG": "/d", "REGISTRY_AUTH_FILE": "/a/auth.json"]) == "/a/auth.json")
        #expect(path(["HOME": "/h", "DOCKER_CONFIG": "", "REGISTRY_AUTH_FILE": ""]) == "/h/.docker/config.json")
    }

    @Test func anIdentityTokenIsExchangedAndGoesNowhereElse() throws {
        let challenge = ("WWW-Authenticate", #"Bearer realm="https://auth.test/token",service="s""#)
        let registry = ScriptedRegistry { asked, _ in
            if asked.url == "https://auth.test/token" { return .init(200, [], #"{"access_token":"T"}"#) }
            return asked.header("Authorization") == "Bearer T" ? .init(200) : .init(401, [challenge])
        }
        let repository = try registry.repository(credentials: KnownCredential(credential: .identityToken("I+/=&")))
        #expect(try repository.hasBlob(.of([])))
        let exchange = try #require(registry.asked.first { $0.url.hasPrefix("https://auth.test/") })
        let fields = String(decoding: exchange.body, as: UTF8.self).split(separator: "&").map(String.init)
        #expect(exchange.method == .post)
        #expect(fields.contains("grant_type=refresh_token") && fields.contains("refresh_token=I%2B%2F%3D%26"), "\(fields)")
        #expect(fields.contains("scope=repository%3Ateam%2Fapp%3Apull%2Cpush") || fields.contains { $0.hasPrefix("scope=repository%3Ateam%2Fapp%3A") })
        #expect(registry.asked.allSatisfy { $0.url.hasPrefix("https://auth.test/") || !"\($0)".contains("I+/=") })
    }

    @Test func aTokenWithoutTLSIsNotAskedFor() throws {
        let challenge = ("WWW-Authenticate", #"Bearer realm="http://auth.test/token",service="s""#)
        let registry = ScriptedRegistry { _, _ in .init(401, [challenge]) }
        let repository = try registry.repository(credentials: KnownCredential(credential: Self.password))
        #expect(throws: RegistryError.self) { try repository.hasBlob(.of([])) }
        #expect(registry.asked.allSatisfy { !$0.url.contains("auth.test") })
    }
}

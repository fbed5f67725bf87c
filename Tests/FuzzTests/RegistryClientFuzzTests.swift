import ByteStreams
import OCISpec
import Reporting
import SocleTesting
import Testing

@testable import ImageManagement
@testable import RegistryAccess

/// What registries, settings and command lines say to a client, with damages: it is read or refused.
@Suite struct RegistryClientFuzzTests {
    @Test func challenges() {
        let seeds = [
            #"Bearer realm="https://auth.test/token",service="registry.test",scope="repository:a/b:pull,push""#,
            #"Basic realm="a \"quoted\" name", Bearer realm=plain"#, "Negotiate, NTLM", "",
        ].map { Array($0.utf8) }
        var mutator = SpecMutator(seed: 0x6368_616c)
        for _ in 0..<SpecMutator.iterations {
            let line = String(decoding: mutator.mutated(seeds), as: UTF8.self)
            for challenge in AuthChallenge.parse([line]) {
                #expect(challenge.scheme == challenge.scheme.lowercased())
                #expect(challenge.parameters.keys.allSatisfy { $0 == $0.lowercased() })
            }
        }
    }

    @Test func addresses() {
        let seeds = ["https://a.test:5000/v2/x?y=z#f", "http://[::1]/", "//h/p", "?q", "../a", "https://u:p@h/"].map { Array($0.utf8) }
        var mutator = SpecMutator(seed: 0x6164_6472)
        let here = WebAddress(scheme: "https", authority: "here.test", target: "/v2/a/b?c")
        for _ in 0..<SpecMutator.iterations {
            let text = String(decoding: mutator.mutated(seeds), as: UTF8.self)
            guard let address = here.resolving(text) else { continue }
            // Nothing but the web, and nobody's password.
            #expect(["http", "https"].contains(address.scheme) && !address.authority.contains("@"), "\(text)")
            #expect(address.target.hasPrefix("/"), "\(text)")
        }
    }

    @Test func places() {
        let digest = "sha256:" + String(repeating: "a", count: 64)
        let seeds = [
            "docker://h:5/a:1", "store:x", "oci:/p/q:name", "oci:p@\(digest)", "oci-archive:x.tar", "docker-archive:x:y:1",
            "docker-daemon:z",
        ].map { Array($0.utf8) }
        var mutator = SpecMutator(seed: 0x706c_6163)
        for _ in 0..<SpecMutator.iterations {
            let text = String(decoding: mutator.mutated(seeds), as: UTF8.self)
            guard let place = try? ImagePlace(text) else { continue }
            // What was read is written and read as the same: manifest lists keep places so.
            #expect((try? ImagePlace(place.description)) == place, "\(text)")
        }
    }
}

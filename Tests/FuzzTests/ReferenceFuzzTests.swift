import OCISpec
import Testing

/// Names, digests, platforms and times from outside: nothing may trap, and what is accepted must be sound.
@Suite struct ReferenceFuzzTests {
    private static let seeds = [
        "hello", "hello:latest", "docker.io/library/hello:1.0", "localhost:5000/a/b-c_d.e:tag_1.2-x",
        "[2001:db8::1]:443/x@sha256:" + String(repeating: "0123456789abcdef", count: 4),
        "user/app:v1@sha256:" + String(repeating: "f", count: 64), "sha256:" + String(repeating: "a", count: 64),
        "sha512:" + String(repeating: "b", count: 128), "FOO.example.com/bar",
        "a/" + String(repeating: "b", count: 253),
    ]

    @Test func referencesNeverTrapAndAlwaysRoundTrip() throws {
        var mutator = SpecMutator(seed: 0x5eed_0001)
        for _ in 0..<SpecMutator.iterations {
            let text = String(decoding: mutator.mutated(Self.seeds.map { Array($0.utf8) }), as: UTF8.self)
            guard let reference = try? ImageReference(text) else { continue }
            #expect(try ImageReference(reference.canonical) == reference)
            #expect(try ImageReference(reference.familiar) == reference)
            let name = reference.repository
            #expect(!name.contains("..") && !name.contains("//") && !name.hasPrefix("/"))
            #expect(name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f })
        }
    }

    @Test func digestsAreFileNamesOrNothing() {
        var mutator = SpecMutator(seed: 0x5eed_0002)
        for _ in 0..<SpecMutator.iterations {
            let text = String(decoding: mutator.mutated(Self.seeds.map { Array($0.utf8) }), as: UTF8.self)
            guard let digest = try? Digest(text) else { continue }
            #expect(digest.description == text)
            #expect(digest.hex.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) })
            #expect([64, 96, 128].contains(digest.hex.utf8.count))
        }
    }

    @Test func platformsAreNormalisedOnce() {
        let seeds = ["linux/amd64", "linux/arm/v7", "aarch64", "windows/x86_64", "linux/arm64/v8", "darwin"]
        var mutator = SpecMutator(seed: 0x5eed_0003)
        for _ in 0..<SpecMutator.iterations {
            let text = String(decoding: mutator.mutated(seeds.map { Array($0.utf8) }), as: UTF8.self)
            guard let platform = try? Platform(parsing: text) else { continue }
            let again = Platform(os: platform.os, architecture: platform.architecture, variant: platform.variant)
            #expect(again == platform)
        }
    }

    @Test func timesAreRead() {
        let seeds = ["2024-05-06T07:08:09.123456789Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59+23:59"]
        var mutator = SpecMutator(seed: 0x5eed_0004)
        for _ in 0..<SpecMutator.iterations {
            let text = String(decoding: mutator.mutated(seeds.map { Array($0.utf8) }), as: UTF8.self)
            guard let moment = try? Timestamp(text) else { continue }
            let again = Timestamp(epochSeconds: moment.seconds, nanoseconds: moment.nanoseconds)
            #expect(again == moment)
            #expect((try? Timestamp(again.text)) == moment)
            _ = moment.epochNanoseconds
        }
    }
}

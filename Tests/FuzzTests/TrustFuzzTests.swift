import ImageTrust
import OCISpec
import SocleTesting
import Testing

/// Policies, payloads of signatures and keys with damages: they are read or refused, and what was read is written and read as
/// the same.
@Suite struct TrustFuzzTests {
    @Test func policies() {
        let digest = "sha256:" + String(repeating: "a", count: 64)
        let seeds = [
            #"{"version":1,"rules":[{"match":"*","require":"reject"},{"match":"*.b.io/*","require":"accept"}]}"#,
            #"{"version":1,"rules":[{"match":"a:1","require":"digest","digests":["\#(digest)"]}]}"#,
            #"{"version":1,"rules":[{"match":"h:5/x/*","require":"signature","keys":["k"],"identity":"q.io/x"}]}"#,
        ].map { Array($0.utf8) }
        var mutator = SpecMutator(seed: 0x7472_7573)
        for _ in 0..<SpecMutator.iterations {
            do throws(TrustError) {
                let policy = try TrustPolicy(parsing: mutator.mutated(seeds), file: "f")
                let again = try TrustPolicy(parsing: Array(policy.json.serialized().utf8), file: "f")
                #expect(again == policy)
            } catch { #expect(error.description.hasPrefix("trust policy f: ")) }
        }
    }

    @Test func payloads() throws {
        let name = try ImageReference("r.io/a:1")
        let seeds = [SigningPayload(digest: .of([]), identity: name, creator: "c", timestamp: 1).bytes]
        var mutator = SpecMutator(seed: 0x7061_796c)
        for _ in 0..<SpecMutator.iterations {
            do throws(PayloadError) {
                let payload = try SigningPayload(parsing: mutator.mutated(seeds))
                #expect(try SigningPayload(parsing: payload.bytes) == payload)
            } catch { #expect(!error.description.isEmpty) }
        }
    }

    @Test func keys() {
        let pairs = KeyAlgorithm.allCases.map { SigningKey(generating: $0) }
        let seeds = pairs.flatMap { [Array($0.pem.utf8), Array($0.publicKey.pem.utf8)] }
        var mutator = SpecMutator(seed: 0x6b65_7973)
        for _ in 0..<SpecMutator.iterations {
            let text = String(decoding: mutator.mutated(seeds), as: UTF8.self)
            if let key = try? VerificationKey(pem: text, subject: "k") { #expect(!key.isValid([1, 2], of: [3])) }
            _ = try? SigningKey(pem: text, subject: "k")
        }
    }
}

import RegistryService
import Testing

/// Requests from outside: nothing may trap, and an address that is accepted names what can be a name.
@Suite struct RegistryFuzzTests {
    private static let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)

    private static let seeds = [
        "/v2/", "/v2/_catalog?n=10&last=a", "/v2/library/app/tags/list?n=2&last=x", "/v2/app/manifests/latest",
        "/v2/quay.io/a/b/manifests/\(digest)", "/v2/app/blobs/\(digest)", "/v2/app/blobs/uploads/?digest=\(digest)",
        "/v2/app/blobs/uploads/0123456789abcdef", "/v2/a/blobs/uploads/?mount=\(digest)&from=b%2Fc",
        "/v2/app/referrers/\(digest)?artifactType=application/x.y", "/v2/manifests/blobs/uploads/tags/list",
    ]

    @Test func addressesNeverTrap() {
        var mutator = SpecMutator(seed: 0x5eed_0021)
        for _ in 0..<SpecMutator.iterations {
            let target = String(decoding: mutator.mutated(Self.seeds.map { Array($0.utf8) }), as: UTF8.self)
            let request = RegistryRequest(method: "GET", target: target, headers: [HeaderField("Range", target)])
            _ = [request.parameter("n"), request.parameter("digest"), request.parameter("from")]
            guard let route = try? RegistryRoute(path: request.path) else { continue }
            switch route {
            case .tags(let name), .manifest(let name, _), .blob(let name, _), .uploads(let name),
                .referrers(let name, _):
                #expect(!name.text.contains("..") && !name.text.contains("//") && name.text.utf8.count <= 255)
                #expect(name.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !(65...90).contains($0) })
            case .upload, .base, .catalog: break
            }
        }
    }

    @Test func rangesStayWithinTheBlob() {
        let seeds = [
            "bytes=0-9", "bytes=5-", "bytes=-10", "bytes=0-1,5-6", "bytes 3-4/*", "0-99", "9223372036854775807-",
        ]
        var mutator = SpecMutator(seed: 0x5eed_0022)
        for _ in 0..<SpecMutator.iterations {
            let text = String(decoding: mutator.mutated(seeds.map { Array($0.utf8) }), as: UTF8.self)
            _ = try? ChunkRange(text)
            for size: Int64 in [0, 1, 100, .max] {
                guard case .part(let range) = RequestedRange(text, size: size) else { continue }
                #expect(range.lowerBound >= 0 && range.upperBound < size, "\(text)")
            }
        }
    }
}

import OCISpec
import SocleTesting
import Testing

/// Documents from outside: nothing may trap, run away or change when it is written and read again.
@Suite struct JSONFuzzTests {
    private static func seeds() -> [[UInt8]] {
        let golden = ["docker-import.json", "docker-import.reencoded.json", "full.json"].compactMap {
            try? Golden.bytes("config/\($0)")
        }
        let digest = "sha256:" + String(repeating: "a", count: 64)
        let descriptor = #"{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"\#(digest)","size":12}"#
        let manifest =
            #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":\#(descriptor),"#
            + #""layers":[\#(descriptor),\#(descriptor)],"annotations":{"a":"b"}}"#
        let index =
            #"{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"#
            + #""\#(digest)","size":3,"platform":{"os":"linux","architecture":"arm","variant":"v7"}}]}"#
        let numbers =
            #"[0,-0,1e5,-1.25E-7,9223372036854775807,-9223372036854775808,18446744073709551616,"\ud83d\ude00"]"#
        return golden + [manifest, index, numbers].map { Array($0.utf8) }
    }

    @Test func documentsAreReadOrRefused() throws {
        let seeds = Self.seeds()
        #expect(seeds.count == 6)
        var mutator = SpecMutator(seed: 0x5eed_0011)
        for _ in 0..<SpecMutator.iterations {
            let bytes = mutator.mutated(seeds)
            if let config = try? JSON.decode(ImageConfig.self, from: bytes) {
                #expect(try JSON.decode(ImageConfig.self, from: JSON.encode(config)) == config)
            }
            if let manifest = try? Document<ImageManifest>(bytes: bytes, mediaType: .ociManifest) {
                #expect(manifest.bytes == bytes)
                #expect(manifest.value.layers.allSatisfy { $0.size >= 0 })
                #expect((try? JSON.decode(ImageIndex.self, from: bytes)) == nil, "a manifest is not an index too")
            }
            if let index = try? JSON.decode(ImageIndex.self, from: bytes) {
                _ = index.manifest(for: .host)
                #expect(try JSON.decode(ImageIndex.self, from: JSON.encode(index)) == index)
            }
        }
    }

    @Test func valuesAreWrittenAsTheyWereRead() throws {
        let seeds = Self.seeds()
        var mutator = SpecMutator(seed: 0x5eed_0012)
        for _ in 0..<SpecMutator.iterations {
            guard let value = try? JSONValue(parsing: mutator.mutated(seeds)) else { continue }
            for text in [value.serialized(), value.serialized(indent: 4), value.serialized(escapingHTML: true)] {
                #expect(try JSONValue(parsing: Array(text.utf8)).serialized() == value.serialized())
            }
        }
    }

    @Test func deepAndLongDocumentsAreRefusedQuickly() {
        for piece in ["[", "{\"a\":", "[{\"a\":["] {
            let bytes = Array(String(repeating: piece, count: 200_000).utf8)
            #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
            #expect(throws: JSONError.self) { try JSON.decode(ImageConfig.self, from: bytes) }
        }
    }
}

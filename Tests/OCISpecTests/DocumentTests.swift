import OCISpec
import Reporting
import Testing

@Suite struct DocumentTests {
    private let digest = "sha256:" + String(repeating: "a", count: 64)

    private func manifest(_ more: String = "") -> [UInt8] {
        Array(
            """
            {"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\(digest)",\
            "size":2},"layers":[]\(more)}
            """.utf8
        )
    }

    @Test func dockersConfigIsKnownWhole() throws {
        let config = try JSON.decode(ImageConfig.self, from: GoldenFile.document("config/docker-import.json"))
        #expect(config.config?.cmd == ["sh"])
        #expect(config.config?.entrypoint == nil)
        #expect(config.config?.exposedPorts == ["80/tcp"])
        #expect(config.config?.volumes == ["/a"])
        #expect(config.config?.labels == ["a": "<b>&é\\", "c": "2"])
        #expect(config.config?.healthcheck?.interval == 3_000_000_000)
        #expect(config.history.map(\.comment) == ["msg"])
        #expect(config.platform == Platform(os: "linux", architecture: "amd64"))
        let again = try JSON.encode(config)
        let expected = try GoldenFile.document("config/docker-import.reencoded.json")
        #expect(String(decoding: again, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
    }

    @Test func everyKnownFieldSurvives() throws {
        let bytes = try GoldenFile.document("config/full.json")
        let again = try JSON.encode(try JSON.decode(ImageConfig.self, from: bytes))
        #expect(String(decoding: again, as: UTF8.self) == String(decoding: bytes, as: UTF8.self))
    }

    @Test func oldImagesMayHaveCommandsAsText() throws {
        let bytes = Array(#"{"Cmd":"sh","Entrypoint":null,"Env":null,"Volumes":null,"Labels":null}"#.utf8)
        let config = try JSON.decode(ContainerConfig.self, from: bytes)
        #expect(config.cmd == ["sh"])
        #expect(config.volumes.isEmpty && config.entrypoint == nil)
    }

    @Test func receivedBytesStayAsTheyAre() throws {
        let bytes = manifest(#","unknown": {"b":1,"a":2}"#)
        let document = try Document<ImageManifest>(bytes: bytes, mediaType: .ociManifest)
        #expect(document.bytes == bytes)
        #expect(document.descriptor.digest == .of(bytes))
        #expect(document.descriptor.size == Int64(bytes.count))
    }

    @Test func aDocumentThatCouldBeTwoIsRefused() throws {
        #expect(throws: JSONError.self) {
            try Document<ImageManifest>(bytes: manifest(#","manifests":[]"#), mediaType: .ociManifest)
        }
        #expect(throws: JSONError.self) { try Document<ImageIndex>(bytes: manifest(), mediaType: .ociIndex) }
        let typed = manifest(#","mediaType":"application/vnd.docker.distribution.manifest.v2+json""#)
        #expect(throws: Never.self) { try Document<ImageManifest>(bytes: typed, mediaType: .dockerManifest) }
        #expect(throws: JSONError.self) { try Document<ImageManifest>(bytes: typed, mediaType: .ociManifest) }
        let index = manifest(#","mediaType":"application/vnd.oci.image.index.v1+json""#)
        #expect(throws: JSONError.self) { try Document<ImageManifest>(bytes: index, mediaType: .ociManifest) }
    }

    @Test(arguments: [
        #"{"schemaVersion":1,"config":{},"layers":[]}"#, #"{"schemaVersion":2,"layers":[]}"#, "[]", "{", "",
        #"{"schemaVersion":2,"config":{"mediaType":"m","digest":"sha256:../x","size":1},"layers":[]}"#,
    ])
    func brokenManifestsAreRefused(_ text: String) {
        #expect(throws: JSONError.self) {
            try Document<ImageManifest>(bytes: Array(text.utf8), mediaType: .ociManifest)
        }
    }

    @Test func negativeSizesAreRefused() {
        let text = #"{"mediaType":"m","digest":"\#(digest)","size":-1}"#
        let error = #expect(throws: JSONError.self) { try JSON.decode(Descriptor.self, from: Array(text.utf8)) }
        #expect(error?.description == "invalid JSON: size: size -1 is negative")
    }

    @Test func ourDocumentsAreTheSameEachTime() throws {
        let config = Descriptor(of: Array("{}".utf8), mediaType: .ociConfig)
        let value = ImageManifest(config: config, layers: [config], annotations: ["b/c": "1", "a": "2"])
        let first = try Document(encoding: value, mediaType: .ociManifest)
        #expect(first.bytes == (try Document(encoding: value, mediaType: .ociManifest).bytes))
        #expect(
            String(decoding: first.bytes, as: UTF8.self).hasPrefix(#"{"annotations":{"a":"2","b/c":"1"},"config":"#)
        )
        #expect(try Document<ImageManifest>(bytes: first.bytes, mediaType: .ociManifest).value == value)
    }

    @Test func decodingHasLimits() {
        let deep = Array(repeating: UInt8(ascii: "["), count: 100_000)
        #expect(throws: JSONError.self) { try JSON.decode([String].self, from: deep) }
        #expect(throws: JSONError.self) { try JSON.decode([String].self, from: Array("[\"a\"]".utf8), limit: 3) }
    }

    @Test(arguments: [
        (MediaType.ociManifest, MediaType.Role.manifest, String?.none), (.dockerManifestList, .index, nil),
        (.dockerConfig, .config, nil), (.ociLayer, .layer, "none"), (.ociLayerZstd, .layer, "zstd"),
        (.dockerLayerGzip, .layer, "gzip"), (.dockerForeignLayer, .layer, "gzip"), (.ociEmpty, .other, nil),
        (MediaType(rawValue: "application/vnd.oci.image.layer.v1.tar+rar"), .other, nil),
    ])
    func mediaTypesHaveRoles(_ type: MediaType, _ role: MediaType.Role, _ compression: String?) {
        #expect(type.role == role)
        #expect(type.layerCompression == compression)
    }

    /// In JSON's words, not in Swift's.
    @Test(arguments: [
        ("{\"config\":{\"Env\":\"x\"}}", "config.Env: is not a list"), ("{\"config\":{\"User\":5}}", "config.User: is not a string"),
        ("{\"config\":5}", "config: is not an object"), ("{\"config\":{\"Tty\":5}}", "config.Tty: is not true or false"),
    ])
    func namesOfTypes(_ text: String, _ said: String) {
        let whole = text.dropLast() + ",\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}"
        let error = #expect(throws: JSONError.self) { try JSON.decode(ImageConfig.self, from: Array(whole.utf8)) }
        #expect(error?.description == "invalid JSON: " + said)
    }
}

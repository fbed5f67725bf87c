import ContentStorage
import ImageManagement
import LinuxSystem
import MetadataStorage
import OCISpec
import SocleTesting
import Testing

@testable import RegistryService

struct ManifestTests {
    private func tags(_ fixture: borrowing RegistryFixture, _ query: String = "", _ name: String = "app") -> [String]? {
        let answer = fixture.call("GET", "/v2/\(name)/tags/list\(query)")
        return (try? JSONValue(parsing: answer.bytes))?["tags"]?.elements?.compactMap(\.text)
    }

    @Test func imagesOfTheStoreAreServedByTheirNames() throws {
        let fixture = try RegistryFixture()
        let image = try fixture.importing("app:1")
        let manifest = image.manifest.descriptor
        for name in ["app", "library/app"] {
            for reference in ["1", manifest.digest.description] {
                let answer = fixture.call("GET", "/v2/\(name)/manifests/\(reference)", ["accept": "text/plain"])
                #expect(answer.status == 200 && answer.bytes == image.manifest.bytes)
                #expect(answer.header("content-type") == manifest.mediaType.rawValue)
                #expect(answer.header("docker-content-digest") == manifest.digest.description)
            }
        }
        for blob in [image.manifest.value.config] + image.manifest.value.layers {
            #expect(fixture.call("GET", "/v2/app/blobs/\(blob.digest)").length == blob.size)
            #expect(fixture.call("GET", "/v2/other/blobs/\(blob.digest)").status == 404)
        }
        #expect(fixture.call("GET", "/v2/other/manifests/\(manifest.digest)").code == "MANIFEST_UNKNOWN")
        #expect(fixture.call("GET", "/v2/app/manifests/2").code == "MANIFEST_UNKNOWN")
    }

    @Test func aPushedImageIsTheStores() throws {
        let fixture = try RegistryFixture()
        let other = try RegistryFixture()
        let image = try other.importing("x:1")
        for blob in [image.manifest.value.config] + image.manifest.value.layers {
            _ = try fixture.push(other.content.read(blob), to: "team/app")
        }
        #expect(fixture.put(image.manifest.bytes, as: "2", to: "team/app").status == 201)
        let listed = try fixture.images.list()
        #expect(listed.map(\.id) == [image.id] && listed[0].names.map(\.familiar) == ["team/app:2"])
        #expect(tags(fixture, "", "team/app") == ["2"])
        // It is held by the store's list, not by the upload any more.
        fixture.registry.close()
        Pause.milliseconds(20)
        try fixture.images.sweep()
        #expect(try fixture.images.resolve("team/app:2").id == image.id)
        // Without its name it is nobody's, and the registry doesn't have it any more.
        _ = try fixture.images.remove("team/app:2", force: false, noPrune: false, users: [])
        #expect(fixture.call("GET", "/v2/team/app/manifests/\(image.manifest.descriptor.digest)").status == 404)
        #expect(fixture.call("GET", "/v2/team/app/tags/list").code == "NAME_UNKNOWN")
        #expect(try fixture.content.all().isEmpty)
    }

    @Test func policiesHoldForWhatIsPushed() throws {
        let fixture = try RegistryFixture(rejecting: "docker.io/evil/*")
        let other = try RegistryFixture()
        let image = try other.importing("x:1")
        for name in ["evil/app", "good/app"] {
            for blob in [image.manifest.value.config] + image.manifest.value.layers {
                _ = try fixture.push(other.content.read(blob), to: name)
            }
        }
        let refused = fixture.put(image.manifest.bytes, as: "1", to: "evil/app")
        #expect(refused.status == 403 && refused.code == "DENIED", "\(refused.text)")
        #expect(fixture.call("GET", "/v2/evil/app/manifests/\(image.manifest.descriptor.digest)").status == 404)
        #expect(fixture.put(image.manifest.bytes, as: "1", to: "good/app").status == 201)
        #expect(try fixture.images.list().map { $0.names.map(\.familiar) } == [["good/app:1"]])
    }

    @Test func layersThatAreOthersMakeNoImage() throws {
        let fixture = try RegistryFixture()
        let other = try RegistryFixture()
        let image = try other.importing("x:1")
        // The config names the layer of zeros, and another one comes.
        let evil = [UInt8](repeating: 0, count: 2_048)
        _ = try fixture.push(image.config.bytes, to: "app")
        let layer = try fixture.push(evil, to: "app")
        let manifest = ImageManifest(
            config: image.config.descriptor,
            layers: [Descriptor(mediaType: .ociLayer, digest: layer, size: 2_048)]
        )
        #expect(try fixture.put(JSON.encode(manifest), as: "1", to: "app").status == 201)
        #expect(try fixture.images.list().isEmpty)
        #expect(try fixture.metadata.layers.all().isEmpty)
        #expect(tags(fixture) == ["1"])
    }

    @Test func artifactsStayUntilTheyAreDeleted() throws {
        let fixture = try RegistryFixture()
        let digest = try fixture.pushArtifact("1", to: "app")
        #expect(try fixture.images.list().isEmpty)
        fixture.registry.close()
        try fixture.images.sweep()
        Pause.milliseconds(20)
        _ = try fixture.content.sweep { try Retention(fixture.images).digests }
        let answer = fixture.call("GET", "/v2/app/manifests/1")
        #expect(answer.status == 200 && answer.header("docker-content-digest") == digest.description)
        let layer = try #require(try JSON.decode(ImageManifest.self, from: answer.bytes).layers.first)
        #expect(fixture.call("GET", "/v2/app/blobs/\(layer.digest)").status == 200)
        #expect(fixture.call("DELETE", "/v2/app/blobs/\(layer.digest)").status == 405)
        #expect(fixture.call("DELETE", "/v2/app/manifests/1").status == 202)
        #expect(fixture.call("GET", "/v2/app/manifests/1").status == 404)
        #expect(fixture.call("GET", "/v2/app/manifests/\(digest)").status == 200)
        #expect(tags(fixture) == [])
        #expect(fixture.call("DELETE", "/v2/app/manifests/\(digest)").status == 202)
        #expect(fixture.call("DELETE", "/v2/app/manifests/\(digest)").code == "MANIFEST_UNKNOWN")
        #expect(fixture.call("GET", "/v2/app/blobs/\(layer.digest)").status == 404)
        #expect(try fixture.content.sweep { try Retention(fixture.images).digests }.removed.count == 3)
    }

    @Test func namesOfTheStoreCanBeTakenAway() throws {
        let fixture = try RegistryFixture()
        let image = try fixture.importing("app:1")
        try fixture.images.tag(image, as: ImageReference("app:2"))
        try fixture.images.tag(image, as: ImageReference("other:1"))
        #expect(fixture.call("DELETE", "/v2/app/manifests/1").status == 202)
        #expect(tags(fixture) == ["2"])
        #expect(fixture.call("DELETE", "/v2/app/manifests/\(image.manifest.descriptor.digest)").status == 202)
        #expect(try fixture.images.list().first?.names.map(\.familiar) == ["other:1"])
    }

    @Test func aTagMovesBetweenImagesAndArtifacts() throws {
        let fixture = try RegistryFixture()
        let image = try fixture.importing("app:1")
        let digest = try fixture.pushArtifact("1", to: "app")
        #expect(fixture.call("GET", "/v2/app/manifests/1").header("docker-content-digest") == digest.description)
        #expect(try fixture.images.list().first?.names == [])
        try fixture.images.tag(image, as: ImageReference("app:1"))
        let now = fixture.call("GET", "/v2/app/manifests/1").header("docker-content-digest")
        #expect(now == image.manifest.descriptor.digest.description)
        #expect(tags(fixture) == ["1"])
    }

    @Test func whatIsMissingOrWrongIsRefused() throws {
        let fixture = try RegistryFixture()
        let config = try fixture.push(Array("{}".utf8), to: "app")
        func manifest(_ size: Int64, _ layers: [Descriptor]) throws -> [UInt8] {
            let type = MediaType(rawValue: "application/x.test")
            return try JSON.encode(
                ImageManifest(config: Descriptor(mediaType: type, digest: config, size: size), layers: layers)
            )
        }
        let absent = Descriptor(mediaType: .ociLayerGzip, digest: .of([9]), size: 1)
        var foreign = absent
        foreign.urls = ["https://example.com/layer"]
        let cases: [([UInt8], String, MediaType, Int, String?)] = [
            (try manifest(2, []), "1", .ociManifest, 201, nil),
            (try manifest(3, []), "1", .ociManifest, 400, "SIZE_INVALID"),
            (try manifest(2, [absent]), "1", .ociManifest, 404, "MANIFEST_BLOB_UNKNOWN"),
            (try manifest(2, [foreign]), "1", .ociManifest, 201, nil),
            (try manifest(2, []), "1", .dockerManifest, 400, "MANIFEST_INVALID"),
            (try manifest(2, []), "1", .ociIndex, 400, "MANIFEST_INVALID"),
            (try manifest(2, []), "1", .ociLayer, 400, "MANIFEST_INVALID"),
            (Array("{".utf8), "1", .ociManifest, 400, "MANIFEST_INVALID"),
            ([], "1", .ociManifest, 400, "MANIFEST_INVALID"),
            (try manifest(2, []), Digest.of([1]).description, .ociManifest, 400, "DIGEST_INVALID"),
            (try JSON.encode(ImageIndex(manifests: [absent])), "1", .ociIndex, 404, "MANIFEST_BLOB_UNKNOWN"),
            ([UInt8](repeating: 32, count: (4 << 20) + 1), "1", .ociManifest, 413, "SIZE_INVALID"),
        ]
        for (index, one) in cases.enumerated() {
            let answer = fixture.put(one.0, as: one.1, to: "app", type: one.2)
            #expect(answer.status == one.3 && answer.code == one.4, "case \(index): \(answer.status) \(answer.text)")
        }
        let length = String((4 << 20) + 1)
        #expect(fixture.call("PUT", "/v2/app/manifests/1", ["content-length": length]).status == 413)
        // A blob of another repository is none of this one's.
        #expect(try fixture.put(manifest(2, []), as: "1", to: "other").code == "MANIFEST_BLOB_UNKNOWN")
    }

    @Test func referrersAreListed() throws {
        let fixture = try RegistryFixture()
        let subject = Descriptor(mediaType: .ociManifest, digest: .of([7]), size: 7)
        let path = "/v2/app/referrers/\(subject.digest)"
        #expect(fixture.call("GET", path).text.contains("\"manifests\":[]"))
        let first = try fixture.pushArtifact("", to: "app", note: "a", type: "application/x.a", subject: subject)
        _ = try fixture.pushArtifact("b", to: "app", note: "b", type: "application/x.b", subject: subject)
        let all = fixture.call("GET", path)
        #expect(all.status == 200 && all.header("content-type") == MediaType.ociIndex.rawValue)
        #expect(try JSON.decode(ImageIndex.self, from: all.bytes).manifests.count == 2)
        let some = fixture.call("GET", path + "?artifactType=application/x.a")
        #expect(some.header("oci-filters-applied") == "artifactType")
        let entries = try JSON.decode(ImageIndex.self, from: some.bytes).manifests
        #expect(entries.map(\.digest) == [first] && entries[0].annotations == ["note": "a"])
        #expect(entries[0].artifactType == "application/x.a")
        #expect(fixture.call("GET", "/v2/app/referrers/latest").status == 400)
        #expect(fixture.call("DELETE", "/v2/app/manifests/\(first)").status == 202)
        #expect(try JSON.decode(ImageIndex.self, from: fixture.call("GET", path).bytes).manifests.count == 1)
    }

    @Test func listsComeInParts() throws {
        let fixture = try RegistryFixture()
        for tag in ["b", "A", "c", "a", "B"] { try fixture.pushArtifact(tag, to: "app") }
        #expect(tags(fixture) == ["A", "a", "B", "b", "c"])
        #expect(tags(fixture, "?n=2") == ["A", "a"])
        #expect(
            fixture.call("GET", "/v2/app/tags/list?n=2").header("link")
                == "</v2/app/tags/list?n=2&last=a>; rel=\"next\""
        )
        #expect(tags(fixture, "?n=2&last=a") == ["B", "b"])
        #expect(tags(fixture, "?n=2&last=b") == ["c"] && tags(fixture, "?n=0") == [])
        #expect(fixture.call("GET", "/v2/app/tags/list?n=2&last=b").header("link") == nil)
        #expect(fixture.call("GET", "/v2/app/tags/list?n=-1").code == "PAGINATION_NUMBER_INVALID")
        _ = try fixture.importing("quay.io/x/y:1")
        #expect(fixture.call("GET", "/v2/_catalog").text == "{\"repositories\":[\"app\",\"quay.io/x/y\"]}")
        #expect(fixture.call("GET", "/v2/_catalog?n=1").header("link") == "</v2/_catalog?n=1&last=app>; rel=\"next\"")
    }

    @Test func whatCanOnlyBeReadStays() throws {
        let fixture = try RegistryFixture(isReadOnly: true)
        _ = try fixture.importing("app:1")
        #expect(fixture.call("GET", "/v2/app/manifests/1").status == 200)
        for (method, path) in [("POST", "blobs/uploads/"), ("PUT", "manifests/2"), ("DELETE", "manifests/1")] {
            #expect(fixture.call(method, "/v2/app/\(path)").status == 405)
        }
        let wrong = fixture.call("POST", "/v2/app/tags/list")
        #expect(wrong.status == 405 && wrong.header("allow") == "GET, HEAD")
        #expect(fixture.call("TRACE", "/v2/").status == 405)
    }
}

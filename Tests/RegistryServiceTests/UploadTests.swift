import ContentStorage
import LinuxSystem
import MetadataStorage
import OCISpec
import Testing

@testable import RegistryService

struct UploadTests {
    private let bytes = (0..<5_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    private var digest: Digest { Digest.of(bytes) }

    private func expectBlob(_ fixture: borrowing RegistryFixture, _ name: String) {
        let answer = fixture.call("GET", "/v2/\(name)/blobs/\(digest)")
        #expect(answer.status == 200 && answer.bytes == bytes)
        #expect(answer.header("docker-content-digest") == digest.description)
        #expect(fixture.call("HEAD", "/v2/\(name)/blobs/\(digest)").length == 5_000)
    }

    @Test func inOneRequest() throws {
        let fixture = try RegistryFixture()
        let answer = fixture.call("POST", "/v2/app/blobs/uploads/?digest=\(digest)", body: bytes)
        #expect(answer.status == 201 && answer.header("location") == "/v2/app/blobs/\(digest)")
        expectBlob(fixture, "app")
        let wrong = fixture.call("POST", "/v2/app/blobs/uploads/?digest=\(digest)", body: [1])
        #expect(wrong.status == 400 && wrong.code == "DIGEST_INVALID")
        let sha512 = "sha512:" + String(repeating: "a", count: 128)
        #expect(fixture.call("POST", "/v2/app/blobs/uploads/?digest=\(sha512)", body: bytes).code == "DIGEST_INVALID")
        #expect(fixture.call("GET", "/v2/app/blobs/\(sha512)").status == 404)
    }

    @Test func inChunks() throws {
        let fixture = try RegistryFixture()
        let start = fixture.call("POST", "/v2/app/blobs/uploads/")
        let place = try #require(start.header("location"))
        #expect(start.status == 202 && start.header("range") == "0-0")
        let first = fixture.call("PATCH", place, ["content-range": "0-2999"], body: Array(bytes[..<3_000]))
        #expect(first.status == 202 && first.header("range") == "0-2999" && first.header("location") == place)
        // Not the next chunk: nothing changes, and who sent it is told where it goes on.
        for range in ["3001-4999", "0-2999"] {
            let outOfOrder = fixture.call("PATCH", place, ["content-range": range], body: Array(bytes[..<1_999]))
            #expect(outOfOrder.status == 416 && outOfOrder.header("range") == "0-2999")
        }
        #expect(fixture.call("PATCH", place, ["content-range": "x"], body: []).code == "BLOB_UPLOAD_INVALID")
        let state = fixture.call("GET", place)
        #expect(state.status == 204 && state.header("range") == "0-2999")
        let last = fixture.call(
            "PUT",
            "\(place)?digest=\(digest)",
            ["content-range": "3000-4999"],
            body: Array(bytes[3_000...])
        )
        #expect(last.status == 201, "\(last.text)")
        expectBlob(fixture, "app")
        #expect(fixture.call("GET", place).code == "BLOB_UPLOAD_UNKNOWN")
    }

    @Test func endsThatAreNone() throws {
        let fixture = try RegistryFixture()
        func begin() throws -> String {
            try #require(fixture.call("POST", "/v2/app/blobs/uploads/").header("location"))
        }
        var place = try begin()
        #expect(fixture.call("PUT", place, body: bytes).code == "DIGEST_INVALID")
        #expect(fixture.call("PUT", "\(place)?digest=sha256:12", body: bytes).code == "DIGEST_INVALID")
        let wrong = fixture.call("PUT", "\(place)?digest=\(Digest.of([]))", body: bytes)
        #expect(wrong.status == 400 && wrong.code == "DIGEST_INVALID")
        #expect(fixture.call("GET", place).status == 404)
        place = try begin()
        #expect(fixture.call("DELETE", place).status == 204)
        #expect(fixture.call("PATCH", place, body: bytes).code == "BLOB_UPLOAD_UNKNOWN")
        // An upload is its repository's.
        place = try begin()
        #expect(fixture.call("PATCH", place.replacing("/app/", with: "/other/"), body: bytes).status == 404)
        #expect(try fixture.content.all().isEmpty)
    }

    @Test func blobsAreTheirRepositorys() throws {
        let fixture = try RegistryFixture()
        _ = try fixture.push(bytes, to: "app")
        let elsewhere = fixture.call("GET", "/v2/other/blobs/\(digest)")
        #expect(elsewhere.status == 404 && elsewhere.code == "BLOB_UNKNOWN")
        let unknown = fixture.call("POST", "/v2/other/blobs/uploads/?mount=\(digest)&from=third")
        #expect(unknown.status == 202 && unknown.header("location")?.hasPrefix("/v2/other/blobs/uploads/") == true)
        #expect(fixture.call("POST", "/v2/other/blobs/uploads/?mount=\(digest)").status == 202)
        #expect(fixture.call("GET", "/v2/other/blobs/\(digest)").status == 404)
        let mounted = fixture.call("POST", "/v2/other/blobs/uploads/?mount=\(digest)&from=app")
        #expect(mounted.status == 201 && mounted.header("location") == "/v2/other/blobs/\(digest)")
        expectBlob(fixture, "other")
        // Other work of the store has blobs that no repository shows.
        let secret = try fixture.content.put([1, 2, 3])
        #expect(fixture.call("GET", "/v2/app/blobs/\(secret)").status == 404)
        #expect(fixture.call("DELETE", "/v2/other/blobs/\(digest)").status == 202)
        #expect(fixture.call("DELETE", "/v2/other/blobs/\(digest)").status == 404)
        expectBlob(fixture, "app")
    }

    @Test func partsOfBlobs() throws {
        let fixture = try RegistryFixture()
        _ = try fixture.push(bytes, to: "app")
        let part = fixture.call("GET", "/v2/app/blobs/\(digest)", ["range": "bytes=4990-"])
        #expect(part.status == 206 && part.header("content-range") == "bytes 4990-4999/5000")
        #expect(part.bytes == Array(bytes[4_990...]))
        let beyond = fixture.call("GET", "/v2/app/blobs/\(digest)", ["range": "bytes=5000-"])
        #expect(beyond.status == 416 && beyond.header("content-range") == "bytes */5000")
        #expect(fixture.call("GET", "/v2/app/blobs/\(digest)", ["if-none-match": "\"\(digest)\""]).status == 304)
    }

    @Test func whatIsPushedIsHeldUntilItsTimeIsOver() throws {
        let fixture = try RegistryFixture()
        _ = try fixture.push(bytes, to: "app")
        let place = try #require(fixture.call("POST", "/v2/app/blobs/uploads/").header("location"))
        Pause.milliseconds(20)  // a sweep leaves alone what came while it began
        #expect(try fixture.content.sweep { [] }.removed.isEmpty)
        fixture.registry.sweep()
        expectBlob(fixture, "app")
        #expect(fixture.call("GET", place).status == 204)
        fixture.registry.sweep(at: Timestamp.now.seconds + 7_200)
        #expect(fixture.call("GET", "/v2/app/blobs/\(digest)").status == 404)
        #expect(fixture.call("GET", place).status == 404)
        #expect(try fixture.metadata.leases.all().isEmpty)
        #expect(try fixture.content.sweep { [] }.removed == [digest])
    }

    @Test func uploadsAreBounded() throws {
        let fixture = try RegistryFixture()
        for _ in 0..<UploadTable.capacity { #expect(fixture.call("POST", "/v2/a/blobs/uploads/").status == 202) }
        let full = fixture.call("POST", "/v2/a/blobs/uploads/")
        #expect(full.status == 429 && full.code == "TOOMANYREQUESTS")
        fixture.registry.close()
        #expect(fixture.call("POST", "/v2/a/blobs/uploads/").status == 202)
        // One that is a single request leaves nothing when it breaks off.
        for _ in 0..<UploadTable.capacity * 2 {
            let request = RegistryRequest(method: "POST", target: "/v2/a/blobs/uploads/?digest=\(digest)")
            guard case .receive(let receiver) = fixture.registry.react(to: request) else {
                Issue.record("refused")
                return
            }
            try receiver.take(bytes.span)
            receiver.abandon()
        }
        #expect(try fixture.metadata.leases.all().count == 1)
    }
}

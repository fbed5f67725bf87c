import ByteStreams
import OCISpec
import Reporting
import Testing

@testable import RegistryAccess

/// Blobs on their way, with breaks.
@Suite struct TransferTests {
    private static let bytes = Array((0..<100).map { UInt8($0) })
    private let blob = Descriptor(of: TransferTests.bytes, mediaType: .ociLayer)

    private static func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func offset(_ asked: ScriptedRegistry.Asked) -> Int {
        asked.header("Range").flatMap { Int($0.dropFirst(6).dropLast()) } ?? 0
    }

    @Test func aDownloadGoesOnWhereItBroke() throws {
        let registry = ScriptedRegistry { asked, _ in
            let start = Self.offset(asked)
            var answer = ScriptedRegistry.Answer(start > 0 ? 206 : 200, [("Content-Range", "bytes \(start)-99/100")], Self.text(Self.bytes[start...]))
            answer.breaksAfter = start < 60 ? 30 : nil
            return answer
        }
        #expect(try registry.repository().blob(blob).readAll(limit: 200) == Self.bytes)
        #expect(registry.asked.map { $0.header("Range") ?? "" } == ["", "bytes=30-", "bytes=60-"])
        #expect(try registry.repository().blob(blob, from: 90).readAll(limit: 200) == Array(Self.bytes[90...]))
    }

    @Test func aServerWithoutRangesSendsItAgain() throws {
        let registry = ScriptedRegistry { _, count in
            var answer = ScriptedRegistry.Answer(200, [], Self.text(Self.bytes))
            answer.breaksAfter = count == 0 ? 40 : nil
            return answer
        }
        #expect(try registry.repository().blob(blob).readAll(limit: 200) == Self.bytes)
    }

    @Test func whoSendsMoreOrLessThanWasPromisedIsNotBelieved() throws {
        let long = ScriptedRegistry { _, _ in .init(200, [], Self.text(Self.bytes + [1])) }
        #expect(throws: StreamError.self) { _ = try long.repository().blob(blob).readAll(limit: 200) }
        let short = ScriptedRegistry { _, _ in .init(200, [], "abc") }
        #expect(throws: StreamError.self) { _ = try short.repository().blob(blob).readAll(limit: 200) }
        #expect(short.asked.count <= 12, "it isn't asked for ever")
        let astray = ScriptedRegistry { _, _ in .init(206, [("Content-Range", "bytes 50-99/100")], Self.text(Self.bytes[50...])) }
        #expect(throws: StreamError.self) { _ = try astray.repository().blob(blob, from: 10).readAll(limit: 200) }
    }

    @Test func anUploadIsOneRequestAfterTheFirst() throws {
        let registry = ScriptedRegistry { asked, _ in
            asked.method == .post ? .init(202, [("Location", "/v2/team/app/blobs/uploads/1?state=x")]) : .init(201)
        }
        let outcome = try registry.repository().upload(blob) { offset in MemorySource(Array(Self.bytes[Int(offset)...])) }
        #expect(outcome == .uploaded)
        #expect(registry.asked.map(\.method) == [.post, .put])
        let put = try #require(registry.asked.last)
        #expect(put.url.contains("state=x") && put.url.contains("digest=sha256%3A\(blob.digest.hex)"))
        #expect(put.body == Self.bytes)
    }

    @Test func whatAnotherRepositoryHasIsMounted() throws {
        let registry = ScriptedRegistry { _, _ in .init(201) }
        let outcome = try registry.repository().upload(blob, mountingFrom: "team/other") { _ in MemorySource([]) }
        #expect(outcome == .mounted)
        #expect(registry.asked.count == 1)
        #expect(registry.lines[0].hasSuffix("blobs/uploads/?mount=\(blob.digest)&from=team%2Fother"))
    }

    @Test func anUploadGoesOnWhereTheRegistryIs() throws {
        let place = "/v2/team/app/blobs/uploads/1"
        let registry = ScriptedRegistry { asked, count in
            switch asked.method {
            case .post: .init(202, [("Location", place)])
            case .get: .init(204, [("Location", place), ("Range", "0-39")])
            case .patch: .init(202, [("Location", place)])
            case .put where count == 0 && asked.body.count == 100: .init(503)
            default: .init(201)
            }
        }
        _ = try registry.repository().upload(blob) { offset in MemorySource(Array(Self.bytes[Int(offset)...])) }
        let patch = try #require(registry.asked.first { $0.method == .patch })
        #expect(patch.header("Content-Range") == "40-99")
        #expect(patch.body == Array(Self.bytes[40...]))
    }

    // MARK: - Uploads of what isn't known yet

    private static let place = "/v2/team/app/blobs/uploads/1"

    private static func pipe(_ bytes: [UInt8]) -> PrefixPipe {
        let pipe = PrefixPipe(capacity: 1000)
        pipe.offer(bytes.span)
        pipe.end()
        return pipe
    }

    private func finish(_ upload: OpenUpload) throws {
        try upload.finish(blob) { offset in MemorySource(Array(Self.bytes[Int(offset)...])) }
    }

    @Test func aBlobIsSentBeforeItsNameIsKnown() throws {
        let registry = ScriptedRegistry { asked, _ in
            asked.method == .put ? .init(201) : .init(202, [("Location", Self.place + "?at=\(asked.body.count)")])
        }
        var upload = try registry.repository().beginUpload()
        try upload.send(Self.pipe(Self.bytes))
        #expect(upload.count == 100)
        try finish(upload)
        #expect(registry.asked.map(\.method) == [.post, .patch, .put])
        #expect(registry.asked[1].body == Self.bytes)
        let put = registry.asked[2]
        #expect(put.url.contains("at=100&digest=sha256%3A\(blob.digest.hex)") && put.body.isEmpty)
    }

    @Test func theRestOfABlobFollows() throws {
        let registry = ScriptedRegistry { asked, _ in
            asked.method == .put ? .init(201) : .init(202, [("Location", Self.place)])
        }
        var upload = try registry.repository().beginUpload()
        try upload.send(Self.pipe(Array(Self.bytes[..<40])))
        #expect(upload.count == 40)
        try finish(upload)
        #expect(registry.asked.map(\.method) == [.post, .patch, .patch, .put])
        #expect(registry.asked[2].header("Content-Range") == "40-99")
        #expect(registry.asked[2].body == Array(Self.bytes[40...]))
    }

    @Test func aRegistryThatTakesNoUnknownLengthGetsAKnownOne() throws {
        let registry = ScriptedRegistry { asked, _ in
            switch asked.method {
            case .post: .init(202, [("Location", Self.place)])
            case .patch: .init(411)
            case .get: .init(404)
            default: .init(201)
            }
        }
        var upload = try registry.repository().beginUpload()
        try upload.send(Self.pipe(Self.bytes))
        #expect(upload.count == nil)
        try finish(upload)
        #expect(registry.asked.map(\.method) == [.post, .patch, .get, .post, .put])
        #expect(registry.asked.last?.body == Self.bytes)
    }

    @Test func whoMayNotWriteHearsItAtOnce() throws {
        let registry = ScriptedRegistry { asked, _ in
            asked.method == .post ? .init(202, [("Location", Self.place)]) : .init(403)
        }
        var upload = try registry.repository().beginUpload()
        #expect(throws: RegistryError.self) { try upload.send(Self.pipe(Self.bytes)) }
        upload.abandon()
        #expect(registry.asked.map(\.method) == [.post, .patch, .delete])
    }
}

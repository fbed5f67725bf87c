import ByteStreams
import LinuxSystem
import OCISpec
import SocleTesting
import Testing

@testable import ContentStorage

/// Blobs that come in several attempts.
@Suite struct PartialBlobTests {
    private let bytes = Array("what comes in two parts".utf8)
    private var blob: Descriptor { Descriptor(of: bytes, mediaType: .ociLayer) }

    private func partial(_ store: borrowing StoreRoot) throws -> PartialBlob {
        try #require(try store.content.partial(blob.digest) { false })
    }

    private func append(_ bytes: [UInt8], to partial: PartialBlob) throws { try partial.append(bytes.span) }

    @Test func theSecondAttemptGoesOnWhereTheFirstEnded() throws {
        let store = try StoreRoot()
        do {
            let first = try partial(store)
            #expect(first.lengthBefore == 0)
            try append(Array(bytes[..<9]), to: first)
            first.keep()
            // What a thread that is late still brings is not taken.
            #expect(throws: StreamError.self) { try append([1], to: first) }
        }
        let second = try partial(store)
        #expect(second.lengthBefore == 9)
        #expect(try second.bytesBefore().readAll(limit: 100) == Array(bytes[..<9]))
        try append(Array(bytes[9...]), to: second)
        #expect(second.count == blob.size && second.digest == blob.digest)
        try second.commit(expecting: blob)
        #expect(try store.content.read(blob) == bytes)
        #expect(try Directory.open(store.root("partial")).names().isEmpty)
    }

    @Test func nobodyElseFetchesTheSameMeanwhile() throws {
        let store = try StoreRoot()
        let first = try partial(store)
        var asked = 0
        let second = try store.content.partial(blob.digest) {
            asked += 1
            return asked < 3
        }
        #expect(second == nil && asked == 3)
        #expect(try store.content.partial(.of([])) { false } != nil, "another blob is another matter")
        withExtendedLifetime(first) {}
    }

    @Test func whatIsntWhatWasExpectedIsNotKept() throws {
        let store = try StoreRoot()
        let first = try partial(store)
        try append(Array("another one of this len".utf8), to: first)
        #expect(throws: ContentError.self) { try first.commit(expecting: blob) }
        first.discard()
        #expect(try !store.content.contains(blob.digest))
        #expect(try Directory.open(store.root("partial")).names().isEmpty)
    }

    @Test func aSweepLeavesWhatSomebodyIsAt() throws {
        let store = try StoreRoot()
        let first = try partial(store)
        try append(Array(bytes[..<5]), to: first)
        #expect(try store.content.sweepPartials(olderThan: -10) == 0)
        first.keep()
        #expect(try Directory.open(store.root("partial")).names().count == 1)
        withExtendedLifetime(first) {}
    }

    @Test func aSweepTakesWhatNobodyIsAt() throws {
        let store = try StoreRoot()
        try keepFive(of: store)
        #expect(try store.content.sweepPartials(olderThan: 3600) == 0, "it is young")
        #expect(try store.content.sweepPartials(olderThan: -10) == 5)
        #expect(try partial(store).lengthBefore == 0)
    }

    private func keepFive(of store: borrowing StoreRoot) throws {
        let first = try partial(store)
        try append(Array(bytes[..<5]), to: first)
        first.keep()
    }
}

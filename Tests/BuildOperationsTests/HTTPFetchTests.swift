import BuildDefinition
import ByteStreams
import ContentStorage
import LinuxSystem
import MetadataStorage
import RegistryAccess
import Reporting
import SocleTesting
import Testing

@testable import BuildOperations

/// Fetching into a store, from a web that isn't there.
@Suite struct HTTPFetchTests {
    private final class Store {
        let root: TemporaryRoot
        let content: ContentStore
        let cache: SourceCache

        init() throws {
            let fresh = try TemporaryRoot()
            let metadata = try MetadataStore(path: fresh("socle.db"))
            content = try ContentStore(root: fresh.path, metadata: metadata)
            cache = SourceCache(metadata: metadata, lease: try metadata.leases.create())
            root = fresh
        }

        func fetch(_ answer: CannedTransport.Answer, reserve: Int64 = 0) -> HTTPFetch {
            var fetch = HTTPFetch(
                transport: CannedTransport(answers: ["http://x/f": answer]),
                content: content,
                cache: cache,
                order: FetchOrder(task: 0)
            ) { _, _ in }
            fetch.reserve = reserve
            return fetch
        }
    }

    private let operation = HTTPOperation(url: "http://x/f", fileName: "f")

    @Test func aBodyWithoutAnEndIsStopped() throws {
        let store = try Store()
        // Sixteen megabytes may be written; the rest of the disk is to stay free.
        let reserve = try store.content.availableSpace() - (16 << 20)
        let fetch = store.fetch(.init { EndlessSource() }, reserve: reserve)
        let failure = #expect(throws: PlainFailure.self) { try fetch.fetch(operation) }
        #expect(failure?.kind == .exhausted)
        #expect(try store.content.all().isEmpty)
    }

    @Test func anAnnouncedLengthThatDoesNotFitIsNotFetched() throws {
        let store = try Store()
        let fetch = store.fetch(.init(length: 1 << 60) { EndlessSource() })
        let failure = #expect(throws: PlainFailure.self) { try fetch.fetch(operation) }
        #expect(failure?.kind == .exhausted)
    }

    @Test func validatorsAreKeptAndSent() throws {
        let store = try Store()
        let headers = [HTTPHeader("etag", "\"7\""), HTTPHeader("LAST-MODIFIED", "Wed, 21 Oct 2015 07:28:00 GMT")]
        let first = try store.fetch(.init(headers: headers) { MemorySource(Array("x".utf8)) })
            .fetch(operation)
        #expect(!first.wasKnown)
        #expect(first.file.modifiedAt == 1_445_412_480)
        #expect(first.file.conditions == [HTTPHeader("If-None-Match", "\"7\"")])
        let second = try store.fetch(.init(status: 304) { MemorySource([]) }).fetch(operation)
        #expect(second.wasKnown && second.file == first.file)
        // Nobody asked whether anything changed.
        let empty = try Store()
        #expect(throws: HTTPError.self) {
            try empty.fetch(.init(status: 304) { MemorySource([]) }).fetch(operation)
        }
    }

    @Test func aBlobThatIsGoneIsFetchedAgain() throws {
        let store = try Store()
        let fetch = store.fetch(.init(headers: [HTTPHeader("ETag", "\"7\"")]) { MemorySource(Array("x".utf8)) })
        let file = try fetch.fetch(operation).file
        try store.content.remove(file.blob)
        #expect(try fetch.fetch(operation).wasKnown == false)
        #expect(try store.content.contains(file.blob))
    }
}

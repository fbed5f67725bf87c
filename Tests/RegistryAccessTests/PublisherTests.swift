import ByteStreams
import LinuxSystem
import OCISpec
import RegistryAccess
import Testing

@Suite struct PublisherTests {
    /// Answers with a body, or not before it is let go.
    private final class Hub: HTTPTransport {
        let body: String
        let status: Int
        let urls = Guarded<[String]>([])
        let isHeld: Guarded<Bool>

        init(_ body: String, status: Int = 200, isHeld: Bool = false) {
            self.body = body
            self.status = status
            self.isHeld = Guarded(isHeld)
        }

        func send(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
            urls.update { $0.append(request.url) }
            _ = isHeld.wait { $0 ? nil : true }
            return HTTPResponse(status: status, contentLength: nil, finalURL: request.url, body: MemorySource(Array(body.utf8)))
        }
    }

    private func answer(_ name: String, _ hub: Hub, within limit: Int = 5_000) throws -> Publisher? {
        PublisherQuestion(try ImageReference(name), transport: hub).answer(withinMilliseconds: limit)
    }

    @Test(arguments: [
        (#"{"orgname": "bitnami", "badge": "verified_publisher"}"#, Publisher.verified),
        (#"{"badge": "open_source"}"#, .sponsored), (#"{"badge": ""}"#, .none), (#"{"id": "1"}"#, .none),
        (#"{"badge": 1}"#, .none),
    ])
    func theHubsWords(_ body: String, _ publisher: Publisher) throws {
        let hub = Hub(body)
        #expect(try answer("bitnami/x:1", hub) == publisher)
        #expect(hub.urls.wait { $0 } == ["https://hub.docker.com/v2/orgs/bitnami/"])
    }

    @Test func whatIsNoAnswer() throws {
        for hub in [Hub("<html>"), Hub("[]"), Hub("{}", status: 404), Hub(#"{"badge": "verified_publisher"}"#, status: 500)] {
            #expect(try answer("a/b", hub) == nil)
        }
        let silent = Hub(#"{"badge": "verified_publisher"}"#, isHeld: true)
        #expect(try answer("a/b", silent, within: 30) == nil)
        silent.isHeld.update { $0 = false }
    }

    @Test func onlyTheHubsImagesAreAskedFor() throws {
        let hub = Hub("{}")
        for name in ["debian", "quay.io/a/b", "localhost:5000/bitnami/x"] { #expect(try answer(name, hub) == nil) }
        #expect(hub.urls.wait { $0 } == [])
        #expect(Publisher(byNameOf: try ImageReference("debian:12")) == .official)
        #expect(Publisher(byNameOf: try ImageReference("quay.io/library/debian")) == Publisher.none)
        #expect(Publisher(byNameOf: try ImageReference("a/b")) == nil)
    }

    @Test(arguments: [("x", "docker.io", "x"), ("library/x", "docker.io", "x"), ("a/b", "docker.io", "a/b"), ("r.io/a/b", "r.io", "a/b"),
        ("localhost/x", "localhost", "x"), ("localhost:5000/library/x", "localhost:5000", "library/x"), ("index.docker.io/x", "docker.io", "x"),
    ])
    func termsOfSearches(_ text: String, _ registry: String, _ term: String) throws {
        let query = try ImageSearch.Query(text)
        #expect(query.registry == registry && query.term == term)
    }

    @Test(arguments: ["", "r.io/", "a\nb", "-x.io:y/z", "library/"]) func termsThatAreNone(_ text: String) {
        #expect(throws: SearchError.self) { try ImageSearch.Query(text) }
    }
}

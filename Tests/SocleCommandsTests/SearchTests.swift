import ByteStreams
import LinuxSystem
import RegistryAccess
import SocleTesting
import Testing

@testable import SocleCommands

/// `search`, with a registry that answers from memory.
@Suite struct SearchTests {
    private static let answer = #"""
        {"num_results": 3, "query": "x", "results": [
          {"name": "x", "description": "The\nofficial \u001b[31mone, which has a description that is quite long", "star_count": 900, "is_official": true, "is_automated": false},
          {"name": "user/x\u202e", "description": "", "star_count": 3, "is_official": false, "is_automated": false},
          {"name": "", "star_count": 1}, {"description": "nameless"}, {"name": "n", "description": null, "star_count": -1, "is_official": "yes"}]}
        """#

    /// Answers everything alike and remembers what it was asked for.
    private final class Hub: HTTPTransport {
        let status: Int
        let body: String
        let urls = Guarded<[String]>([])

        init(_ body: String = SearchTests.answer, status: Int = 200) {
            self.body = body
            self.status = status
        }

        func send(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
            urls.update { $0.append(request.url) }
            return HTTPResponse(status: status, contentLength: nil, finalURL: request.url, body: MemorySource(Array(body.utf8)))
        }
    }

    private func run(_ hub: Hub, _ words: String...) -> (code: Int32, out: String, err: String) {
        let (out, err) = (Guarded(""), Guarded(""))
        var session = Session(transport: { hub })
        session.output = Output(out: { text in out.update { $0 += text } }, err: { text in err.update { $0 += text } })
        let code = SocleProgram.run((["search"] + words)[...], &session)
        return (code.value, out.wait { $0 }, err.wait { $0 })
    }

    @Test func theTableIsDockers() {
        let hub = Hub()
        #expect(
            run(hub, "a b/c").out == """
                NAME      DESCRIPTION                                     STARS     OFFICIAL
                x         The official \u{fffd}[31mone, which has a descripti…   900       [OK]
                user/x                                                    3         
                n                                                         0         

                """
        )
        #expect(hub.urls.wait { $0 } == ["https://index.docker.io/v1/search?q=a%20b%2Fc&n=25"])
    }

    @Test func filtersAndFormats() {
        #expect(run(Hub(), "-f", "is-official=true", "--format", "{{.Name}} {{.IsOfficial}}", "x").out == "x [OK]\n")
        #expect(run(Hub(), "-f", "stars=3", "--format", "{{.Name}}", "x").out == "x\nuser/x\n")
        #expect(run(Hub(), "-f", "is-automated=true", "--format", "{{.Name}}", "x").out == "")
        #expect(run(Hub(), "--limit", "1", "--no-trunc", "--format", "{{.Description}}", "x").out.hasSuffix("is quite long\n"))
        #expect(run(Hub(), "--limit", "1", "--format", "json", "x").out.contains("\"IsOfficial\":\"true\""))
        #expect(run(Hub(), "-f", "stars=many", "x").err.hasPrefix("invalid filter 'stars=many'"))
        #expect(run(Hub(), "-f", "x=1", "x").err.hasPrefix("invalid filter 'x'"))
        #expect(run(Hub(), "--limit", "101", "x").code != 0)
    }

    @Test func otherRegistries() {
        let hub = Hub()
        _ = run(hub, "r.io:5000/team/x")
        #expect(hub.urls.wait { $0 } == ["https://r.io:5000/v1/search?q=team%2Fx&n=25"])
        let missing = run(Hub("404 page not found", status: 404), "r.io/x")
        #expect(missing.err == "Error: registry \"r.io\" can't be searched: it has no /v1/search\n")
        #expect(run(Hub("<html>"), "r.io/x").err.contains("has no /v1/search"))
        #expect(run(Hub(), "r.io/").code == 1)
    }
}

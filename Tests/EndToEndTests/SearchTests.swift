import SocleTesting
import SystemPackage
import Testing

/// `search`, next to Docker, at an index that a few lines of Python serve.
@Suite(.requires(.all(.tool("python3"), .tool("docker"))), .serialized)
struct SearchTests {
    private static let index = #"""
        import base64, http.server, json, sys, urllib.parse
        found = [
            {'name': 'debian', 'description': 'A small root of Debian, with nothing that nobody asked for in it',
             'star_count': 4711, 'is_official': True, 'is_automated': False},
            {'name': 'someone/debian-tools', 'description': '', 'star_count': 3, 'is_official': False, 'is_automated': True},
            {'name': 'someone/else', 'description': "two\nlines\ttab", 'star_count': 0, 'is_official': False, 'is_automated': False},
        ]
        class Index(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args): pass
            def do_GET(self):
                place = urllib.parse.urlparse(self.path)
                query = urllib.parse.parse_qs(place.query)
                status, answer = 404, {}
                if place.path == '/v1/_ping': status, answer = 200, {'standalone': True}
                if place.path == '/v1/search' and sys.argv[1] == 'closed':
                    wanted = 'Basic ' + base64.b64encode(b'tester:secret').decode()
                    status = 200 if self.headers.get('Authorization') == wanted else 401
                elif place.path == '/v1/search': status = 200
                if place.path == '/v1/search' and status == 200:
                    rows = [row for row in found if query['q'][0] in row['name'] + row['description']]
                    answer = {'query': query['q'][0], 'num_results': len(rows), 'results': rows[:int(query['n'][0])]}
                self.send_response(status)
                if status == 401: self.send_header('WWW-Authenticate', 'Basic realm="index"')
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Index)
        print(server.server_port, flush=True)
        server.serve_forever()
        """#

    /// An index that ends with this value.
    private final class Index {
        let host: String
        private let process: String

        init(for socle: borrowing Socle, _ kind: String = "open") throws {
            try socle.write(["index.py": .file(Array(SearchTests.index.utf8))])
            let start = """
                python3 index.py \(kind) >index.port 2>index.err & echo $!
                for _ in $(seq 100); do [ -s index.port ] && exit 0; sleep 0.05; done; cat index.err >&2; exit 1
                """
            process = try socle.shell(start).succeeding()
            host = "127.0.0.1:" + (try socle.shell("cat index.port").succeeding())
        }

        deinit { _ = try? Command.run("kill", [process]) }
    }

    @Test(.requires(.all(.root, Docker.isThere)), arguments: [
        ["debian"], ["--no-trunc", "debian"], ["-f", "stars=1000", "debian"], ["-f", "is-official=true", "e"],
        ["-f", "is-automated=true", "e"], ["--limit", "1", "e"], ["nothing"], ["--format", "{{.Name}}:{{.StarCount}}:{{.IsOfficial}}", "e"],
        ["--limit", "101", "e"], ["-f", "stars=x", "e"], ["-f", "color=red", "e"],
    ])
    func whatIsFoundIsShownAsDockerShowsIt(_ arguments: [String]) throws {
        let socle = try Socle()
        let index = try Index(for: socle)
        // Docker dropped its last column, AUTOMATED, in later versions.
        let table = "table {{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}"
        var words = ["search"] + (arguments.contains("--format") ? [] : ["--format", table]) + arguments
        words[words.count - 1] = "\(index.host)/" + words[words.count - 1]
        let (ours, theirs) = (try socle.run(words), try Docker.run(words))
        #expect(ours.text == theirs.text, "\(arguments)")
        #expect(ours.plainError.lowercased() == theirs.plainError.lowercased(), "\(arguments)")
        #expect(ours.status == theirs.status, "\(arguments)")
    }

    @Test func aPasswordAndTheSettingsCount() throws {
        let socle = try Socle()
        let index = try Index(for: socle, "closed")
        let variables = ["DOCKER_CONFIG": socle.work.appending("config").string]
        let refused = try socle.run(["search", "\(index.host)/debian"], environment: variables)
        #expect(refused.status == 1 && refused.errorText.contains("no basic auth credentials"), "\(refused.summary)")
        // `tester:secret`, as Docker writes it.
        try socle.write(["config": ["config.json": .file(Array(#"{"auths": {"\#(index.host)": {"auth": "dGVzdGVyOnNlY3JldA=="}}}"#.utf8))]])
        let found = try socle.run(["search", "--format", "{{.Name}}", "\(index.host)/debian"], environment: variables)
        #expect(found.text == "debian\nsomeone/debian-tools\n", "\(found.summary)")
        try socle.write(["registries.json": .file(Array(#"{"registries": {"\#(index.host)": {"blocked": true}}}"#.utf8))])
        let settings = ["SOCLE_REGISTRIES": socle.work.appending("registries.json").string]
        let blocked = try socle.run(["search", "\(index.host)/debian"], environment: variables.merging(settings) { $1 })
        #expect(blocked.status == 1 && blocked.errorText.contains("blocked by the settings of this machine"), "\(blocked.summary)")
    }

    @Test func aRegistryWithoutAnIndexSaysSo() throws {
        let socle = try Socle()
        let index = try Index(for: socle)
        let result = try socle.run(["search", "\(index.host.split(separator: ":")[0]):1/debian"])
        #expect(result.status == 1 && result.errorText.contains("127.0.0.1:1"), "\(result.summary)")
        withExtendedLifetime(index) {}
    }
}

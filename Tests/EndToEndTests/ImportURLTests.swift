import SocleTesting
import Testing

/// `import` of URLs, from a server on the loopback.
@Suite(.requires(.tool("python3")), .serialized)
struct ImportURLTests {
    private static let server = #"""
        import hashlib, http.server, io, os, subprocess, sys, tarfile, threading, gzip
        body = io.BytesIO()
        with tarfile.open(fileobj=body, mode="w") as tar:
            entry = tarfile.TarInfo("file"); entry.size = 300000
            tar.addfile(entry, io.BytesIO(os.urandom(300000)))
        body = body.getvalue()
        seen = []

        class Answers(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *words): pass
            def answer(self, status, content, length=None, **headers):
                self.send_response(status)
                for name, value in headers.items(): self.send_header(name, value)
                self.send_header("Content-Length", str(len(content) if length is None else length))
                self.end_headers()
                self.wfile.write(content)
                if length is not None: self.close_connection = True
            def do_GET(self):
                seen.append(self.path)
                if self.path == "/root.tar": self.answer(200, body)
                elif self.path == "/root.tar.gz": self.answer(200, gzip.compress(body))
                elif self.path == "/moved": self.answer(302, b"", Location="/root.tar")
                elif self.path == "/loop": self.answer(302, b"", Location="/loop")
                elif self.path == "/file": self.answer(302, b"", Location="file:///etc/passwd")
                elif self.path == "/short": self.answer(200, body[:100000], length=len(body))
                elif self.path == "/chunked":
                    self.send_response(200); self.send_header("Transfer-Encoding", "chunked"); self.end_headers()
                    for at in range(0, len(body), 50000):
                        part = body[at:at + 50000]
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                    self.wfile.write(b"0\r\n\r\n")
                elif self.path == "/error": self.answer(500, b"broken")
                else: self.answer(404, b"not here")

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = "http://127.0.0.1:%d" % server.server_port

        def socle(*words): return subprocess.run([os.environ["SOCLE"], *words], capture_output=True, text=True)
        diff = "sha256:" + hashlib.sha256(body).hexdigest()
        for path in sys.argv[1:]:
            url = base + path if path.startswith("/") else path
            result = socle("import", url, "base")
            layer = socle("inspect", "-f", "{{index .RootFS.Layers 0}}|{{.Comment}}", "base").stdout.strip().replace(url, "URL")
            error = result.stderr.replace(base, "BASE").strip().replace("\n", "; ")
            print(path, result.returncode, layer.replace(diff, "DIFF"), "#", error)
            socle("rmi", "base")
        """#

    private func lines(_ paths: String...) throws -> [String] {
        let socle = try Socle()
        let result = try socle.python(Self.server, paths)
        #expect(result.errorText == "")
        try socle.expectNothingLeft()
        #expect(try socle.output("images", "-q") == "")
        return result.text.split(separator: "\n").map(String.init)
    }

    @Test func whatIsThereIsImported() throws {
        let found = try lines("/root.tar", "/root.tar.gz", "/moved", "/chunked")
        for (path, line) in zip(["/root.tar", "/root.tar.gz", "/moved", "/chunked"], found) {
            #expect(line.hasPrefix("\(path) 0 DIFF|Imported from URL #"), "\(line)")
        }
        #expect(found.count == 4)
    }

    @Test func whatIsNotThereIsSaid() throws {
        let found = try lines("/nothing", "/error", "/short", "/loop", "/file", "http://127.0.0.1:1/x", "http://")
        let words = ["404", "500", "", "redirect", "", "", ""]
        #expect(found.count == words.count)
        for (line, word) in zip(found, words) {
            let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            #expect(parts[1] == "1" && parts[2].hasPrefix(" # "), "\(line)")
            #expect(parts[2].contains(word) && parts[2].utf8.count > 15, "\(line)")
        }
    }
}

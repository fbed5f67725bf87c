import SystemPackage

/// A server in front of a registry that does what servers shouldn't, and notes what it was asked; it ends with this value.
///
/// A fault is `"what:count:pattern"`: for the first `count` requests whose path has `pattern` in it. What: `drop=N` (the connection
/// breaks after N bytes of the body), `slow=N` (N bytes a second), `flip` (a byte is another one), `short` (the body ends early, and
/// the length says so), `endless`, `norange` (ranges are ignored), `status=N`, `later=S` (429 with `Retry-After: S`),
/// `away=URL` (a redirect), `crawl=N` (it takes N bytes of the request's body a second).
package final class FaultProxy {
    package let host: String
    private let log: FilePath
    private let process: String

    package init(for socle: borrowing Socle, before registry: String, _ faults: [String], name: String = "proxy") throws {
        try socle.write(["\(name).py": .file(Array(Self.script.utf8))])
        log = socle.work.appending("\(name).log")
        let words = faults.map { "'\($0)'" }.joined(separator: " ")
        let start = """
            python3 \(name).py \(registry) \(name).log \(words) >\(name).port 2>\(name).err & echo $!
            for _ in $(seq 100); do [ -s \(name).port ] && exit 0; sleep 0.05; done
            cat \(name).err >&2; exit 1
            """
        process = try socle.shell(start).succeeding()
        host = "127.0.0.1:" + (try socle.shell("cat \(name).port").succeeding())
    }

    deinit { _ = try? Command.run("kill", [process]) }

    /// What it was asked: a line of JSON a request, with `method`, `path`, `range`, `authorization` and, of its answer,
    /// `status` and `sent`, the bytes of the body; `received` are the request's.
    package func requests(_ filter: String) throws -> String {
        String(decoding: try Command.output(of: "jq", ["-rs", filter, log.string]), as: UTF8.self).trimmingLastNewline
    }

    private static let script = #"""
        import http.client, http.server, json, socketserver, sys, threading, time
        registry, log = sys.argv[1], open(sys.argv[2], 'a')
        faults = [[w, int(n), p] for w, n, p in (f.split(':', 2) for f in sys.argv[3:])]
        lock = threading.Lock()

        def fault(path):
            with lock:
                for f in faults:
                    if f[1] > 0 and f[2] in path:
                        f[1] -= 1
                        return f[0].partition('=')[::2]
            return '', ''

        class Request(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            def log_message(self, *args): pass

            def note(self, status, sent):
                line = {'method': self.command, 'path': self.path, 'range': self.headers.get('Range'),
                        'authorization': self.headers.get('Authorization'), 'status': status, 'sent': sent, 'received': self.received}
                with lock:
                    log.write(json.dumps(line) + '\n'); log.flush()

            def plain(self, status, headers=(), body=b'{"errors":[{"code":"UNKNOWN","message":"made up"}]}'):
                self.send_response(status)
                for name, value in headers: self.send_header(name, value)
                self.send_header('Content-Length', str(len(body))); self.end_headers()
                if self.command != 'HEAD': self.wfile.write(body)
                self.note(status, len(body))

            def pieces(self):
                if self.headers.get('Transfer-Encoding') != 'chunked':
                    yield self.rfile.read(int(self.headers.get('Content-Length') or 0))
                    return
                while True:
                    size = int(self.rfile.readline(), 16)
                    data = self.rfile.read(size)
                    self.rfile.readline()
                    if not size: return
                    yield data

            def body(self, rate):
                data = b''
                for piece in self.pieces():
                    data += piece
                    time.sleep(len(piece) / rate)
                return data

            def serve(self):
                what, value = fault(self.path)
                body = self.body(int(value) if what == 'crawl' else 1 << 40)
                self.received = len(body)
                if what == 'status': return self.plain(int(value))
                if what == 'later': return self.plain(429, [('Retry-After', value)])
                if what == 'away': return self.plain(307, [('Location', value.replace('~', ':') + self.path)])
                headers = {k: v for k, v in self.headers.items() if k.lower() not in ('host', 'connection', 'transfer-encoding')}
                if what == 'norange': headers.pop('Range', None)
                upstream = http.client.HTTPConnection(registry)
                upstream.request(self.command, self.path, body or None, headers)
                answer = upstream.getresponse()
                data = answer.read()
                total = len(data)
                if what == 'flip' and data: data = data[:total // 2] + bytes([data[total // 2] ^ 1]) + data[total // 2 + 1:]
                if what == 'short': data = data[:total // 2]
                self.send_response(answer.status)
                for name, text in answer.getheaders():
                    if name.lower() in ('content-length', 'connection', 'transfer-encoding', 'date', 'server'): continue
                    self.send_header(name, text.replace(registry, self.headers['Host']))
                size = answer.getheader('Content-Length') if self.command == 'HEAD' else str(len(data))
                if what == 'endless': size = str(1 << 40)
                if size is not None: self.send_header('Content-Length', size)
                self.end_headers()
                sent = 0
                if self.command != 'HEAD':
                    try:
                        if what == 'drop': data = data[:int(value)]
                        step = max(int(value) // 20, 1) if what == 'slow' else 65536
                        for start in range(0, len(data), step):
                            self.wfile.write(data[start:start + step]); sent += len(data[start:start + step])
                            if what == 'slow': time.sleep(0.05)
                        while what == 'endless': self.wfile.write(bytes(65536)); sent += 65536
                        self.wfile.flush()
                    except OSError: self.close_connection = True
                if what == 'drop': self.close_connection = True
                self.note(answer.status, sent)

            do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = serve

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            def handle_error(self, *args): pass

        server = Server(('127.0.0.1', 0), Request)
        print(server.server_port, end='', flush=True)
        server.serve_forever()
        """#
}

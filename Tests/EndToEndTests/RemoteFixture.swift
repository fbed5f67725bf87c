import SocleTesting
import SystemPackage

/// Servers on the loopback for tests of what is fetched; each lives as long as the script that it is part of.
enum RemoteFixture {
    /// Python: `serve(folder)` starts a web server that counts what it answers, with validators; `socle(*words)` runs
    /// socle; `counts` has the statuses in order.
    static let web = #"""
        import base64, gzip, hashlib, http.server, io, json, os, subprocess, sys, tarfile, threading, time
        from email.utils import formatdate
        counts = []
        files = {}
        extra = {}
        auth = []
        special = {}

        class Answers(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *words): pass
            def reply(self, status, content=b"", **headers):
                counts.append(status)
                self.send_response(status)
                for name, value in headers.items(): self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            def do_GET(self):
                auth.append(self.headers.get("Authorization"))
                path = self.path.split("?")[0]
                if path in special: return special[path](self)
                if path not in files: return self.reply(404, b"not here")
                content = files[path]
                headers = dict(extra.get(path, {}))
                if self.headers.get("If-None-Match") and self.headers["If-None-Match"] == headers.get("ETag"):
                    return self.reply(304, **headers)
                if self.headers.get("If-Modified-Since") and self.headers["If-Modified-Since"] == headers.get("Last_Modified"):
                    return self.reply(304, **headers)
                self.reply(200, content, **headers)

        class Server(http.server.ThreadingHTTPServer):
            # Who breaks off, as is to be tested, is no mistake of the server's.
            def handle_error(self, request, address):
                if not isinstance(sys.exc_info()[1], ConnectionError): super().handle_error(request, address)

        server = Server(("127.0.0.1", 0), Answers)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = "http://127.0.0.1:%d" % server.server_port

        def socle(*words, **more):
            return subprocess.run([os.environ["SOCLE"], *words], capture_output=True, text=True, **more)
        def dockerfile(text):
            with open("Dockerfile", "w") as file: file.write(text.replace("BASE", base))
        def build(*words, **more):
            progress = [] if "-q" in words else ["--progress", "plain"]
            result = socle("build", *progress, "-t", "app", *(words or (".",)), **more)
            result.log = (result.stderr + result.stdout).replace(base, "BASE")
            return result
        def listing(image="app"):
            """name, mode, owner, mtime and content of what the image's layers have"""
            saved = subprocess.run([os.environ["SOCLE"], "save", image], capture_output=True).stdout
            outer = tarfile.open(fileobj=io.BytesIO(saved))
            manifest = json.load(outer.extractfile("manifest.json"))[0]
            lines = []
            for name in manifest["Layers"]:
                for entry in tarfile.open(fileobj=io.BytesIO(outer.extractfile(name).read())):
                    content = repr(tarfile_content(entry, outer, name)) if entry.isfile() else entry.linkname
                    lines.append("%s %o %d:%d %d %s" % (entry.name, entry.mode, entry.uid, entry.gid, entry.mtime, content))
            return lines
        def tarfile_content(entry, outer, name):
            data = outer.extractfile(name).read()
            return tarfile.open(fileobj=io.BytesIO(data)).extractfile(entry.name).read()[:40]
        def expect(condition, *what):
            if not condition: print("failed:", *what)
        """#

    /// Shell: repositories below the test's folder, and `git daemon` for them on a port of its own, ended with the script.
    /// `$git` is the address of the folder. A shell that can't listen ends with 77.
    static let gitDaemon = #"""
        set -eu
        export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
        export GIT_AUTHOR_DATE='1600000000 +0000' GIT_COMMITTER_DATE='1600000000 +0000'
        export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
        layers() { socle inspect -f '{{json .RootFS.Layers}}' "$1"; }
        commit() { git -C "$1" add -A && git -C "$1" commit -q -m "$2"; }
        repository() { mkdir -p "$1" && git -C "$1" init -q -b main; }
        serve() {
            port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
            git daemon --reuseaddr --listen=127.0.0.1 --port="$port" --base-path="$PWD" --export-all \
                --pid-file="$PWD/daemon.pid" "$PWD" >daemon.log 2>&1 &
            daemon=$!
            trap '{ kill $daemon; kill $(cat daemon.pid); wait $daemon; } 2>/dev/null || true' EXIT
            git="git://127.0.0.1:$port"
            for _ in $(seq 100); do
                git ls-remote "$git/repo" >/dev/null 2>&1 && return
                sleep 0.1
            done
            exit 77
        }
        expect() { [ "$2" = "$3" ] || printf 'failed: %s: %s, not %s\n' "$1" "$2" "$3"; }
        # Says where a listing has git's own files.
        expect_no_git() { ! printf '%s\n' "$1" | grep -E '[ /]\.git(/|$)' || echo 'failed: .git is there'; }
        expect_words() { case "$2" in *"$3"*) ;; *) printf 'failed: %s: %s lacks %s\n' "$1" "$2" "$3" ;; esac; }
        # The names, modes, times and contents of an image's files.
        files() {
            rm -rf out && mkdir out && socle save "$1" | tar -C out -xf -
            for layer in $(python3 -c 'import json; print(*json.load(open("out/manifest.json"))[0]["Layers"])'); do
                TZ=UTC tar --numeric-owner --full-time -tvf "out/$layer" | awk '{ $3 = ""; print }' | sed 's/  / /g'
            done
        }
        content() {
            for layer in $(python3 -c 'import json; print(*json.load(open("out/manifest.json"))[0]["Layers"])'); do
                tar -xOf "out/$layer" "$1" 2>/dev/null || true
            done
        }
        """#
}

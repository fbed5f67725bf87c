import SocleTesting
import SystemPackage
import Testing

/// ADD of URLs, from a server on the loopback.
@Suite(.requires(.all(.tool("python3"), .tool("git"))), .serialized)
struct RemoteSourceTests {
    /// Runs a script after `RemoteFixture.web`; it prints what it found wrong.
    private func check(_ script: String) throws {
        let socle = try Socle()
        let result = try socle.python(RemoteFixture.web + "\n" + script)
        #expect(result.errorText == "")
        #expect(result.text == "")
        try socle.expectNothingLeft()
    }

    @Test func aFileHasItsServersTimeAndNobodyElsesMode() throws {
        try check(
            #"""
            files["/d/a%20b.txt"] = files["/plain"] = b"hello\n"
            extra["/d/a%20b.txt"] = {"Last_Modified": formatdate(1500000000, usegmt=True)}
            dockerfile("FROM scratch\nADD BASE/d/a%20b.txt BASE/plain /to/\nADD BASE/plain /exact\nADD --chmod=755 --chown=5:6 BASE/plain /mine\n")
            result = build()
            expect(result.returncode == 0, result.log)
            found = listing()
            for line in ["to/a b.txt 600 0:0 1500000000 b'hello\\n'", "to/plain 600 0:0 0 b'hello\\n'",
                         "exact 600 0:0 0 b'hello\\n'", "mine 755 5:6 0 b'hello\\n'"]:
                expect(line in found, line, "isn't in", found)
            history = socle("history", "--no-trunc", "--format", "{{.CreatedBy}}", "app").stdout
            expect("ADD %s/plain /exact # buildkit" % base in history, history)
            """#
        )
    }

    @Test func namesComeFromTheServerWhereTheAddressHasNone() throws {
        try check(
            #"""
            files["/"] = files["/q/"] = files["/evil"] = files["/x/"] = b"x"
            extra["/"] = {"Content_Disposition": 'attachment; filename="named.bin"'}
            extra["/x/"] = {"Content_Disposition": 'attachment; filename="../../etc/passwd"'}
            dockerfile("FROM scratch\nADD BASE/ /a/\nADD BASE/q/?x=/y /b/\nADD BASE/x/?really /c/\n")
            result = build()
            expect(result.returncode == 0, result.log)
            names = [line.split(" ")[0] for line in listing()]
            expect("a/named.bin" in names and "b/q" in names and "c/x" in names, names)
            files["/"] = b"y"; extra["/"] = {"Content_Disposition": 'attachment; filename="../../etc/passwd"'}
            dockerfile("FROM scratch\nADD BASE/ /a/\n")
            expect(build().returncode == 0)
            names = [line.split(" ")[0] for line in listing()]
            expect("a/__unnamed__" in names, names)
            """#
        )
    }

    @Test func anUnchangedFileIsAskedForAndNotFetched() throws {
        try check(
            #"""
            files["/tag"] = b"one"; extra["/tag"] = {"ETag": '"1"'}
            files["/time"] = b"one"; extra["/time"] = {"Last_Modified": formatdate(1500000000, usegmt=True)}
            files["/none"] = b"one"
            for path in ["/tag", "/time", "/none"]:
                counts.clear()
                dockerfile("FROM scratch\nADD BASE%s /f\n" % path)
                first, second = build("-q", "."), build("-q", ".")
                expect(first.returncode == 0 and first.stdout == second.stdout, first.log, second.log)
                expect(counts == [200, 200 if path == "/none" else 304], path, counts)
                third = build()
                expect(third.log.count("CACHED") == 2, third.log)
            # Other content is noticed, whatever the first was.
            files["/tag"] = b"two"; extra["/tag"] = {"ETag": '"2"'}
            dockerfile("FROM scratch\nADD BASE/tag /f\n")
            expect(build().returncode == 0 and any("b'two'" in line for line in listing()), listing())
            # And --no-cache fetches.
            counts.clear()
            build("--no-cache", ".")
            expect(counts == [200], counts)
            """#
        )
    }

    @Test func aChecksumIsCheckedAndNeedsNoNetwork() throws {
        try check(
            #"""
            files["/f"] = b"content"
            right = "sha256:" + hashlib.sha256(b"content").hexdigest()
            long = "sha512:" + hashlib.sha512(b"content").hexdigest()
            dockerfile("FROM scratch\nADD --checksum=sha256:%s BASE/f /f\n" % ("0" * 64))
            wrong = build()
            expect(wrong.returncode == 1 and "digest mismatch " + right + ": sha256:000" in wrong.log, wrong.log)
            blobs = os.listdir(os.environ["SOCLE_ROOT"] + "/blobs/sha256")
            expect(hashlib.sha256(b"content").hexdigest() not in blobs, blobs)
            for checksum in [right, long]:
                dockerfile("FROM scratch\nADD --checksum=%s BASE/f /%s\n" % (checksum, checksum[:6]))
                expect(build().returncode == 0)
            dockerfile("FROM scratch\nADD --checksum=%s BASE/f /%s\n" % (long[:-1] + ("0" if long[-1] != "0" else "1"), "x"))
            wrong = build()
            expect(wrong.returncode == 1 and "digest mismatch " + long in wrong.log, wrong.log)
            server.shutdown(); server.server_close()
            for checksum in [right, long]:
                dockerfile("FROM scratch\nADD --checksum=%s BASE/f /other\n" % checksum)
                offline = build()
                expect(offline.returncode == 0, offline.log)
            dockerfile("FROM scratch\nADD BASE/f /other\n")
            offline = build()
            expect(offline.returncode == 1 and "failed to GET BASE/f" in offline.log, offline.log)
            expect("--checksum=" + right in offline.log, offline.log)
            """#
        )
    }

    @Test func whatCantBeFetchedIsSaid() throws {
        try check(
            #"""
            def go(to): return lambda self: self.reply(302, b"", Location=to)
            def short(self):
                self.send_response(200); self.send_header("Content-Length", "100"); self.end_headers()
                self.wfile.write(b"x" * 10); self.close_connection = True
            special.update({"/loop": go("/loop"), "/file": go("file:///etc/passwd"), "/ftp": go("ftp://127.0.0.1/x"),
                            "/short": short, "/empty": lambda self: self.reply(204),
                            "/huge": lambda self: (self.send_response(200), self.send_header("Content-Length", str(1 << 60)), self.end_headers(), self.wfile.write(b"x" * 99999))})
            files["/ok"] = b"x"
            cases = [("/nothing", "failed to GET BASE/nothing with status 404 Not Found"), ("/loop", "redirect"),
                     ("/file", "failed to GET BASE/file"), ("/ftp", "failed to GET BASE/ftp"), ("/short", "BASE/short"),
                     ("/empty", "status 204"), ("/huge", "is larger than the space on the store's disk")]
            for path, words in cases:
                dockerfile("FROM scratch\nADD BASE%s /f\n" % path)
                result = build()
                expect(result.returncode == 1 and words in result.log and ">>> ADD" in result.log, path, result.log)
            dockerfile("FROM scratch\nADD http://me:password@127.0.0.1:1/x?token=hidden /f\n")
            result = build()
            excerpt = [line for line in result.log.split("\n") if "|" not in line]
            expect(result.returncode == 1 and "password" not in "".join(excerpt), result.log)
            """#
        )
    }

    @Test func credentialsAreSentAndNeverShown() throws {
        try check(
            #"""
            files["/f"] = b"x"
            dockerfile("FROM scratch\nADD %s/f /f\n" % base.replace("http://", "http://me:pass%40word@"))
            result = build()
            expect(result.returncode == 0, result.log)
            expect(auth[-1] == "Basic " + base64.b64encode(b"me:pass@word").decode(), auth)
            shown = result.log + socle("history", "--no-trunc", "app").stdout + socle("inspect", "app").stdout
            expect("word" not in shown and "xxxxx:xxxxx@" in shown, shown)
            with open(os.environ["SOCLE_ROOT"] + "/socle.db", "rb") as file: database = file.read()
            for tail in ["-wal"]:
                try:
                    with open(os.environ["SOCLE_ROOT"] + "/socle.db" + tail, "rb") as file: database += file.read()
                except OSError: pass
            expect(b"pass%40word" not in database, "the database has the password")
            """#
        )
    }

    /// A server that takes the question and never answers doesn't keep a build that is called off.
    @Test func aFetchCanBeCalledOff() throws {
        try check(
            #"""
            import signal, socket
            silent = socket.socket(); silent.bind(("127.0.0.1", 0)); silent.listen(9)
            place = "127.0.0.1:%d" % silent.getsockname()[1]
            for source in ["http://%s/x", "git://%s/x", "http://%s/x.git"]:
                dockerfile("FROM scratch\nADD %s /\n" % (source % place))
                running = subprocess.Popen([os.environ["SOCLE"], "build", "."], stderr=subprocess.PIPE, text=True)
                connection, _ = silent.accept()
                connection.recv(1)
                begun = time.time()
                running.send_signal(signal.SIGINT)
                said = running.communicate()[1]
                expect(running.returncode == 130 and time.time() - begun < 30, source, running.returncode, said)
                connection.close()
                left = subprocess.run(["pgrep", "-f", place], capture_output=True, text=True).stdout
                expect(left == "", source, "is still fetched by", left)
            """#
        )
    }

    @Test func secretsAreForTheirHost() throws {
        try check(
            #"""
            host = base.replace("http://", "")
            files["/f"] = b"x"; extra["/f"] = {"ETag": '"1"'}
            dockerfile("FROM scratch\nADD BASE/f /f\n")
            open("token", "w").write("abc\n")
            result = build("--secret", "id=HTTP_AUTH_TOKEN_%s,src=token" % host, ".")
            expect(result.returncode == 0 and auth[-1] == "Bearer abc", auth, result.log)
            os.environ["H"] = "Digest x"
            result = build("--secret", "id=HTTP_AUTH_HEADER_%s,env=H" % host, ".")
            expect(result.returncode == 0 and auth[-1] == "Digest x" and counts[-1] == 304, auth, result.log)
            build("--secret", "id=HTTP_AUTH_TOKEN_other.example.com,src=token", ".")
            expect(auth[-1] is None, auth)
            """#
        )
    }

    @Test func anArchiveStaysAFileUnlessItIsToBeUnpacked() throws {
        try check(
            #"""
            body = io.BytesIO()
            with tarfile.open(fileobj=body, mode="w:gz") as tar:
                entry = tarfile.TarInfo("inside"); entry.size = 2
                tar.addfile(entry, io.BytesIO(b"in"))
            files["/a.tgz"] = body.getvalue()
            dockerfile("FROM scratch\nADD BASE/a.tgz /plain/\nADD --unpack=true BASE/a.tgz /un/\n")
            expect(build().returncode == 0)
            names = [line.split(" ")[0] for line in listing()]
            expect("plain/a.tgz" in names and "plain/inside" not in names, names)
            expect("un/inside" in names and "un/a.tgz" not in names, names)
            """#
        )
    }
}

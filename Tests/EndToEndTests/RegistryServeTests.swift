import SocleTesting
import SystemPackage
import Testing

/// `registry serve`, next to those who talk to registries.
@Suite(
    .requires(.all(.root, .overlay, Fixture.busybox, .tool("curl"), .tool("python3"), .tool("skopeo"), .tool("jq"))),
    .serialized
)
struct RegistryServeTests {
    /// A store with `app:1`: busybox, and 3 MB that don't compress.
    private func prepared() throws -> Socle {
        let socle = try Socle()
        _ = try Fixture.busyboxRoot(in: socle.work, marked: "socle-test-serve")
        try socle.write(["ctx": ["Dockerfile": "FROM base\nCOPY noise /noise\nCMD [\"wc\", \"-c\", \"/noise\"]\n"]])
        try socle.shell(
            "head -c 3000000 /dev/urandom > ctx/noise; socle import busybox.tar base; socle build -q -t app:1 ctx"
        )
        .succeeding()
        return socle
    }

    private func id(_ socle: borrowing Socle, _ name: String) throws -> String {
        try socle.output("inspect", "-f", "{{.Id}}", name)
    }

    @Test func itDoesWhatTheSpecificationWants() throws {
        let socle = try Socle()
        let registry = try ServedRegistry(of: socle)
        let said = try socle.python(RegistryConformance.script, [registry.host]).succeeding()
        let lines = said.split(separator: "\n")
        #expect(lines.count > 90)
        for line in lines { #expect(line.hasPrefix("ok "), "\(line)") }
        // What was an image is one of the store's.
        #expect(try socle.output("images", "--format", "{{.Repository}}:{{.Tag}}").contains("conformance/one:index"))
        #expect(try socle.output("system", "check").contains("all sound"))
        try registry.end(by: "TERM", in: socle)
        #expect(try socle.output("images", "-q").isEmpty == false)
    }

    @Test func socleGivesAndTakes() throws {
        let socle = try prepared()
        let registry = try ServedRegistry(of: socle)
        let id = try id(socle, "app:1")
        let other = try Socle()
        let name = "\(registry.host)/app:1"
        #expect(try other.output("pull", name).contains("Status: Downloaded newer image for \(name)"))
        #expect(try self.id(other, name) == id)
        #expect(try other.output("run", "--rm", "--network", "none", name) == "3000000 /noise")
        let digest = try other.output("inspect", "-f", "{{index .RepoDigests 0}}", name)
        try other.output("pull", digest)

        try other.output("tag", name, "\(registry.host)/team/back:2")
        let pushed = try other.output("push", "\(registry.host)/team/back:2")
        #expect(pushed.contains("2: digest: sha256:"), "\(pushed)")
        #expect(try self.id(socle, "team/back:2") == id)
        #expect(try socle.output("run", "--rm", "--network", "none", "team/back:2") == "3000000 /noise")
        // What goes through several platforms comes back as one name.
        try socle.write(["two": ["Dockerfile": "FROM scratch\nCOPY Dockerfile /\n"]])
        try socle.output("build", "-q", "--platform", "linux/amd64,linux/arm64", "-t", "two:1", "two")
        try socle.shell(
            """
            skopeo copy -q --all --preserve-digests --src-tls-verify=false --dest-tls-verify=false \\
              docker://\(registry.host)/two:1 docker://\(registry.host)/copied:1
            """
        ).succeeding()
        #expect(try self.id(socle, "copied:1") == self.id(socle, "two:1"))
        // Built elsewhere for several platforms, and pushed at once.
        try other.write(["two": ["Dockerfile": "FROM scratch\nCOPY Dockerfile /\n"]])
        let several = "\(registry.host)/several:1"
        try other.output("build", "-q", "--platform", "linux/amd64,linux/arm64", "-t", several, "--push", "two")
        #expect(try socle.output("images", "--format", "{{.Repository}}:{{.Tag}}").contains("several:1"))
        let platforms =
            "skopeo inspect --raw --tls-verify=false docker://\(several) | jq -c '[.manifests[].platform.architecture]'"
        #expect(try socle.shell(platforms).succeeding() == #"["amd64","arm64"]"#)
        // A build's base comes from here too.
        let dockerfile = "FROM \(registry.host)/base\nRUN echo built > /made\n"
        try other.write(["ctx": ["Dockerfile": .file(Array(dockerfile.utf8))]])
        try other.output("build", "-q", "--network", "none", "-t", "made", "ctx")
        try socle.output("rmi", "app:1", "team/back:2")
        #expect(try other.run(["pull", name]).status == 1)
    }

    @Test(.requires(.tool("podman"))) func podmanAndSkopeoGiveAndTake() throws {
        let socle = try prepared()
        let registry = try ServedRegistry(of: socle)
        let (host, id) = (registry.host, try id(socle, "app:1"))
        let podman = "podman --root $place/pods --runroot $place/run"
        try socle.shell(
            """
            set -e
            place=$(mktemp -d /tmp/pod.XXXXXX)
            trap 'umount $place/pods/overlay 2>/dev/null || true; rm -rf $place' EXIT
            \(podman) pull -q --tls-verify=false \(host)/app:1
            \(podman) push -q --tls-verify=false \(host)/app:1 \(host)/podman/app:3
            \(podman) rmi -fa >/dev/null
            digest=$(skopeo inspect --tls-verify=false --format '{{.Digest}}' docker://\(host)/podman/app:3)
            skopeo copy -q --src-tls-verify=false docker://\(host)/podman/app@$digest oci:there:1
            skopeo copy -q --dest-tls-verify=false oci:there:1 docker://\(host)/skopeo/app:4
            """
        ).succeeding()
        for name in ["podman/app:3", "skopeo/app:4"] { #expect(try self.id(socle, name) == id, "\(name)") }
        #expect(try socle.output("run", "--rm", "--network", "none", "skopeo/app:4") == "3000000 /noise")
    }

    @Test(.requires(Docker.isThere)) func dockerGivesAndTakes() throws {
        let socle = try prepared()
        let registry = try ServedRegistry(of: socle)
        let (host, id) = (registry.host, try id(socle, "app:1"))
        try Docker.output("pull", "-q", "\(host)/app:1")
        #expect(try Docker.output("inspect", "-f", "{{.Id}}", "\(host)/app:1") == id)
        #expect(try Docker.output("run", "--rm", "--network", "none", "\(host)/app:1") == "3000000 /noise")
        try Docker.output("tag", "\(host)/app:1", "\(host)/docker/app:2")
        try Docker.output("push", "-q", "\(host)/docker/app:2")
        try Docker.output("rmi", "-f", id)
        #expect(try self.id(socle, "docker/app:2") == id)
        try Docker.output("pull", "-q", "\(host)/docker/app:2")
        #expect(try Docker.output("inspect", "-f", "{{.Id}}", "\(host)/docker/app:2") == id)
        try Docker.output("rmi", "-f", id)
    }

    @Test(.requires(.tool("openssl"))) func withTLSOnlyThoseWithAPasswordComeIn() throws {
        let socle = try prepared()
        try socle.shell(
            """
            set -e
            mkdir ca own
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca/ca.crt -days 2 -subj /CN=test
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout own/key.pem -out own/request -subj /CN=localhost
            echo 'subjectAltName=DNS:localhost,IP:127.0.0.1' > own/names
            openssl x509 -req -in own/request -CA ca/ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile own/names -out own/cert.pem
            echo 'tester:$2y$05$HKtl0pAwjHn57hIyC2Cc2ubdcoSGANoH63A2fNsW.RX3zy0k5Lyfu' > passwords
            """
        ).succeeding()
        let flags = "--tls-cert own/cert.pem --tls-key own/key.pem --htpasswd passwords"
        let registry = try ServedRegistry(of: socle, flags)
        #expect(registry.address.hasPrefix("https://127.0.0.1:"))
        func status(_ arguments: String) throws -> String {
            try socle.shell(
                "curl -s -o /dev/null -w '%{http_code}' \(arguments) \(registry.address)/v2/app/manifests/1 || true"
            ).succeeding()
        }
        let trusting = "--cacert ca/ca.crt"
        #expect(try status("\(trusting) -u tester:secret") == "200")
        for wrong in ["", "-u tester:wrong", "-u other:secret", "-H 'Authorization: Basic !'"] {
            #expect(try status("\(trusting) \(wrong)") == "401", "\(wrong)")
        }
        #expect(try status("-u tester:secret") == "000")
        #expect(try status("\(trusting) -u tester:secret --tls-max 1.1") == "000")
        try socle.shell(
            """
            set -e
            skopeo copy -q --src-cert-dir ca --src-creds tester:secret docker://\(registry.host)/app:1 oci:there:1
            skopeo copy -q --dest-cert-dir ca --dest-creds tester:secret oci:there:1 docker://\(registry.host)/back:1
            ! skopeo copy -q --src-cert-dir ca docker://\(registry.host)/app:1 oci:there:2 2>/dev/null
            """
        ).succeeding()
        #expect(try id(socle, "back:1") == id(socle, "app:1"))
        try registry.end(by: "TERM", in: socle)
        #expect(try socle.shell("grep -c 'secret\\|Basic' served.log || true").succeeding() == "0")
    }

    @Test func whatCannotBeServedIsRefused() throws {
        let socle = try Socle()
        try socle.shell("echo 'old:$apr1$abcd$efgh' > old; echo none > none").succeeding()
        let cases = [
            ("--listen 0.0.0.0:0", "refusing to serve other machines on 0.0.0.0"),
            ("--listen 0.0.0.0:0 --htpasswd old", "refusing to serve other machines"),
            ("--htpasswd old", "is digested in a way that is not supported"),
            ("--htpasswd none", "not a name and a digest"),
            ("--tls-cert none", "wanted together"), ("--tls-cert none --tls-key none", "not certificates in PEM"),
            ("--listen 192.0.2.1:5000 --insecure", "cannot listen on 192.0.2.1:5000: Cannot assign requested address"),
        ]
        for (flags, words) in cases {
            let result = try socle.shell("timeout 10 \"$SOCLE\" registry serve \(flags)")
            #expect(result.status == 1 && result.errorText.contains(words), "\(flags): \(result.summary)")
        }
    }

    @Test func nothingIsLeftOfAnUploadThatIsKilled() throws {
        let socle = try Socle()
        let registry = try ServedRegistry(of: socle)
        let half = """
            import http.client, sys
            connection = http.client.HTTPConnection(sys.argv[1])
            connection.request("POST", "/v2/app/blobs/uploads/")
            answer = connection.getresponse(); answer.read()
            place = answer.headers["Location"]
            connection.request("PATCH", place, body=b"x" * 3000000)
            answer = connection.getresponse(); answer.read()
            assert answer.status == 202, answer.status
            connection.putrequest("PATCH", place)
            connection.putheader("Content-Length", "50000000")
            connection.endheaders()
            connection.send(b"y" * 30000000)
            print(place)
            """
        let place = try socle.python(half, [registry.host]).succeeding()
        // Who went away in the middle may go on where the registry is.
        let state = try socle.shell("curl -si \(registry.address)\(place)").succeeding()
        #expect(state.contains("204 No Content") && state.lowercased().contains("range: 0-"), "\(state)")
        try registry.end(by: "KILL", in: socle)
        let found = try socle.shell("find \"$SOCLE_ROOT\" -type f -size +1M; ls \"$SOCLE_ROOT/blobs/sha256\" | wc -l")
            .succeeding()
        #expect(found == "0")
        try socle.output("system", "prune", "-f")
        try socle.expectNothingLeft()
        // The next one knows nothing of it.
        let next = try ServedRegistry(of: socle)
        let status = try socle.shell("curl -s -o /dev/null -w '%{http_code}' \(next.address)\(place)").succeeding()
        #expect(status == "404")
    }

    @Test func whoeverIsTooSlowDoesNotKeepItFromEnding() throws {
        let socle = try Socle()
        let registry = try ServedRegistry(of: socle)
        let script = """
            import http.client, sys
            connection = http.client.HTTPConnection(sys.argv[1])
            connection.putrequest("POST", "/v2/app/blobs/uploads/?digest=sha256:" + "a" * 64)
            connection.putheader("Content-Length", "1000000")
            connection.endheaders()
            connection.send(b"x" * 1000)
            print("begun", flush=True)
            try: print(connection.getresponse().status)
            except ConnectionError: print("ended")
            """
        try socle.write(["slow.py": .file(Array(script.utf8))])
        try socle.shell(
            "python3 slow.py \(registry.host) >slow.out 2>&1 & until grep -q begun slow.out; do sleep 0.05; done"
        )
        .succeeding()
        try registry.end(by: "TERM", in: socle)
        #expect(try socle.shell("sleep 0.5; tail -1 slow.out").succeeding() == "ended")
        // It ended by itself, and let go of everything.
        let leases =
            "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute('select count(*) from leases').fetchone())"
        #expect(try socle.python(leases, [socle.store.appending("socle.db").string]).succeeding() == "0")
    }

    @Test func sweepsLeaveAloneWhatIsBeingPushed() throws {
        let socle = try prepared()
        let other = try Socle()
        let registry = try ServedRegistry(of: other)
        try socle.output("save", "-o", "saved.tar", "app:1")
        try socle.shell("skopeo copy -q docker-archive:saved.tar dir:parts").succeeding()
        let script = """
            import hashlib, http.client, json, os, subprocess, sys
            connection = http.client.HTTPConnection(sys.argv[1])
            manifest = open("parts/manifest.json", "rb").read()
            document = json.loads(manifest)
            for part in [document["config"]] + document["layers"]:
                data = open("parts/" + part["digest"][7:], "rb").read()
                connection.request("POST", "/v2/app/blobs/uploads/?digest=" + part["digest"], body=data)
                answer = connection.getresponse(); answer.read()
                assert answer.status == 201, answer.status
                for verb in [["image", "prune", "-af"], ["system", "prune", "-af"]]:
                    subprocess.run([os.environ["SOCLE"], "--root", sys.argv[2]] + verb, check=True, stdout=subprocess.DEVNULL)
            connection.request("PUT", "/v2/app/manifests/1", body=manifest, headers={"Content-Type": document["mediaType"]})
            answer = connection.getresponse()
            print(answer.status)
            """
        #expect(try socle.python(script, [registry.host, other.store.string]).succeeding() == "201")
        #expect(try id(other, "app:1") == id(socle, "app:1"))
    }

    @Test func clientsThatMisbehaveHarmNobody() throws {
        let socle = try prepared()
        let registry = try ServedRegistry(of: socle)
        let script = #"""
            import socket, sys
            place = tuple(sys.argv[1].split(":"))
            def talk(text, finish=False):
                with socket.create_connection((place[0], int(place[1])), timeout=20) as line:
                    try:
                        line.sendall(text)
                        if finish: line.shutdown(socket.SHUT_WR)
                        got = b""
                        while True:
                            more = line.recv(65536)
                            if not more: break
                            got += more
                            if b"Content-Length: 2\r\n" in got and got.endswith(b"{}") and b"close" not in text: break
                    except (ConnectionResetError, BrokenPipeError): pass
                    return got
            def first(text, **more): return talk(text, **more)[:12].decode()
            head = b"Host: x\r\nConnection: close\r\n"
            print("plain", first(b"GET /v2/ HTTP/1.1\r\n" + head + b"\r\n"))
            print("old", first(b"GET /v2/ HTTP/1.0\r\n\r\n"))
            print("garbage", first(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n"))
            print("long field", first(b"GET /v2/ HTTP/1.1\r\n" + head + b"X: " + b"a" * 40000 + b"\r\n\r\n"))
            print("many fields", first(b"GET /v2/ HTTP/1.1\r\n" + head + b"".join(b"X%d: a\r\n" % i for i in range(200)) + b"\r\n"))
            print("long address", first(b"GET /v2/" + b"a" * 9000 + b" HTTP/1.1\r\n" + head + b"\r\n"))
            print("two lengths", first(b"POST /v2/a/blobs/uploads/ HTTP/1.1\r\n" + head + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"))
            print("both kinds", first(b"POST /v2/a/blobs/uploads/ HTTP/1.1\r\n" + head + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
            print("up", first(b"GET /v2/../../etc/passwd HTTP/1.1\r\n" + head + b"\r\n"))
            print("expects", first(b"POST /v2/a/blobs/uploads/ HTTP/1.1\r\n" + head + b"Expect: 100-continue\r\n\r\n"))
            two = talk(b"GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n" * 5 + b"GET /v2/_catalog HTTP/1.1\r\n" + head + b"\r\n")
            print("pipelined", two.count(b"HTTP/1.1 200"))
            lines = [socket.create_connection((place[0], int(place[1]))) for _ in range(300)]
            for line in lines: line.sendall(b"GET /v2/ HT")
            print("crowd", first(b"GET /v2/ HTTP/1.1\r\n" + head + b"\r\n"))
            lines += [socket.create_connection((place[0], int(place[1]))) for _ in range(300)]
            print("too many:" + first(b"GET /v2/ HTTP/1.1\r\n" + head + b"\r\n"))
            for line in lines: line.close()
            for _ in range(100):
                if first(b"GET /v2/ HTTP/1.1\r\n" + head + b"\r\n") == "HTTP/1.1 200": break
            print("after", first(b"GET /v2/ HTTP/1.1\r\n" + head + b"\r\n"))
            """#
        let said = try socle.python(script, [registry.host]).succeeding()
        let wanted = """
            plain HTTP/1.1 200
            old HTTP/1.0 200
            garbage HTTP/1.1 400
            long field HTTP/1.1 400
            many fields HTTP/1.1 400
            long address HTTP/1.1 414
            two lengths HTTP/1.1 400
            both kinds HTTP/1.1 400
            up HTTP/1.1 404
            expects HTTP/1.1 202
            pipelined 6
            crowd HTTP/1.1 200
            too many:
            after HTTP/1.1 200
            """
        #expect(said == wanted)
        try registry.end(by: "TERM", in: socle)
    }

    @Test func whatCanOnlyBeReadTakesNothing() throws {
        let socle = try prepared()
        let registry = try ServedRegistry(of: socle, "--read-only")
        try Socle().output("pull", "-q", "\(registry.host)/app:1")
        let answer = try socle.shell("curl -s -X POST \(registry.address)/v2/app/blobs/uploads/").succeeding()
        #expect(answer.contains("\"UNSUPPORTED\"") && answer.contains("the registry can only be read"), "\(answer)")
    }
}

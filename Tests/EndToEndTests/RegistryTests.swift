import SocleTesting
import SystemPackage
import Testing

/// `pull`, `push` and `login` against Debian's registry, next to Docker and skopeo.
@Suite(
    .requires(.all(.root, .overlay, Fixture.busybox, TestRegistry.isThere, .tool("skopeo"), .tool("jq"))),
    .serialized
)
struct RegistryTests {
    /// A store with `app:1`: busybox, and 3 MB that don't compress.
    private func prepared() throws -> Socle {
        let socle = try Socle()
        // skopeo remembers for all of root how layers are compressed elsewhere: other tests must not have this one.
        _ = try Fixture.busyboxRoot(in: socle.work, marked: "socle-test-registry")
        try socle.write(["ctx": ["Dockerfile": "FROM base\nCOPY noise /noise\nCMD [\"cat\", \"/etc/name\"]\n"]])
        try socle.shell("head -c 3000000 /dev/urandom > ctx/noise; socle import busybox.tar base; socle build -q -t app:1 ctx")
            .succeeding()
        return socle
    }

    private func id(_ socle: borrowing Socle, _ name: String) throws -> String {
        try socle.output("inspect", "-f", "{{.Id}}", name)
    }

    @Test func whatIsPushedComesBackTheSame() throws {
        let socle = try prepared()
        let registry = try TestRegistry(for: socle)
        let name = "\(registry.host)/team/app:1"
        try socle.output("tag", "app:1", name)
        let pushed = try socle.output("push", name)
        #expect(pushed.contains("The push refers to repository [\(registry.host)/team/app]\n"), "\(pushed)")
        #expect(pushed.contains(": Pushed\n"), "\(pushed)")
        let digest = try socle.shell("skopeo inspect --tls-verify=false --format '{{.Digest}}' docker://\(name)").succeeding()
        #expect(pushed.contains("1: digest: \(digest) size: "), "\(pushed)")
        let again = try socle.output("push", name)
        #expect(again.contains(": Layer already exists\n") && !again.contains("Pushed"), "\(again)")
        #expect(again.contains(digest))
        try socle.output("tag", "app:1", "\(registry.host)/other/app:2")
        let mounted = try socle.output("push", "\(registry.host)/other/app:2")
        #expect(mounted.contains(": Mounted from team/app\n"), "\(mounted)")

        let other = try Socle()
        let pulled = try other.output("pull", name)
        #expect(pulled.hasPrefix("1: Pulling from team/app\n"), "\(pulled)")
        #expect(pulled.hasSuffix("Digest: \(digest)\nStatus: Downloaded newer image for \(name)\n\(name)"), "\(pulled)")
        #expect(try id(other, name) == id(socle, name))
        #expect(try other.output("inspect", "-f", "{{index .RepoDigests 0}}", name) == "\(registry.host)/team/app@\(digest)")
        #expect(try other.output("pull", name).contains("Status: Image is up to date for \(name)\n"))
        #expect(try other.output("run", "--rm", "--network", "none", name, "wc", "-c", "/noise") == "3000000 /noise")
        // What came goes out again as it came.
        try other.output("tag", name, "\(registry.host)/third/app:1")
        #expect(try other.output("push", "\(registry.host)/third/app:1").contains(digest))
    }

    @Test(.requires(Docker.isThere)) func dockerAndSkopeoGiveAndTake() throws {
        let socle = try prepared()
        let registry = try TestRegistry(for: socle)
        let name = "\(registry.host)/app:1"
        try socle.output("tag", "app:1", name)
        try socle.output("push", name)
        try Docker.output("pull", "-q", name)
        let id = try id(socle, name)
        #expect(try Docker.output("inspect", "-f", "{{.Id}}", name) == id)
        try Docker.output("tag", name, "\(registry.host)/docker:1")
        try Docker.output("push", "\(registry.host)/docker:1")
        try Docker.output("rmi", "-f", id)
        try socle.shell(
            """
            skopeo copy -q --src-tls-verify=false --dest-tls-verify=false --format oci \\
              docker://\(registry.host)/docker:1 docker://\(registry.host)/oci:1
            """
        ).succeeding()
        for made in ["docker", "oci"] {
            let other = try Socle()
            try other.output("pull", "-q", "\(registry.host)/\(made):1")
            let wanted = try other.shell(
                "skopeo inspect --tls-verify=false --format '{{.Digest}}' docker://\(registry.host)/\(made):1"
            ).succeeding()
            #expect(
                try other.output("inspect", "-f", "{{index .RepoDigests 0}}", "\(registry.host)/\(made):1").hasSuffix(wanted)
            )
            #expect(try other.output("run", "--rm", "--network", "none", "\(registry.host)/\(made):1", "wc", "-c", "/noise") == "3000000 /noise")
        }
    }

    @Test func runAndBuildFetchWhatIsMissing() throws {
        let socle = try prepared()
        let registry = try TestRegistry(for: socle)
        let name = "\(registry.host)/app:1"
        try socle.write(["pushed": ["Dockerfile": "FROM app:1\nENV A=b\n"]])
        let built = try socle.run(["build", "--push", "-q", "-t", name, "pushed"])
        #expect(built.status == 0, "\(built.errorText)")
        let other = try Socle()
        let ran = try other.run(["run", "--rm", "--network", "none", name, "wc", "-c", "/noise"])
        #expect(ran.status == 0 && ran.text == "3000000 /noise\n", "\(ran.summary)")
        #expect(ran.errorText.hasPrefix("Unable to find image '\(name)' locally\n1: Pulling from app\n"), "\(ran.errorText)")
        let third = try Socle()
        try third.write(["ctx": ["Dockerfile": .file(Array("FROM \(name)\nRUN test -s /noise\n".utf8))]])
        try third.output("build", "-q", "-t", "made", "ctx")
        // What is there is used without asking.
        try third.output("build", "--no-cache", "-q", "-t", "made", "ctx")
        let absent = try third.run(["pull", "\(registry.host)/app:none"])
        #expect(absent.status == 1)
        #expect(
            absent.errorText == "Error: manifest for \(registry.host)/app:none not found: manifest unknown: manifest unknown\n",
            "\(absent.errorText)"
        )
    }

    @Test func passwordsOpenRegistriesAndStayWhereTheyBelong() throws {
        let socle = try prepared()
        let registry = try TestRegistry(for: socle, wantsPassword: true)
        let name = "\(registry.host)/app:1"
        try socle.output("tag", "app:1", name)
        let variables = ["DOCKER_CONFIG": socle.work.appending("config").string]
        let refused = try socle.run(["push", name], environment: variables)
        #expect(refused.status == 1 && refused.errorText.contains("no basic auth credentials\nhint: socle login"), "\(refused.summary)")
        let wrong = try socle.run(
            ["login", "-u", "tester", "--password-stdin", registry.host],
            input: Array("nonsense\n".utf8),
            environment: variables
        )
        #expect(wrong.status == 1 && wrong.errorText.contains("unauthorized"), "\(wrong.summary)")
        #expect(!wrong.errorText.contains("nonsense"))
        try socle.write(["config": ["config.json": "{\"HttpHeaders\": {\"X-Kept\": \"1\"}}"]])
        let login = try socle.run(
            ["login", "-u", TestRegistry.user.name, "--password-stdin", registry.host],
            input: Array((TestRegistry.user.password + "\n").utf8),
            environment: variables
        )
        #expect(login.status == 0 && login.text == "Login Succeeded\n", "\(login.summary)")
        #expect(try socle.shell("stat -c %a config/config.json; jq -r '.HttpHeaders[\"X-Kept\"]' config/config.json").succeeding() == "600\n1")
        #expect(try socle.run(["push", name], environment: variables).status == 0)
        #expect(try socle.shell("skopeo inspect --tls-verify=false --authfile config/config.json docker://\(name) >/dev/null && echo read").succeeding() == "read")
        let logout = try socle.run(["logout", registry.host], environment: variables)
        #expect(logout.text == "Removing login credentials for \(registry.host)\n", "\(logout.summary)")
        #expect(try socle.run(["push", name], environment: variables).status == 1)
        #expect(try socle.run(["logout", registry.host], environment: variables).text == "Not logged in to \(registry.host)\n")
    }

    /// A registry whose answers are made worse on the way: an image in full or a clear error, and nothing of it left.
    @Test(arguments: [
        (["drop=1000000:2:blobs/"], ""), (["status=503:2:/"], ""), (["later=0:1:manifests"], ""),
        (["drop=1000000:1:blobs/", "norange:9:blobs/"], ""), (["drop=0:99:blobs/sha256"], ""),
        (["flip:9:blobs/sha256"], "verification failed"), (["short:99:blobs/sha256"], ""),
        (["status=404:9:blobs/sha256"], "not found"), (["status=403:9:manifests"], "403"),
        (["status=500:99:manifests"], "status 500"), (["later=600:1:manifests"], "toomanyrequests"),
        (["flip:9:manifests/"], "digest"), (["endless:9:blobs/sha256"], ""),
    ])
    func faultsAreMendedOrTold(_ faults: [String], _ words: String) throws {
        let socle = try prepared()
        let registry = try TestRegistry(for: socle)
        try socle.output("tag", "app:1", "\(registry.host)/app:1")
        try socle.output("push", "\(registry.host)/app:1")
        let proxy = try FaultProxy(for: socle, before: registry.host, faults)
        let other = try Socle()
        let result = try other.run(["pull", "\(proxy.host)/app:1"])
        let isMended = ["503", "drop=1000000", "later=0"].contains { faults[0].contains($0) }
        if isMended {
            #expect(result.status == 0, "\(faults): \(result.summary)")
            #expect(try id(other, "\(proxy.host)/app:1") == id(socle, "app:1"))
        } else {
            #expect(result.status == 1, "\(faults): \(result.summary)")
            #expect(result.errorText.contains(words), "\(faults): \(result.errorText)")
            #expect(try other.output("images", "-q") == "")
            #expect(try other.shell("ls \"$SOCLE_ROOT\"/trees 2>/dev/null | wc -l").succeeding() == "0")
        }
    }

    @Test func aKilledPullGoesOnWhereItWas() throws {
        let socle = try prepared()
        let registry = try TestRegistry(for: socle)
        try socle.output("tag", "app:1", "\(registry.host)/app:1")
        try socle.output("push", "\(registry.host)/app:1")
        let proxy = try FaultProxy(for: socle, before: registry.host, ["slow=1500000:1:blobs/sha256", "slow=1500000:1:blobs/sha256", "slow=1500000:1:blobs/sha256"])
        let other = try Socle()
        let script = """
            "$SOCLE" pull -q \(proxy.host)/app:1 & sleep 1.5; kill -9 $!; wait $! 2>/dev/null
            find "$SOCLE_ROOT/partial" -type f -size +300k | wc -l
            """
        #expect(try other.shell(script).succeeding().split(separator: "\n").last == "1")
        try other.output("pull", "-q", "\(proxy.host)/app:1")
        #expect(try other.output("run", "--rm", "--network", "none", "\(proxy.host)/app:1", "wc", "-c", "/noise") == "3000000 /noise")
        let ranges = try proxy.requests("map(select(.range)) | length")
        #expect(ranges != "0")
        // What had come isn't asked for again: all that the second one got is less than the layer.
        let rest = try proxy.requests("map(select(.range and .status == 206) | .sent) | add")
        #expect(Int(rest).map { $0 < 2_700_000 } == true, "\(rest)")
        #expect(try other.shell("ls \"$SOCLE_ROOT/partial\" | wc -l").succeeding() == "0")
    }

    @Test func twoPullsOfOneImageShareTheWork() throws {
        let socle = try prepared()
        let registry = try TestRegistry(for: socle)
        try socle.output("tag", "app:1", "\(registry.host)/app:1")
        try socle.output("push", "\(registry.host)/app:1")
        let proxy = try FaultProxy(for: socle, before: registry.host, ["slow=3000000:9:blobs/sha256"])
        let other = try Socle()
        try other.shell("socle pull -q \(proxy.host)/app:1 & socle pull -q \(proxy.host)/app:1; wait $!").succeeding()
        // Each layer once; the small config may come twice.
        let sent = try proxy.requests("map(select(.method == \"GET\" and .sent > 100000)) | group_by(.path) | map(length) | max")
        #expect(sent == "1")
    }

    @Test func noCredentialGoesToAnotherServer() throws {
        let socle = try prepared()
        let registry = try TestRegistry(for: socle, wantsPassword: true)
        let open = try TestRegistry(for: socle, name: "open")
        let variables = ["DOCKER_CONFIG": socle.work.appending("config").string]
        let elsewhere = try FaultProxy(for: socle, before: open.host, [], name: "elsewhere")
        let away = "away=http~//\(elsewhere.host.split(separator: ":").joined(separator: "~")):9:blobs/sha256"
        let proxy = try FaultProxy(for: socle, before: registry.host, [away])
        for host in [registry.host, proxy.host] {
            let login = try socle.run(
                ["login", "-u", TestRegistry.user.name, "--password-stdin", host],
                input: Array(TestRegistry.user.password.utf8),
                environment: variables
            )
            #expect(login.status == 0, "\(login.summary)")
        }
        for host in [registry.host, open.host] {
            try socle.output("tag", "app:1", "\(host)/app:1")
            #expect(try socle.run(["push", "\(host)/app:1"], environment: variables).status == 0)
        }
        let other = try Socle()
        let pulled = try other.run(["pull", "\(proxy.host)/app:1"], environment: variables)
        #expect(pulled.status == 0, "\(pulled.summary)")
        #expect(try elsewhere.requests("map(select(.method == \"GET\")) | length") != "0")
        #expect(try elsewhere.requests("map(select(.authorization)) | length") == "0")
        #expect(try proxy.requests("map(select(.authorization)) | length") != "0")
    }
}

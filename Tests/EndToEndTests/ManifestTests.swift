import SocleTesting
import SystemPackage
import Testing

/// `manifest create`, `annotate`, `inspect`, `push` and `rm`, next to Docker's.
@Suite(.requires(.all(.root, TestRegistry.isThere, .tool("skopeo"), .tool("jq"))), .serialized)
struct ManifestTests {
    /// A registry with `one:amd` and `one:arm`.
    private func prepared(_ socle: borrowing Socle) throws -> TestRegistry {
        let registry = try TestRegistry(for: socle)
        let host = registry.host
        try socle.write(["ctx": ["Dockerfile": "FROM scratch\nCOPY file /file\n", "file": "content\n"]])
        try socle.shell(
            """
            socle build -q --platform linux/amd64 -t \(host)/one:amd ctx && socle push -q \(host)/one:amd
            socle build -q --platform linux/arm64 -t \(host)/one:arm ctx && socle push -q \(host)/one:arm
            # Docker 20.10 knows its own manifests only.
            skopeo="skopeo copy -q --src-tls-verify=false --dest-tls-verify=false --format v2s2"
            for name in amd arm; do $skopeo docker://\(host)/one:$name docker://\(host)/one:$name; done
            """
        ).succeeding()
        return registry
    }

    @Test(.requires(Docker.isThere)) func asDockerDoesIt() throws {
        let socle = try Socle()
        let registry = try prepared(socle)
        defer { withExtendedLifetime(registry) {} }
        let host = registry.host
        let (all, amd, arm) = ("\(host)/one:all", "\(host)/one:amd", "\(host)/one:arm")
        let docker = "HOME=$PWD DOCKER_CLI_EXPERIMENTAL=enabled /usr/bin/docker"
        for arguments in [
            "manifest create --insecure \(all) \(amd) \(arm)", "manifest create --insecure \(all) \(amd)",
            "manifest create --insecure \(host)/one:x \(host)/one:none",
            "manifest annotate --arch arm --variant v7 --os-features a,b \(all) \(arm)",
            "manifest annotate --arch foo \(all) \(arm)", "manifest annotate --arch arm64 \(all) \(host)/one:zzz",
            "manifest rm \(host)/one:never",
        ] {
            let (theirs, ours) = (try socle.shell("\(docker) \(arguments)"), try socle.shell("socle \(arguments)"))
            #expect(ours.status == theirs.status, "\(arguments): \(ours.errorText)")
            #expect(ours.text == theirs.text, "\(arguments)")
            if arguments.contains("--arch foo") { continue }  // Docker forgets the operating system in its message
            #expect(ours.plainError.contains(theirs.errorText.trimmingLastNewline), "\(arguments): \(ours.errorText)")
        }
        let inspect = { (program: String, flags: String) in
            // "Raw" came later than Debian's Docker.
            let filter = "if type == \"array\" then map(del(.Raw)) else del(.Raw) end"
            return try socle.shell("\(program) manifest inspect --insecure \(flags) | jq -S '\(filter)'").succeeding()
        }
        for flags in [all, amd, "-v \(amd)", "-v \(all)"] {
            #expect(try inspect("socle", flags) == inspect(docker, flags), "\(flags)")
        }
        let pushed = try socle.output("manifest", "push", "--purge", all)
        let digest = try socle.shell("skopeo inspect --tls-verify=false --raw docker://\(all) | sha256sum | cut -c1-64").succeeding()
        #expect(pushed == "sha256:\(digest)")
        #expect(try socle.run(["manifest", "rm", all]).status == 1)
        // What was pushed is what Docker would have pushed, but for its white space.
        let ours = try socle.shell("skopeo inspect --tls-verify=false --raw docker://\(all) | jq -S .").succeeding()
        try socle.shell("\(docker) manifest push --insecure \(all)").succeeding()
        #expect(try socle.shell("skopeo inspect --tls-verify=false --raw docker://\(all) | jq -S .").succeeding() == ours)
    }

    @Test func whatIsElsewhereComesAlong() throws {
        let socle = try Socle()
        let registry = try prepared(socle)
        let second = try TestRegistry(for: socle, name: "second")
        let all = "\(second.host)/team/two:1"
        try socle.output("tag", "\(registry.host)/one:arm", "stored:1")
        try socle.output("index", "create", all, "\(registry.host)/one:amd", "store:stored:1")
        try socle.output("index", "annotate", "--annotation", "org.example.note=x", all, "store:stored:1")
        let pushed = try socle.output("index", "push", all)
        let raw = try socle.shell("skopeo inspect --tls-verify=false --raw docker://\(all)").succeeding()
        #expect(raw.contains("org.example.note"), "\(raw)")
        for platform in ["amd64", "arm64"] {
            let found = "skopeo --override-arch \(platform) inspect --tls-verify=false --format '{{.Architecture}} {{.Digest}}' docker://\(all)"
            #expect(try socle.shell(found).succeeding() == "\(platform) \(pushed)")
        }
        // An index gives all its manifests to another one.
        let third = "\(second.host)/team/three:1"
        try socle.output("index", "create", third, all)
        try socle.output("index", "push", third)
        #expect(try socle.shell("skopeo inspect --tls-verify=false --raw docker://\(third) | jq '.manifests | length'").succeeding() == "2")
    }
}

import SocleTesting
import SystemPackage
import Testing

/// `--cache-to` and `--cache-from` with a registry between two stores.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox, TestRegistry.isThere, .tool("jq"), .tool("skopeo"))), .serialized)
struct RegistryCacheTests {
    /// A store with `base`: another one's, where there is another one, since the time of an import is part of an image.
    private func prepared(from other: FilePath? = nil) throws -> Socle {
        let socle = try Socle()
        _ = try Fixture.busyboxRoot(in: socle.work, marked: "socle-test-registry-cache")
        let dockerfile = """
            FROM base AS first
            RUN head -c 200000 /dev/zero > /zeros && echo made > /made
            FROM base
            COPY --from=first /made /made
            RUN cat /made > /copied

            """
        try socle.write(["ctx": ["Dockerfile": .file(Array(dockerfile.utf8))]])
        if let other {
            try socle.output("load", "-i", other.appending("base.tar").string)
        } else {
            try socle.output("import", "busybox.tar", "base")
            try socle.output("save", "-o", "base.tar", "base")
        }
        return socle
    }

    private func explained(_ socle: borrowing Socle, _ arguments: String...) throws -> String {
        let result = try socle.run(["build", "--explain", "--progress", "plain", "-t", "app:1"] + arguments + ["ctx"])
        #expect(result.status == 0, "\(result.errorText)")
        return result.errorText
    }

    @Test(arguments: ["", ",compression=zstd", ",compression=uncompressed"])
    func everyStepComesFromTheRegistry(form: String) throws {
        let first = try prepared()
        let registry = try TestRegistry(for: first)
        let name = "\(registry.host)/team/cache:main"
        let written = try explained(first, "--cache-to", "type=registry,ref=\(name),mode=max\(form)")
        #expect(written.contains("exporting cache to registry \(name)"), "\(written)")
        let second = try prepared(from: first.work)
        let text = try explained(second, "--cache-from", "type=registry,ref=\(name)")
        #expect(text.contains("importing cache manifest from \(name)"), "\(text)")
        #expect(text.contains("Cache: 3 of 3 steps cached\n"), "\(text)")
        let id = { (socle: borrowing Socle) in try socle.output("image", "inspect", "--raw", "app:1") }
        // Not only the same image: the same manifest.
        #expect(try id(first) == id(second))
        #expect(try second.output("system", "check").contains("all sound"))
        let raw = try first.shell("skopeo inspect --tls-verify=false --raw docker://\(name)").succeeding()
        #expect(raw.contains("application/vnd.socle.cache.config.v1+json"), "\(raw)")
        withExtendedLifetime(registry) {}
    }

    @Test func imagesAtARegistryCarryTheirCache() throws {
        let first = try prepared()
        let registry = try TestRegistry(for: first)
        let name = "\(registry.host)/team/app:1"
        try first.write(["ctx": ["Dockerfile": "FROM base\nRUN echo made > /made\n"]])
        try first.output("build", "-q", "-t", name, "--cache-to", "type=inline", "--push", "ctx")
        let second = try prepared(from: first.work)
        try second.write(["ctx": ["Dockerfile": "FROM base\nRUN echo made > /made\n"]])
        #expect(try explained(second, "--cache-from", name).contains("Cache: 1 of 1 step"))
        #expect(try second.output("inspect", "-f", "{{.Id}}", "app:1") == first.output("inspect", "-f", "{{.Id}}", name))
        withExtendedLifetime(registry) {}
    }

    @Test func aRegistryThatIsGoneMakesABuildLonger() throws {
        let socle = try prepared()
        let text = try explained(socle, "--cache-from", "type=registry,ref=127.0.0.1:1/x:1")
        #expect(text.contains("ERROR: "), "\(text)")
        let failed = try socle.run(["build", "--cache-to", "type=registry,ref=127.0.0.1:1/x:1", "ctx"])
        #expect(failed.status == 1)
        let ignored = try socle.run(["build", "--cache-to", "type=registry,ref=127.0.0.1:1/x:1,ignore-error=true", "ctx"])
        #expect(ignored.status == 0, "\(ignored.errorText)")
    }
}

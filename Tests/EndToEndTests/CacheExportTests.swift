import SocleTesting
import SystemPackage
import Testing

/// Caches that go from one store to another: `--cache-to` and `--cache-from`.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
struct CacheExportTests {
    private static let dockerfile = """
        FROM base AS build
        WORKDIR /made
        COPY src /src
        RUN cat /src/a /proc/sys/kernel/random/uuid > /out
        FROM base
        COPY --from=build /out /
        RUN cat /out /proc/sys/kernel/random/uuid > /both
        """

    private func prepared() throws -> Socle {
        let socle = try Socle.withBase()
        try socle.write(["Dockerfile": .file(Array(Self.dockerfile.utf8)), "src": ["a": "one", "b": "two"]])
        return socle
    }

    /// What `--explain` says of a build that must succeed.
    @discardableResult
    private func build(_ socle: borrowing Socle, _ arguments: String...) throws -> Command {
        let result = try socle.run(["build", "-q", "--explain"] + arguments + ["."])
        #expect(result.status == 0, "\(result.errorText)")
        return result
    }

    private func files(in folder: FilePath) throws -> [String] {
        try Command.output(of: "sh", ["-c", "cd '\(folder)' && find . -type f | sort"]).split(separator: 10).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test func anotherStoreTakesEveryStep() throws {
        let first = try prepared()
        let cache = first.work.appending("cache")
        let id = try build(first, "--cache-to", "type=local,dest=cache,mode=max").text
        // Another folder, other times and inodes, a store that knows nothing.
        let second = try prepared()
        try Command.output(of: "touch", ["-d", "2001-01-01", "src/a", "src/b"], directory: first.work)
        let result = try build(second, "-t", "app", "--cache-from", "type=local,src=\(cache)")
        #expect(result.errorText.hasPrefix("Cache: 5 of 5 steps cached\n"), "\(result.errorText)")
        #expect(result.errorText.contains(": cached, from local:\(cache)\n"))
        // The layers hold what no second run would give, and the image is the very same.
        #expect(result.text == id)
        let both = try second.output("run", "--rm", "app", "cat", "/both", "/out")
        #expect(both.split(separator: "\n").count == 3)
        // From now on the store knows them itself.
        #expect(!(try build(second).errorText.contains("from local")))
        #expect(try second.output("system", "check").contains("all sound"))
    }

    @Test func minimalCachesHaveTheResultsLayersOnly() throws {
        let first = try prepared()
        try build(first, "--cache-to", "type=local,dest=min", "--cache-to", "type=local,dest=max,mode=max")
        // A config, a manifest, and 2 or 5 layers.
        #expect(try files(in: first.work.appending("min/blobs/sha256")).count == 4)
        #expect(try files(in: first.work.appending("max/blobs/sha256")).count == 7)
        let second = try prepared()
        let text = try build(second, "--cache-from", "type=local,src=\(first.work.appending("min"))").errorText
        // The stage is built again, and gives another file, so what follows can't be known.
        #expect(text.hasPrefix("Cache: 0 of 5 steps cached\n"), "\(text)")
    }

    @Test func foldersKeepTagsUntilTheyAreReset() throws {
        let socle = try prepared()
        try build(socle, "--cache-to", "type=local,dest=c,mode=max,tag=one")
        try socle.write(["src": ["a": "changed"]])
        try build(socle, "--cache-to", "type=local,dest=c,mode=max,tag=two")
        let both = try files(in: socle.work.appending("c/blobs/sha256")).count
        let other = try prepared()
        let folder = socle.work.appending("c")
        #expect(try build(other, "--cache-from", "type=local,src=\(folder),tag=one").errorText.contains("5 of 5"))
        let missing = try other.run([
            "build", "--progress", "plain", "--cache-from", "type=local,src=\(folder),tag=none", ".",
        ])
        #expect(missing.errorText.contains("no cache tagged \"none\" in it"), "\(missing.errorText)")
        #expect(missing.errorText.contains("it has one, two"), "\(missing.errorText)")
        try build(socle, "--cache-to", "type=local,dest=c,mode=max,tag=two,reset=true")
        #expect(try files(in: folder.appending("blobs/sha256")).count < both)
        let third = try prepared()
        try third.write(["src": ["a": "changed"]])
        #expect(try build(third, "--cache-from", "type=local,src=\(folder)").errorText.contains("5 of 5"))
    }

    @Test func onlyWhatIsNeededIsRead() throws {
        let first = try prepared()
        try build(first, "--cache-to", "type=local,dest=c,mode=max")
        let second = try prepared()
        // The store has the first stage's layers already; without them in the folder nothing is missed.
        try build(second, "--target", "build", "--cache-from", "type=local,src=\(first.work.appending("c"))")
        let script = """
            cd c/blobs/sha256; for f in *; do [ -e '\(second.store)'/blobs/sha256/$f ] && rm $f; done; ls | wc -l
            """
        #expect(try Command.run("sh", ["-c", script], directory: first.work).succeeding() == "4")
        let text = try build(second, "--cache-from", "type=local,src=\(first.work.appending("c"))").errorText
        #expect(text.hasPrefix("Cache: 5 of 5 steps cached\n"), "\(text)")
    }

    @Test func damagedAndHostileCachesAreNotBelieved() throws {
        let first = try prepared()
        try build(first, "--cache-to", "type=local,dest=c,mode=max")
        let damage: [(script: String, message: String)] = [
            // A layer of the right size with another content.
            (
                "f=$(ls -S blobs/sha256/* | head -1); s=$(stat -c %s $f); rm $f; head -c $s /dev/urandom > $f",
                "is not used: "
            ),
            ("f=$(ls -S blobs/sha256/* | head -1); echo more >> $f", "is not used: size is "),
            ("f=$(ls -S blobs/sha256/* | head -1); rm $f; mkfifo $f", "is not used: it is no file"),
            ("f=$(ls -S blobs/sha256/* | head -1); rm $f; ln -s /etc/passwd $f", "is not used: "),
            ("echo '{' > index.json", "ERROR: invalid JSON"),
            ("rm index.json", "ERROR: index.json: no such file"),
            ("sed -i 's/sha256:[0-9a-f]*/sha256:..\\/..\\/..\\/etc\\/passwd/' index.json", "ERROR: "),
            ("sed -i 's/\"size\":[0-9]*/\"size\":99999999999/' index.json", "too large"),
            ("head -c 20000000 /dev/zero > index.json", "ERROR: "),
            ("for f in blobs/sha256/*; do grep -q '\"records\"' $f && echo ' ' >> $f; done; true", "ERROR: "),
        ]
        for (script, message) in damage {
            try Command.output(
                of: "sh",
                ["-c", "rm -rf d; cp -r c d; cd d; set -e; \(script)"],
                directory: first.work
            )
            let second = try prepared()
            let result = try second.run([
                "build", "--progress", "plain", "--cache-from", "type=local,src=\(first.work.appending("d"))", ".",
            ])
            // A cache that can't be used makes a build longer, and nothing else.
            #expect(result.status == 0, "\(script): \(result.errorText)")
            #expect(result.errorText.contains(message), "\(script): \(result.errorText)")
            #expect(try second.output("system", "check").contains("all sound"))
            try second.expectNothingLeft()
        }
    }

    @Test func imagesCarryTheirCache() throws {
        let first = try prepared()
        for (name, arguments) in [
            ("flag", ["--cache-to", "type=inline"]), ("argument", ["--build-arg", "BUILDKIT_INLINE_CACHE=1"]),
            ("none", []),
        ] {
            #expect(try first.run(["build", "-q", "-t", name] + arguments + ["."]).status == 0)
            try first.output("save", "-o", "\(name).tar", name)
        }
        // The image is the same with and without.
        #expect(
            try first.output("inspect", "-f", "{{.Id}}", "flag") == first.output("inspect", "-f", "{{.Id}}", "none")
        )
        for name in ["flag", "argument"] {
            let second = try prepared()
            try second.output("load", "-i", first.work.appending("\(name).tar").string)
            // The last stage's own steps: what COPY takes is known from the context here.
            try second.write(["Dockerfile": "FROM base\nCOPY src /src\nRUN cat /src/a > /x\n"])
            try first.write(["Dockerfile": "FROM base\nCOPY src /src\nRUN cat /src/a > /x\n"])
            try first.output("build", "-q", "-t", "simple", "--cache-to", "type=inline", ".")
            try first.output("save", "-o", "simple.tar", "simple")
            try second.output("load", "-i", first.work.appending("simple.tar").string)
            let text = try build(second, "--cache-from", name, "--cache-from", "type=registry,ref=simple").errorText
            #expect(text.hasPrefix("Cache: 2 of 2 steps cached\n"), "\(text)")
            #expect(text.contains(": cached, from simple:latest\n"), "\(text)")
            try first.write(["Dockerfile": .file(Array(Self.dockerfile.utf8))])
        }
        let third = try prepared()
        try third.output("load", "-i", first.work.appending("none.tar").string)
        let result = try third.run([
            "build", "--progress", "plain", "--cache-from", "none", "--cache-from", "nowhere/x:1", ".",
        ])
        #expect(result.status == 0)
        #expect(result.errorText.contains("none:latest: no cache in the image"), "\(result.errorText)")
        #expect(result.errorText.contains("nowhere/x:1: the registry is blocked"), "\(result.errorText)")
    }

    @Test func whatCantBeDoneIsRefusedByName() throws {
        let socle = try prepared()
        for (flag, message) in [
            ("--cache-to=type=gha", "cache type \"gha\" is not supported"),
            ("--cache-from=type=s3,bucket=b", "cache type \"s3\" is not supported"),
            ("--cache-to=type=registry,ref=x,compression=lz4", "compression=lz4"),
            ("--cache-to=type=local", "needs dest=DIR"),
        ] {
            let result = try socle.run(["build", flag, "."])
            #expect(result.status == 125, "\(flag)")
            #expect(result.errorText.contains(message), "\(flag): \(result.errorText)")
        }
        // A folder that can't be written to.
        try socle.write(["file": "x"])
        let refused = try socle.run(["build", "-q", "--cache-to", "type=local,dest=file", "."])
        #expect(refused.status == 1, "\(refused.errorText)")
        #expect(try build(socle, "--cache-to", "type=local,dest=file,ignore-error=true").status == 0)
    }
}

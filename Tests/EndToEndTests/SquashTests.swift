import SocleTesting
import SystemPackage
import Testing

/// `build --squash`: one layer above the base.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
struct SquashTests {
    private func prepared() throws -> Socle {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work)
        try socle.output("import", tar.string, "base")
        try socle.write([
            "ctx": [
                "Dockerfile": """
                FROM base
                RUN echo secret > /secret && echo a > /a && rm -r /var
                RUN rm /secret /etc/group && echo b > /b && mkdir /var && echo v > /var/v
                COPY f /a
                ENV X=y
                """,
                "f": "from the context",
            ]
        ])
        return socle
    }

    @Test func newLayersBecomeOne() throws {
        let socle = try prepared()
        let plain = try socle.output("build", "-q", "-t", "plain", "ctx")
        let id = try socle.output("build", "-q", "--squash", "-t", "squashed", "ctx")
        #expect(id != plain)
        func count(_ name: String) throws -> String {
            try socle.output("inspect", "-f", "{{len .RootFS.Layers}}", name)
        }
        #expect(try count("plain") == "4")
        #expect(try count("squashed") == "2")
        // The base's layer is the base's.
        let bottom = "{{index .RootFS.Layers 0}}"
        #expect(try socle.output("inspect", "-f", bottom, "squashed") == socle.output("inspect", "-f", bottom, "base"))
        // The same files, and what is gone is nowhere.
        let script =
            "find / -xdev -type f | grep -v -e /proc -e /sys -e /etc/h -e resolv | sort | xargs cat | cksum; cat /a; ls /var"
        #expect(
            try socle.output("run", "--rm", "squashed", "sh", "-c", script)
                == socle.output("run", "--rm", "plain", "sh", "-c", script)
        )
        let grep = "tar -xOf - --wildcards 'blobs/*' | grep -c -a 'secret$' || true"
        #expect(try socle.shell("socle save squashed | \(grep)").succeeding() == "0")
        #expect(try socle.shell("socle save plain | \(grep)").succeeding() == "1")
        try socle.expectNothingLeft()
    }

    /// As Docker's experimental daemon writes it: the steps without layers, then what was merged to what.
    @Test func historyAndConfig() throws {
        let socle = try prepared()
        let plain = try socle.output("build", "-q", "ctx")
        let id = try socle.output("build", "-q", "--squash", "-t", "squashed", "ctx")
        let base = try socle.output("inspect", "-f", "{{.Id}}", "base")
        let rows = try socle.output("history", "--no-trunc", "--format", "{{.Size}} {{.Comment}}", "squashed")
            .split(separator: "\n")
        #expect(rows[0].hasSuffix("B merge \(plain) to \(base)"), "\(rows[0])")
        #expect(!rows[0].hasPrefix("0B"))
        #expect(rows[1...4].allSatisfy { $0.hasPrefix("0B ") })
        #expect(try socle.output("inspect", "-f", "{{json .Config.Env}}", "squashed").contains("X=y"))
        // Again, out of the cache: the very same image.
        #expect(try socle.output("build", "-q", "--squash", "ctx") == id)
    }

    @Test func withoutABase() throws {
        let socle = try prepared()
        try socle.write(["ctx": ["D": "FROM scratch\nCOPY f /f\nCOPY f /g\n"]])
        let plain = try socle.output("build", "-q", "-f", "ctx/D", "ctx")
        try socle.output("build", "-q", "--squash", "-t", "s", "-f", "ctx/D", "ctx")
        #expect(try socle.output("inspect", "-f", "{{len .RootFS.Layers}}", "s") == "1")
        #expect(
            try socle.output("history", "--no-trunc", "--format", "{{.Comment}}", "s").hasPrefix(
                "create new from \(plain)"
            )
        )
    }
}

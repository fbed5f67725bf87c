import SocleTesting
import SystemPackage
import Testing

/// `image diff`, `validate`, `squash` and `export`.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
struct ImageDiffTests {
    private func prepared() throws -> Socle {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work)
        try socle.output("import", tar.string, "base:1")
        try socle.write([
            "ctx": [
                "Dockerfile": """
                FROM base:1
                RUN echo secret > /secret && chmod 600 /etc/group && ln -s group /etc/link
                RUN rm /secret /bin/vi && echo more >> /etc/passwd
                COPY --chmod=4755 f /f
                ENV A=b
                """, "f": "from the context",
            ]
        ])
        try socle.output("build", "-q", "-t", "built:1", "ctx")
        return socle
    }

    @Test func whatIsDifferentIsShown() throws {
        let socle = try prepared()
        let result = try socle.run(["image", "diff", "base:1", "built:1"])
        #expect(result.status == 1)
        let size = try socle.shell("stat -c %s root/etc/passwd").succeeding()
        let group = try socle.shell("stat -c %s root/etc/group").succeeding()
        let grown = (Int(size) ?? 0) + 5
        #expect(
            result.text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") } == [
                "--- base:1", "+++ built:1", "Config:", "A Env.A: \"b\"",
                "A Env.PATH: \"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"",
                "Files (2 added, 2 changed, 1 removed, +21B):", "D lrwxrwxrwx 0:0 - /bin/vi -> busybox",
                "C -rw-r--r-- -> -rw------- 0:0 \(group) /etc/group",
                "A lrwxrwxrwx 0:0 - /etc/link -> group", "C -rw-r--r-- 0:0 \(size) -> \(grown) /etc/passwd",
                "A -rwsr-xr-x 0:0 16 /f",
            ],
            "\(result.text)"
        )
        #expect(try socle.run(["image", "diff", "base:1", "base:1"]).summary == "status 0\n")
        #expect(try socle.run(["image", "diff", "-q", "base:1", "built:1"]).summary == "status 1\n")
        #expect(try socle.run(["image", "diff", "base:1", "nothing"]).status == 2)
        let changes = try socle.run([
            "image", "diff", "--format", "{{range .Files}}{{.Change}}{{.Path}} {{end}}", "built:1", "base:1",
        ])
        #expect(changes.text == "A/bin/vi C/etc/group D/etc/link C/etc/passwd D/f \n")
    }

    @Test func squashedAndExportedImagesAreTheSame() throws {
        let socle = try prepared()
        let id = try socle.output("image", "squash", "-t", "flat", "built:1")
        #expect(try socle.output("image", "squash", "built:1") == id)
        #expect(try socle.run(["image", "diff", "built:1", "flat"]).summary == "status 0\n")
        #expect(try socle.output("inspect", "-f", "{{len .RootFS.Layers}}", "flat") == "1")
        try socle.output("image", "squash", "--from", "2", "-t", "half", "built:1")
        #expect(try socle.output("inspect", "-f", "{{len .RootFS.Layers}}", "half") == "2")
        #expect(try socle.output("run", "--rm", "half", "cat", "/f") == "from the context")
        #expect(try socle.shell("socle save half | tar -xOf - | grep -c -a '^secret$'").text == "0\n")
        try socle.output("image", "export", "-o", "one.tar", "built:1")
        try socle.shell("socle image export half | cmp - one.tar && socle image export flat | cmp - one.tar")
            .succeeding()
        // What comes out can go in again.
        try socle.output("import", "one.tar", "again")
        #expect(try socle.shell("socle image diff built:1 again | grep -c /").text == "1\n", "only PATH")
        #expect(try socle.output("image", "validate", "flat", "half", "again").split(separator: "\n").count == 3)
        try socle.expectNothingLeft()
    }

    @Test func whatIsBrokenIsFound() throws {
        let socle = try prepared()
        try socle.output("save", "-o", "saved.tar", "built:1")
        try socle.shell("mkdir layout && tar -xf saved.tar -C layout").succeeding()
        #expect(try socle.run(["image", "validate", "built:1", "./saved.tar", "layout"]).status == 0)
        let damage = """
            file=$(ls -S layout/blobs/sha256/* | head -1)
            printf X | dd of=$file bs=1 seek=100 conv=notrunc status=none
            socle image validate -q layout
            """
        let found = try socle.shell(damage)
        #expect(found.status == 1 && found.text.contains(": its content has the digest sha256:"), "\(found.summary)")
        let missing = try socle.shell("rm layout/blobs/sha256/*; socle image validate layout --format '{{.Sound}}'")
        #expect(missing.status == 1 && missing.text == "false\n", "\(missing.summary)")
        let cut = try socle.shell("head -c 3000 saved.tar > cut.tar; socle image validate cut.tar")
        #expect(cut.status == 1 && cut.text.contains("cut.tar: "), "\(cut.summary)")
        #expect(try socle.run(["image", "validate", "nothing"]).status == 1)
    }

    @Test func aBuildsFailuresLeaveOneImage() throws {
        let socle = try prepared()
        try socle.write([
            "bad": ["Dockerfile": "FROM base:1\nARG N\nRUN echo $N > /n && exit 3\n"],
            "worse": ["Dockerfile": "FROM base:1\nRUN exit 4\n"],
        ])
        for number in 1...3 {
            #expect(try socle.run(["build", "--build-arg", "N=\(number)", "bad"]).status != 0)
        }
        #expect(try socle.run(["build", "worse"]).status != 0)
        #expect(try socle.output("images", "-q", "-f", "dangling=true").split(separator: "\n").count == 2)
        #expect(try socle.output("image", "prune", "-f").contains("deleted: "))
        #expect(try socle.output("images", "-q", "-f", "dangling=true") == "")
        let builds = try socle.output("builder", "history", "ls", "-q").split(separator: "\n").map(String.init)
        #expect(builds.count == 5)
        #expect(try socle.output("builder", "history", "rm", builds[0], builds[1]) == "\(builds[0])\n\(builds[1])")
        #expect(try socle.output("builder", "history", "ls", "-q").split(separator: "\n").count == 3)
        #expect(try socle.run(["builder", "history", "rm", builds[0]]).status == 1)
        try socle.output("builder", "history", "rm", "--all")
        #expect(try socle.output("builder", "history", "ls", "-q") == "")
    }
}

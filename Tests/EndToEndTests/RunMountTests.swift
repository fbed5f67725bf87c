import SocleTesting
import SystemPackage
import Testing

/// `RUN --mount`: what the program sees, what stays, and what the cache depends on.
@Suite(.requires(.all(.root, .overlay, .tool("python3"), Fixture.busybox)), .serialized)
final class RunMountTests {
    private let socle: Socle

    init() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work).string
        try socle.output("import", tar, "base")
        try Command.output(of: "rm", ["-rf", "root", "busybox.tar"], directory: socle.work)
        self.socle = socle
    }

    /// Builds a Dockerfile given as text; what the steps said, in order, without numbers and times.
    private func said(_ dockerfile: String, _ flags: [String] = [], status: Int32 = 0) throws -> [String] {
        try socle.write(["Dockerfile": .file(Array(dockerfile.utf8))])
        let result = try socle.run(["build", "--progress", "plain", "--network", "none", "-t", "app"] + flags + ["."])
        #expect(result.status == status, "\(result.errorText)")
        return Self.lines(result.errorText)
    }

    /// The lines `#5 0.123 text`.
    private static func lines(_ log: String) -> [String] {
        log.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard words.count == 3, words[0].hasPrefix("#"), Double(words[1]) != nil else { return nil }
            return String(words[2])
        }
    }

    /// The names in the layers that were added to the base, in order.
    private func names() throws -> String {
        try socle.shell(
            """
            socle save app > app.tar; mkdir -p saved; tar -xf app.tar -C saved; rm app.tar
            for layer in $(python3 -c "import json; print(*json.load(open('saved/manifest.json'))[0]['Layers'][1:])"); do
              tar -tf saved/$layer
            done
            rm -r saved
            """
        ).succeeding()
    }

    // MARK: - Bind

    @Test func theContextIsBoundReadOnly() throws {
        try socle.write(["file": "one\n", "folder": ["a": "a\n", "deep": ["b": "b\n"]]])
        let lines = try said(
            """
            FROM base
            RUN --mount=type=bind,target=/src cat /src/file /src/folder/deep/b; (echo x > /src/file) 2>/dev/null || echo refused
            RUN --mount=source=folder/a,target=/one/file cat /one/file
            RUN --mount=type=bind,source=folder,target=rel ls rel; test ! -e /src && test ! -e /one && echo gone
            """
        )
        #expect(
            lines == [
                "one", "b", "refused", "a", "a", "deep", "gone",
            ]
        )
        // Mount points aren't part of any layer.
        #expect(try names() == "")
        try socle.expectNothingLeft()
    }

    @Test func whatIsWrittenIntoABindIsThrownAway() throws {
        try socle.write(["file": "one\n", "folder": ["a": "a\n"]])
        let lines = try said(
            """
            FROM base AS other
            RUN mkdir /data && echo here > /data/file
            FROM base
            RUN --mount=target=/src,rw echo two > /src/file; rm -r /src/folder; touch /src/new; cat /src/file; ls /src
            RUN --mount=target=/src/file,source=file,rw echo three > /src/file; cat /src/file
            RUN --mount=from=other,source=/data,target=/d,rw echo four > /d/file; cat /d/file; touch /d/five
            RUN --mount=from=other,source=/data/file,target=/d,rw echo six > /d; cat /d
            RUN --mount=target=/src --mount=from=other,source=/data,target=/d ls /src /d; cat /src/file /d/file
            """
        )
        #expect(
            lines == [
                "two", "Dockerfile", "file", "new", "three", "four", "six", "/d:", "file", "", "/src:", "Dockerfile",
                "file", "folder", "one", "here",
            ]
        )
        #expect(try socle.shell("cat file; ls").succeeding() == "one\nDockerfile\nfile\nfolder")
        #expect(try names() == "")
    }

    @Test func whatTheIgnoreFileExcludesIsNotBound() throws {
        try socle.write([
            ".dockerignore": "*.secret\nfolder/hidden\nall/*\n!all/but\n",
            "a.secret": "no\n", "b": "yes\n",
            "folder": ["hidden": ["x": "no\n"], "shown": "yes\n", "y.secret": "no\n"],
            "all": ["but": "this\n", "not": "that\n", "nor": ["z": "z\n"]],
        ])
        let look = "cd /src; find . | sort; cat a.secret folder/hidden/x all/not 2>&1 | wc -l"
        let expected = [
            ".", "./.dockerignore", "./Dockerfile", "./all", "./all/but", "./b", "./folder", "./folder/shown",
            "./folder/y.secret", "3",
        ]
        #expect(try said("FROM base\nRUN --mount=target=/src \(look)") == expected)
        #expect(try said("FROM base\nRUN --mount=target=/src,rw \(look)") == expected)
        #expect(
            try said("FROM base\nRUN --mount=target=/f,source=folder ls /f; ls /f/hidden 2>&1; true") == [
                "shown", "y.secret", "ls: /f/hidden: No such file or directory",
            ]
        )
        let failed = try said("FROM base\nRUN --mount=target=/f,source=a.secret true", status: 1)
        #expect(failed == [])
        try socle.expectNothingLeft()
    }

    @Test func imagesStagesAndScratchAreBound() throws {
        let lines = try said(
            """
            FROM base AS tools
            RUN rm -r /etc/passwd && mkdir -p /opt && echo v1 > /opt/version && ln -s opt/version /link && ln -s /opt /abs
            RUN echo v2 > /opt/version
            FROM base
            RUN --mount=from=tools,target=/tools cat /tools/opt/version; ls /tools/etc/passwd 2>&1; true
            RUN --mount=from=tools,source=/link,target=/v cat /v
            RUN --mount=from=tools,source=abs/../opt,target=/o ls /o
            RUN --mount=from=base,source=/bin/busybox,target=/busybox /busybox echo from an image
            RUN --mount=from=scratch,target=/empty ls -A /empty | wc -l
            """
        )
        #expect(
            lines == [
                "v2", "ls: /tools/etc/passwd: No such file or directory", "v2", "version", "from an image", "0",
            ]
        )
    }

    /// Links of a context and of an image never lead to the host's files.
    @Test func linksDoNotLeadOut() throws {
        try socle.write(["inside": ["file": "mine\n"], "up": ["x": "x\n"]])
        try socle.shell("ln -s / host; ln -s ../../../../../../etc rel; ln -s /inside back; ln -s inside/file f")
            .succeeding()
        for source in ["host/etc/shadow", "rel/shadow", "../../../../etc/shadow"] {
            #expect(try said("FROM base\nRUN --mount=source=\(source),target=/x cat /x", status: 1) == [])
        }
        // As in an image: an absolute link begins at the context.
        #expect(try said("FROM base\nRUN --mount=source=back,target=/x cat /x/file") == ["mine"])
        #expect(try said("FROM base\nRUN --mount=source=f,target=/x cat /x") == ["mine"])
        // A target goes through links of the image, inside it.
        let lines = try said(
            """
            FROM base
            RUN mkdir /real && ln -s /real /here && ln -s ../../../../../outside /there && ln -s /nowhere/yet /new
            RUN --mount=source=inside,target=/here/in cat /real/in/file
            RUN --mount=source=inside,target=/there/in cat /outside/in/file
            RUN --mount=source=inside,target=/new cat /nowhere/yet/file
            RUN ls /real; ls -d /outside /nowhere 2>&1; true
            """
        )
        #expect(
            lines == [
                "mine", "mine", "mine", "ls: /outside: No such file or directory",
                "ls: /nowhere: No such file or directory",
            ]
        )
    }

    @Test func filesOfOthersShowAsRoots() throws {
        try socle.write(["src": ["a": "a\n", "d": ["b": "b\n"]], ".dockerignore": "nothing\n"])
        try socle.shell("chown -R 1000:1001 .").succeeding()
        for flags in ["", ",rw"] {
            let lines = try said(
                "FROM base\nRUN --mount=target=/c\(flags) cd /c; stat -c '%u:%g %n' . src src/a src/d/b; cp -a src /copy; ls -n /copy | grep -c ' 0 '"
            )
            #expect(lines == ["0:0 .", "0:0 src", "0:0 src/a", "0:0 src/d/b", "2"])
        }
    }

    /// The key of a step with a bind is what it shows: contents, modes and names, but no times.
    @Test func aBindIsPartOfTheKey() throws {
        try socle.write(["src": ["a": "one\n"], "other": "x\n", ".dockerignore": "src/ignored\n"])
        let dockerfile = """
            FROM base AS maker
            COPY src /made
            FROM base
            RUN --mount=source=src,target=/s cat /s/a
            RUN --mount=from=maker,source=/made,target=/s sed s/^/made-/ /s/a
            """
        #expect(try said(dockerfile) == ["one", "made-one"])
        #expect(try said(dockerfile) == [])
        try socle.shell("touch src/a src; echo y > other; echo no > src/ignored").succeeding()
        #expect(try said(dockerfile) == [])
        try socle.shell("echo two > src/a").succeeding()
        #expect(try said(dockerfile) == ["two", "made-two"])
        try socle.shell("chmod 600 src/a").succeeding()
        #expect(try said(dockerfile) == ["two", "made-two"])
        try socle.shell("echo more > src/b").succeeding()
        #expect(try said(dockerfile) == ["two", "made-two"])
    }

    @Test func mountsInMounts() throws {
        try socle.write(["app": ["main": "main\n", "modules": ["kept": "kept\n"]]])
        let lines = try said(
            """
            FROM base
            RUN --mount=source=app,target=/app --mount=type=cache,target=/app/modules touch /app/modules/new; ls /app /app/modules
            RUN --mount=type=tmpfs,target=/app/out --mount=source=app,target=/app,rw touch /app/out/x; ls /app /app/out
            """
        )
        #expect(
            lines == [
                "/app:", "main", "modules", "", "/app/modules:", "new", "/app:", "main", "modules", "out", "",
                "/app/out:", "x",
            ]
        )
        let failed = try socle.run(
            ["build", "--network", "none", "-f", "-", "."],
            input: Array(
                "FROM base\nRUN --mount=source=app,target=/app --mount=type=cache,target=/app/none true\n".utf8
            )
        )
        #expect(failed.status == 1 && failed.errorText.contains("read-only file system"), "\(failed.errorText)")
        try socle.expectNothingLeft()
    }

    // MARK: - Tmpfs and scripts

    @Test func memoryIsGoneAfterwards() throws {
        let lines = try said(
            """
            FROM base
            RUN mkdir -m 0700 /kept && echo below > /kept/file
            RUN --mount=type=tmpfs,target=/new,size=1m --mount=type=tmpfs,target=/kept stat -c '%a %n' /new /kept; ls /kept; \
              head -c 2000000 /dev/zero > /new/big 2>/dev/null || echo full; grep -c ' /new tmpfs rw,nosuid' /proc/mounts
            RUN cat /kept/file; ls -d /new 2>&1; true
            """
        )
        #expect(
            lines == [
                "1777 /new", "700 /kept", "full", "1", "below", "ls: /new: No such file or directory",
            ]
        )
        #expect(try names() == "kept/\nkept/file")
    }

    @Test func aScriptOfItsOwn() throws {
        let lines = try said(
            """
            FROM base
            RUN <<EOF
            #!/bin/sh -e
            echo "I am $0"
            stat -c '%a %u' $0
            echo changed > $0 || echo refused
            EOF
            RUN <<'OTHER'
            #!/bin/cat
            $HOME isn't expanded
            OTHER
            RUN ls -d /dev/pipes 2>&1; true
            """
        )
        #expect(lines.contains("I am /dev/pipes/EOF") && lines.contains("755 0"), "\(lines)")
        #expect(lines.contains { $0.contains("Read-only file system") }, "\(lines)")
        #expect(lines.suffix(3) == ["#!/bin/cat", "$HOME isn't expanded", "ls: /dev/pipes: No such file or directory"])
        #expect(try names() == "")
    }
}

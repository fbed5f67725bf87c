import SocleTesting
import SystemPackage
import Testing

/// `RUN --mount` of types cache, secret and ssh.
@Suite(.requires(.all(.root, .overlay, .tool("python3"), Fixture.busybox)), .serialized)
final class RunSecretTests {
    private let socle: Socle

    init() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work).string
        try socle.output("import", tar, "base")
        try Command.output(of: "rm", ["-rf", "root", "busybox.tar"], directory: socle.work)
        self.socle = socle
    }

    private func build(
        _ dockerfile: String,
        _ flags: [String] = [],
        environment: [String: String] = [:]
    ) throws -> Command {
        try socle.write(["Dockerfile": .file(Array(dockerfile.utf8))])
        return try socle.run(
            ["build", "--progress", "plain", "--network", "none", "-t", "app"] + flags + ["."],
            environment: environment
        )
    }

    /// What the steps said, in order, without numbers and times.
    private func said(
        _ dockerfile: String,
        _ flags: [String] = [],
        environment: [String: String] = [:],
        status: Int32 = 0
    ) throws -> [String] {
        let result = try build(dockerfile, flags, environment: environment)
        #expect(result.status == status, "\(result.errorText)")
        return result.errorText.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard words.count == 3, words[0].hasPrefix("#"), Double(words[1]) != nil else { return nil }
            return String(words[2])
        }
    }

    // MARK: - Caches

    @Test func aCacheLivesOnBetweenBuilds() throws {
        let dockerfile = """
            FROM base
            ARG N
            WORKDIR /w
            RUN --mount=type=cache,target=c echo $N >> c/log; cat c/log; stat -c '%a %u:%g' c
            RUN --mount=type=cache,id=/w/c,target=/other,ro cat /other/log; (echo x > /other/log) 2>/dev/null || echo refused
            RUN --mount=type=cache,id=mine,target=/w/c,mode=1770,uid=5,gid=6 stat -c '%a %u:%g' c; ls -A c
            RUN test ! -e c && echo gone
            """
        #expect(
            try said(dockerfile, ["--build-arg", "N=1"]) == [
                "1", "755 0:0", "1", "refused", "1770 5:6", "gone",
            ]
        )
        #expect(try said(dockerfile, ["--build-arg", "N=1"]) == [])
        #expect(try said(dockerfile, ["--build-arg", "N=2"]).prefix(5) == ["1", "2", "755 0:0", "1", "2"])
        // A cache is no part of a layer.
        #expect(try socle.output("run", "--rm", "app", "ls", "-A", "/w", "/").contains("log") == false)
        // A name that is a path leads nowhere else.
        #expect(
            try said("FROM base\nRUN --mount=type=cache,id=../../../../../tmp/x,target=/c touch /c/y; ls /c") == ["y"]
        )
        #expect(try socle.shell("ls $SOCLE_ROOT/cache-mounts | grep -vE '^[0-9a-f]{64}$'; true").succeeding() == "lock")
        #expect(
            try said(dockerfile, ["--build-arg", "N=3", "--build-arg", "BUILDKIT_CACHE_MOUNT_NS=apart"]).prefix(1)
                == ["3"]
        )
        try socle.expectNothingLeft()
    }

    @Test func aCacheStartsFromAStage() throws {
        try socle.write(["start": "first\n"])
        let dockerfile = """
            FROM base AS seed
            COPY start /seed/deep/start
            RUN chown 7:8 /seed/deep
            FROM base
            ARG N
            RUN --mount=type=cache,target=/c,from=seed,source=/seed cat /c/deep/start; stat -c '%u:%g' /c/deep; \
              ls /c; touch /c/n$N
            """
        #expect(try said(dockerfile, ["--build-arg", "N=1"]) == ["first", "7:8", "deep"])
        #expect(try said(dockerfile, ["--build-arg", "N=2"]) == ["first", "7:8", "deep", "n1"])
        // Another start is another cache.
        try socle.write(["start": "second\n"])
        #expect(try said(dockerfile, ["--build-arg", "N=3"]) == ["second", "7:8", "deep"])
    }

    /// Two builds at once: who shares, who has one of its own, who waits.
    @Test(arguments: [("shared", "1"), ("private", "0"), ("locked", "1")])
    func twoWantOneCache(_ sharing: String, _ seen: String) throws {
        // Each waits for the other in the cache, but for a while only, since with `locked` and `private` the other doesn't come.
        let dockerfile = """
            FROM base
            ARG N
            RUN --mount=type=cache,target=/c,sharing=\(sharing) ls /c | wc -l > /before; touch /c/$N; \
              i=0; while [ $i -lt 15 ] && [ $(ls /c | wc -l) -lt 2 ]; do sleep 0.1; i=$((i+1)); done; \
              echo found $(cat /before) now $(ls /c | wc -l)
            """
        try socle.write(["Dockerfile": .file(Array(dockerfile.utf8))])
        let both = try socle.shell(
            """
            socle build -q --build-arg N=one -t one --network none . >/dev/null & first=$!
            socle build -q --build-arg N=two -t two --network none . >/dev/null; wait $first || exit 1
            for n in one two; do socle build --progress plain --no-cache --build-arg N=$n --network none . 2>&1 &
            done | grep -o 'found [0-9].*' | sort; wait
            """
        ).succeeding()
        // After the first two, both names are there, unless each has its own.
        let found = both.split(separator: "\n").map { $0.prefix { $0 != "w" } }
        #expect(found == Array(repeating: seen == "1" ? "found 2 no" : "found 1 no", count: 2), "\(both)")
        try socle.expectNothingLeft()
    }

    @Test func lockedCachesDoNotOverlap() throws {
        let step = "mkdir /c/in && sleep 0.2 && rmdir /c/in && echo alone"
        let mounts = [
            "--mount=type=cache,target=/c,sharing=locked", "--mount=type=cache,id=b,target=/b,sharing=locked",
        ]
        // Two stages that name two caches in either order.
        let lines = try said(
            """
            FROM base AS one
            RUN \(mounts[0]) \(mounts[1]) \(step) && touch /one
            FROM base AS two
            RUN \(mounts[1]) \(mounts[0]) \(step) && touch /two
            FROM base
            COPY --from=one /one /
            COPY --from=two /two /
            """
        )
        #expect(lines == ["alone", "alone"])
    }

    // MARK: - Secrets

    @Test func secretsAreFilesAndVariables() throws {
        try socle.write(["token": "s3cret-value"])
        let dockerfile = """
            FROM base
            RUN --mount=type=secret,id=token grep -c . /run/secrets/token && stat -c '%a %u:%g %s' /run/secrets/token
            RUN --mount=type=secret,id=token,target=/etc/token,mode=0440,uid=3,gid=4 stat -c '%a %u:%g' /etc/token; \
              (echo x > /etc/token) 2>/dev/null || echo refused; grep -c '/etc/token tmpfs ro,nosuid,nodev,noexec' /proc/mounts
            RUN --mount=type=secret,id=token,env=TOKEN ! [ -e /run/secrets ] && [ "$(echo -n "$TOKEN" | rev)" = eulav-terc3s ] && echo same
            RUN --mount=type=secret,id=token,env=TOKEN,target=/t [ "$TOKEN" = "$(cat /t)" ] && echo both
            RUN --mount=type=secret,id=absent,env=ABSENT ls /run/secrets 2>&1; echo "[$ABSENT]"
            RUN ls -d /run/secrets /etc/token /t 2>&1 | wc -l; env | grep -c TOKEN
            """ + "; true"
        #expect(
            try said(dockerfile, ["--secret", "id=token,src=token"]) == [
                "1", "400 0:0 12", "440 3:4", "refused", "1", "same", "both",
                "ls: /run/secrets: No such file or directory", "[]", "3", "0",
            ]
        )
        // Another value is no other step.
        try socle.write(["token": "another"])
        #expect(try said(dockerfile, ["--secret", "id=token,src=token"]) == [])
        // It is nowhere in the store.
        #expect(
            try socle.shell("grep -rl s3cret-value $SOCLE_ROOT; socle save app | grep -c s3cret-value; true")
                .succeeding()
                == "0"
        )
        try socle.expectNothingLeft()
    }

    @Test func whereSecretsComeFrom() throws {
        try socle.write(["file": "from a file", "NAME": "by name"])
        let look = "FROM base\nRUN --mount=type=secret,id=NAME,required cat /run/secrets/NAME"
        func value(_ secret: String, _ environment: [String: String] = [:]) throws -> [String] {
            try said(look, ["--no-cache", "--secret", secret], environment: environment)
        }
        #expect(try value("id=NAME,src=file") == ["from a file"])
        #expect(try value("id=NAME,source=file,type=file") == ["from a file"])
        #expect(try value("id=NAME,env=OTHER", ["OTHER": "from a variable"]) == ["from a variable"])
        #expect(try value("id=NAME,type=env,src=OTHER", ["OTHER": "from a variable"]) == ["from a variable"])
        #expect(try value("id=NAME", ["NAME": "of its name"]) == ["of its name"])
        #expect(try value("id=NAME") == ["by name"])

        try socle.shell("head -c 600000 /dev/zero > big").succeeding()
        for (flag, message) in [
            ("src=file", "secret missing ID"), ("id=x,src=absent", "failed to stat absent"),
            ("id=x,type=vault", "unsupported secret type \"vault\""),
            ("id=x,what=y", "unexpected key 'what' in 'what=y'"),
            ("id", "invalid field 'id' must be a key=value pair"), ("id=x,src=big", "secret x too big. max size 500KB"),
        ] {
            let result = try build(look, ["--secret", flag])
            #expect(result.status == 125 || result.status == 1, "\(flag)")
            #expect(result.errorText.contains(message), "\(flag): \(result.errorText)")
        }
        let missing = try build(look, ["--no-cache"])
        #expect(missing.status == 1)
        #expect(missing.errorText.contains("ERROR: failed to build: failed to solve: secret NAME: not found"))
        #expect(missing.errorText.contains("hint: `socle build --secret id=NAME,src=FILE`"))
        #expect(missing.errorText.contains(">>> RUN --mount=type=secret"), "\(missing.errorText)")
    }

    /// While a step has a secret, it is in no list of processes and in no file of the host's.
    @Test func secretsAreNotToBeSeenOutside() throws {
        try socle.write(["token": "s3cret-value"])
        try socle.write([
            "Dockerfile":
                "FROM base\nRUN --mount=type=secret,id=token --mount=type=secret,id=token,env=T echo ready; sleep 2; true\n"
        ])
        let result = try socle.python(
            #"""
            import os, subprocess, time
            build = subprocess.Popen([os.environ["SOCLE"], "build", "--network", "none", "--progress", "plain", "--secret", "id=token,src=token", "."], stderr=subprocess.PIPE, text=True)
            for line in build.stderr:
                if line.rstrip().endswith("ready"): break
            for pid in filter(str.isdigit, os.listdir("/proc")):
                if int(pid) == os.getpid(): continue
                try: words = open("/proc/%s/cmdline" % pid, "rb").read()
                except OSError: continue
                if b"s3cret" in words: print("words", words)
            found = subprocess.run(["grep", "-rl", "s3cret" + "-value", os.environ["SOCLE_ROOT"], "/dev/shm", "/run"], capture_output=True, text=True).stdout
            if found: print(found)
            if "tmpfs" in "".join(l for l in open("/proc/mounts") if os.environ["SOCLE_ROOT"] in l): print("mounted")
            build.stderr.read()
            print(build.wait())
            """#
        )
        #expect(result.text == "0\n", "\(result.text)\(result.errorText)")
    }

    // MARK: - Agents

    @Test(.requires(.all(.tool("ssh-agent"), .tool("ssh-keygen")))) func keyFilesMakeAnAgent() throws {
        try socle.write([
            "Dockerfile": """
            FROM base
            COPY root /
            RUN --mount=type=ssh ssh-add -l | sed 's/.* \\(key.*\\)/\\1/'
            RUN --mount=type=ssh,id=other ssh-add -l | wc -l
            """
        ])
        let result = try socle.shell(
            """
            mkdir -p root/etc root/tmp; echo root:x:0:0::/:/bin/sh > root/etc/passwd
            for f in $(command -v ssh-add) $(ldd $(command -v ssh-add) | grep -o '/[^ ]*'); do
              mkdir -p root$(dirname $f); cp -L $f root$f; done
            for n in 1 2; do ssh-keygen -q -t ed25519 -N '' -C key$n -f key$n; done
            ssh-keygen -q -t ed25519 -N secret -C key3 -f key3
            socle build --network none --progress plain --ssh default=key1,key2 --ssh other=key2 . 2>&1 |
              sed -n 's/^#[0-9]* [0-9.]* //p'
            socle build -q --network none --no-cache --ssh default=key3 --ssh other=key2 . 2>&1 | grep -c "SSH key key3 can't be used"
            pgrep -fc "[s]sh-agent -a $SOCLE_ROOT"
            true
            """
        ).succeeding()
        #expect(result == "key1 (ED25519)\nkey2 (ED25519)\n1\n1\n0", "\(result)")
    }

    @Test(.requires(.all(.tool("ssh-agent"), .tool("ssh-keygen")))) func anAgentIsForwarded() throws {
        // The client's own programs, with the libraries that they need.
        let copies = """
            FROM base
            COPY root /
            RUN --mount=type=ssh ssh-add -l | sed 's/.* //'; stat -c '%a %u:%g %F' $SSH_AUTH_SOCK; echo $SSH_AUTH_SOCK
            RUN --mount=type=ssh ssh-add -D 2>&1; ssh-add -l | wc -l
            RUN --mount=type=ssh,id=second,uid=1000,mode=0666,required ssh-add -l | wc -l
            USER 1000
            RUN --mount=type=ssh,uid=1000 --mount=type=ssh,id=second,uid=1000,target=/tmp/s ssh-add -l | wc -l; SSH_AUTH_SOCK=/tmp/s ssh-add -l | wc -l
            USER 0
            RUN ls -d /run/buildkit 2>&1; true
            """
        try socle.write(["Dockerfile": .file(Array(copies.utf8))])
        let result = try socle.shell(
            """
            mkdir -p root/etc root/tmp; echo root:x:0:0::/:/bin/sh > root/etc/passwd; echo u:x:1000:1000::/:/bin/sh >> root/etc/passwd
            for f in $(command -v ssh-add) $(ldd $(command -v ssh-add) | grep -o '/[^ ]*'); do
              mkdir -p root$(dirname $f); cp -L $f root$f; done
            for n in 1 2; do ssh-keygen -q -t ed25519 -N '' -C key$n -f key$n; done
            eval $(ssh-agent -a $PWD/one) >/dev/null; first=$SSH_AGENT_PID; ssh-add -q key1 2>/dev/null
            eval $(ssh-agent -a $PWD/two) >/dev/null; second=$SSH_AGENT_PID; ssh-add -q key1 key2 2>/dev/null
            SSH_AUTH_SOCK=$PWD/one socle build --network none --progress plain --ssh default --ssh second=$PWD/two . 2>&1 |
              sed -n 's/^#[0-9]* [0-9.]* //p'
            SSH_AUTH_SOCK=$PWD/one ssh-add -l | wc -l
            kill $first $second
            """
        ).succeeding()
        #expect(
            result == """
                (ED25519)
                600 0:0 socket
                /run/buildkit/ssh_agent.0
                Failed to remove all identities.
                1
                2
                1
                2
                ls: /run/buildkit: No such file or directory
                1
                """,
            "\(result)"
        )
        try socle.expectNothingLeft()
    }

    @Test func whatIsSaidWithoutAnAgent() throws {
        let optional = "FROM base\nRUN --mount=type=ssh echo $SSH_AUTH_SOCK; ls -d /run/buildkit 2>&1; true"
        #expect(
            try said(optional) == ["/run/buildkit/ssh_agent.0", "ls: /run/buildkit: No such file or directory"]
        )
        let missing = try build("FROM base\nRUN --mount=type=ssh,id=x,required true")
        #expect(missing.status == 1)
        #expect(
            missing.errorText.contains(
                "failed to solve: no SSH key \"x\" forwarded from the client\nhint: `socle build --ssh x=SOCKET`"
            )
        )
        try socle.write(["key": "-----BEGIN OPENSSH PRIVATE KEY-----\n"])
        for (flag, message) in [
            ("default", "invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set"),
            ("default=.", "ssh agent \".\" is neither a socket nor a file with a key"),
            ("default=absent", "failed to stat absent"),
        ] {
            let result = try build(optional, ["--ssh", flag])
            #expect(result.status != 0 && result.errorText.contains(message), "\(flag): \(result.errorText)")
        }
    }
}

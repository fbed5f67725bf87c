import SocleTesting
import SystemPackage
import Testing

/// Builds for several platforms, and what the store does with an index.
@Suite(.requires(.all(.root, .overlay, .tool("python3"))), .serialized)
struct MultiPlatformTests {
    private func prepared() throws -> Socle {
        let socle = try Socle()
        try socle.write([
            "Dockerfile": """
            FROM scratch
            ARG TARGETARCH
            COPY $TARGETARCH /arch
            COPY common /common
            LABEL arch=$TARGETARCH
            CMD ["/arch"]
            """,
            "amd64": "amd64", "arm64": "arm64", "common": "c",
        ])
        return socle
    }

    private func build(_ socle: borrowing Socle, _ words: String...) throws -> String {
        let result = try socle.run(["build", "-q", "--platform", "linux/amd64,linux/arm64"] + words + ["."])
        guard result.status == 0 else { throw Command.Failed(result.errorText) }
        return result.text.trimmingLastNewline
    }

    @Test func anIndexIsOneImageOfTheStore() throws {
        let socle = try prepared()
        let id = try build(
            socle,
            "-t",
            "multi",
            "--iidfile",
            "id",
            "--metadata-file",
            "m.json",
            "--annotation",
            "index:k=v"
        )
        #expect(try socle.shell("cat id").succeeding() == id)
        #expect(try socle.output("images", "--no-trunc", "--format", "{{.Repository}} {{.ID}}") == "multi \(id)")
        let shown = try socle.output(
            "inspect",
            "-f",
            "{{.Id}} {{.Descriptor.mediaType}} {{len .Manifests}} {{.Os}}",
            "multi"
        )
        #expect(shown == "\(id) application/vnd.oci.image.index.v1+json 2 linux")
        #expect(try socle.output("history", "--format", "{{.ID}}", "--no-trunc", "multi").hasPrefix(id))
        let metadata = try socle.python(
            """
            import json
            m = json.load(open("m.json"))
            print(sorted(m), m["containerimage.descriptor"]["mediaType"])
            """
        ).succeeding()
        #expect(
            metadata
                == "['containerimage.descriptor', 'containerimage.digest'] application/vnd.oci.image.index.v1+json"
                || metadata
                    == "['containerimage.descriptor', 'containerimage.digest', 'image.name'] application/vnd.oci.image.index.v1+json"
        )
        // Another name, and away with both.
        try socle.output("tag", "multi", "other:1")
        try socle.output("rmi", "multi")
        #expect(try socle.output("images", "-q", "--no-trunc") == id)
        try socle.output("rmi", "other:1")
        #expect(try socle.output("images", "-q") == "")
        // What the build cache has of it stays, until that is pruned.
        try socle.output("builder", "prune", "-a", "-f")
        #expect(
            try socle.shell("ls $SOCLE_ROOT/blobs/sha256 $SOCLE_ROOT/trees 2>/dev/null | grep -c '^[0-9a-f]' || true")
                .succeeding() == "0"
        )
        try socle.expectNothingLeft()
    }

    @Test(.requires(.tool("skopeo"))) func savedAndLoaded() throws {
        let socle = try prepared()
        let id = try build(socle, "-t", "multi:1")
        try socle.output("save", "-o", "saved.tar", "multi:1")
        let archs = try socle.shell(
            """
            set -e
            for a in amd64 arm64; do
              skopeo --override-arch $a inspect oci-archive:saved.tar --format '{{.Architecture}} {{.Labels}}'
            done
            skopeo copy -q --all oci-archive:saved.tar oci:copy
            skopeo inspect --raw oci:copy | python3 -c 'import json,sys; print(len(json.load(sys.stdin)["manifests"]))'
            """
        ).succeeding()
        #expect(archs == "amd64 map[arch:amd64]\narm64 map[arch:arm64]\n2")
        try socle.output("rmi", "multi:1")
        #expect(try socle.output("load", "-i", "saved.tar") == "Loaded image: multi:1")
        #expect(try socle.output("inspect", "-f", "{{.Id}}", "multi:1") == id)
        // The same bytes as before.
        try socle.output("save", "-o", "again.tar", "multi:1")
        #expect(try socle.shell("cmp saved.tar again.tar").status == 0)
        #expect(try socle.run(["system", "check"]).status == 0)
    }

    @Test(.requires(.tool("skopeo"))) func exportedWithoutTheStore() throws {
        let socle = try prepared()
        #expect(try build(socle, "-t", "multi:1", "-o", "type=oci,dest=m.tar").hasPrefix("sha256:"))
        let raw = try socle.shell("skopeo inspect --raw oci-archive:m.tar").succeeding()
        #expect(raw.contains(#""architecture":"arm64""#) && raw.contains(#""architecture":"amd64""#))
        try socle.shell("skopeo copy -q --all oci-archive:m.tar oci:copy").succeeding()
        #expect(try socle.output("images", "-q") == "")
        let refused = try socle.run([
            "build", "--platform", "linux/amd64,linux/arm64", "-o", "type=docker,dest=d.tar", ".",
        ])
        #expect(refused.errorText.contains("docker exporter does not support exporting manifest lists"))
    }

    @Test func filesOfSeveralPlatforms() throws {
        let socle = try prepared()
        _ = try build(socle, "-o", "out", "-o", "type=tar,dest=out.tar")
        #expect(try socle.shell("cat out/linux_amd64/arch out/linux_arm64/arch").succeeding() == "amd64arm64")
        #expect(
            try socle.shell("tar -tf out.tar").succeeding()
                == "linux_amd64/\nlinux_amd64/arch\nlinux_amd64/common\nlinux_arm64/\nlinux_arm64/arch\nlinux_arm64/common"
        )
        let clash = try socle.run([
            "build", "--platform", "linux/amd64,linux/arm64", "-o", "type=local,dest=o2,platform-split=false", ".",
        ])
        #expect(
            clash.errorText.contains(
                "cannot overwrite arch from linux/amd64 with linux/arm64 when split option is disabled"
            )
        )
        // One platform can be split too, and several can be put together where no name is twice.
        try socle.output("build", "-q", "-o", "type=local,dest=o3,platform-split=true", ".")
        #expect(try socle.shell("ls o3").succeeding().hasPrefix("linux_"))
        try socle.write(["Dockerfile": "FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /$TARGETARCH\n"])
        _ = try build(socle, "-o", "type=local,dest=o4,platform-split=false")
        #expect(try socle.shell("ls o4").succeeding() == "amd64\narm64")
    }

    /// A stage for the build's own platform runs once, whatever is built.
    @Test(.requires(Fixture.busybox)) func whatIsSharedRunsOnce() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work)
        try socle.output("import", tar.string, "base")
        try socle.write([
            "ctx": [
                "Dockerfile": """
                FROM --platform=$BUILDPLATFORM base AS tool
                RUN cat /proc/sys/kernel/random/uuid > /uuid
                FROM --platform=$BUILDPLATFORM base AS cross
                ARG TARGETARCH TARGETPLATFORM BUILDPLATFORM
                COPY --from=tool /uuid /uuid
                RUN echo $TARGETARCH $TARGETPLATFORM $BUILDPLATFORM > /made
                FROM scratch
                COPY --from=cross /made /uuid /
                """
            ]
        ])
        let result = try socle.run([
            "build", "--progress", "plain", "--platform", "linux/amd64,linux/arm64,linux/arm/v7", "-o", "out", "ctx",
        ])
        #expect(result.status == 0, "\(result.errorText)")
        #expect(result.errorText.components(of: "RUN cat /proc/sys/kernel/random/uuid") == 1, "\(result.errorText)")
        #expect(try socle.shell("cat out/*/uuid | sort -u | wc -l").succeeding() == "1")
        let host = try socle.output("info", "-f", "{{.Architecture}}") == "aarch64" ? "arm64" : "amd64"
        #expect(
            try socle.shell("cat out/linux_arm64/made out/linux_arm_v7/made").succeeding()
                == "arm64 linux/arm64 linux/\(host)\narm linux/arm/v7 linux/\(host)"
        )
        #expect(result.errorText.contains("[linux/\(host)->arm64 cross"), "\(result.errorText)")
    }

    @Test func basesOfAnIndex() throws {
        let socle = try prepared()
        _ = try build(socle, "-t", "multi")
        try socle.write(["D": "FROM multi\nCOPY common /more\n"])
        let text = try socle.shell(
            """
            set -e
            socle build -q -f D --platform linux/arm64 -t derived . > /dev/null
            socle inspect -f '{{.Architecture}} {{.Config.Labels.arch}}' derived
            socle build -q -f D --platform linux/arm64,linux/amd64 -o out .
            cat out/linux_arm64/arch out/linux_amd64/arch
            """
        ).succeeding()
        #expect(text == "arm64 arm64\narm64amd64")
        let missing = try socle.run(["build", "-f", "D", "--platform", "linux/riscv64", "."])
        #expect(missing.status == 1)
        #expect(missing.errorText.contains("does not provide the platform linux/riscv64"), "\(missing.errorText)")
        #expect(missing.errorText.contains("it has linux/amd64, linux/arm64"), "\(missing.errorText)")
    }

    /// `run` takes this machine's image of an index, or the one that is asked for.
    @Test(.requires(.all(Fixture.busybox, .tool("uname")))) func runTakesAPlatform() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work)
        try socle.output("import", tar.string, "base")
        // Programs of this machine under both names: what is taken is what counts.
        try socle.write([
            "ctx": [
                "Dockerfile": """
                FROM --platform=$BUILDPLATFORM base AS tools
                FROM scratch
                ARG TARGETARCH
                COPY --from=tools /bin /bin
                COPY $TARGETARCH /arch
                """,
                "amd64": "amd64", "arm64": "arm64",
            ]
        ])
        try socle.output("build", "-q", "-t", "multi", "--platform", "linux/amd64,linux/arm64", "ctx")
        let host = try Command.output(of: "uname", ["-m"]).starts(with: "aarch64".utf8) ? "arm64" : "amd64"
        let other = host == "amd64" ? "arm64" : "amd64"
        #expect(try socle.output("run", "--rm", "multi", "cat", "/arch") == host)
        #expect(try socle.output("run", "--rm", "--platform", "linux/\(other)", "multi", "cat", "/arch") == other)
        let missing = try socle.run(["run", "--rm", "--platform", "linux/s390x", "multi", "true"])
        #expect(missing.status == 125)
        #expect(missing.errorText.contains("does not provide the platform linux/s390x"), "\(missing.errorText)")
        let single = try socle.run(["run", "--rm", "--platform", "linux/\(other)", "base", "true"])
        #expect(
            single.errorText.contains(
                "image with reference base was found but does not match the specified platform: wanted linux/\(other), "
                    + "actual: linux/\(host)"
            )
        )
        // A container of the index keeps it.
        try socle.output("run", "--name", "cc", "multi", "true")
        #expect(try socle.run(["rmi", "multi"]).errorText.contains("container"))
        try socle.output("rm", "cc")
        try socle.output("rmi", "multi")
        try socle.expectNothingLeft()
    }

    // MARK: - Foreign programs

    private static let emulator = Requirement.all(
        .tool("aarch64-linux-gnu-gcc"),
        .tool("qemu-aarch64-static"),
        Requirement(
            isMet: (try? Command.run("grep", ["-q", "binfmt_misc", "/proc/filesystems"]).status) == 0,
            reason: "needs a kernel with binfmt_misc"
        )
    )

    /// An image for arm64 with the program `p`, made by a script.
    ///
    /// The last byte of the padding in its header is one that no other program has: so what this machine has registered for
    /// arm64 doesn't run it, and what a test registers runs nothing else.
    private func foreignImage(_ socle: borrowing Socle, _ makingProgram: String) throws {
        try socle.shell(
            """
            set -e
            mkdir -p root/bin ctx
            \(makingProgram)
            printf '\\132' | dd of=root/bin/p bs=1 seek=15 conv=notrunc status=none
            tar -C root -cf root.tar .
            socle import --platform linux/arm64 root.tar foreign > /dev/null
            printf 'FROM foreign\\nRUN ["p"]\\n' > ctx/Dockerfile
            """
        ).succeeding()
    }

    @Test(.requires(Fixture.busybox)) func aForeignProgramWithoutEmulator() throws {
        let socle = try Socle()
        // A program of this machine that says that it is for arm64.
        try foreignImage(
            socle,
            """
            cp "$(command -v busybox)" root/bin/p
            printf '\\267\\000' | dd of=root/bin/p bs=1 seek=18 conv=notrunc status=none
            """
        )
        let refused = try socle.run(["build", "--platform", "linux/arm64", "ctx"])
        #expect(refused.status == 1)
        #expect(
            refused.errorText.contains("p is a program for arm64, and this machine is amd64: no emulator is registered"),
            "\(refused.errorText)"
        )
        #expect(refused.errorText.contains("apt-get install qemu-user-static binfmt-support"), "\(refused.errorText)")
        let run = try socle.run(["run", "--rm", "foreign", "p"])
        #expect(run.errorText.contains("no emulator is registered"), "\(run.errorText)")
        try socle.expectNothingLeft()
    }

    @Test(.requires(emulator)) func aForeignProgramWithAnEmulator() throws {
        let socle = try Socle()
        try socle.write(["p.c": "#include <stdio.h>\nint main(void) { puts(\"from afar\"); return 0; }\n"])
        try foreignImage(socle, "aarch64-linux-gnu-gcc -static -Os -o root/bin/p p.c")
        let said = try socle.shell(
            #"""
            cat > register.sh <<'END'
            mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc || exit 9
            name=socle-test-$$
            trap 'echo -1 > /proc/sys/fs/binfmt_misc/$name' EXIT
            magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x5a'
            # Which system's conventions it follows may differ.
            mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff'
            echo ":$name:M::$magic:$mask:$(command -v qemu-aarch64-static):$1" > /proc/sys/fs/binfmt_misc/register
            "$SOCLE" build --progress plain --no-cache --platform linux/arm64 ctx 2>&1
            END
            unshare -m bash register.sh F
            unshare -m bash register.sh ""
            """#
        ).text
        #expect(said.contains(" from afar\n"), "\(said)")
        #expect(said.contains("qemu-aarch64-static isn't in the image"), "\(said)")
        try socle.expectNothingLeft()
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(of text: String) -> Int {
        split(separator: text, omittingEmptySubsequences: false).count - 1
    }
}

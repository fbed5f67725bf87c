import SocleTesting
import SystemPackage
import Testing

/// The same inputs give the same image: whoever builds, where, when, with which umask, and whatever the store has.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
struct ReproducibleTests {
    private static let epoch = "1600000000"

    /// A store with a busybox image called `base`.
    private func prepared() throws -> Socle {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work)
        let imported = try socle.run(["import", tar.string, "base"], environment: ["SOURCE_DATE_EPOCH": "1500000000"])
        #expect(imported.status == 0, "\(imported.errorText)")
        try Command.output(of: "rm", ["-rf", "root", "busybox.tar"], directory: socle.work)
        return socle
    }

    /// Every way in which a step makes files: copies, an archive, inline files, directories, commands.
    private static let everyStep = """
        FROM base AS made
        RUN mkdir -p /srv/data && echo x > /srv/data/x && rm /etc/group
        WORKDIR /srv/work
        FROM base
        COPY --from=made /srv /srv
        COPY --chown=user file folder/ /srv/data/
        ADD archive.tar /srv/unpacked/
        COPY <<EOF /srv/inline
        text
        EOF
        WORKDIR /srv/data/below
        RUN touch /srv/data/late && ln -s late /srv/data/link && mkfifo /srv/pipe
        """

    /// The context of `everyStep`, written by a script whose umask, order, times and owner are given.
    private func write(
        to socle: borrowing Socle,
        umask: String = "022",
        order: String = "file folder/one folder/two",
        time: String = "@1650000000",
        owner: String = "0:0"
    ) throws {
        try socle.write(["Dockerfile": .text(Self.everyStep, mode: 0o644)])
        let made = try socle.shell(
            """
            set -e
            umask \(umask)
            mkdir -m 755 folder
            for name in \(order); do echo "this is $name" > $name; chmod 644 $name; done
            tar --owner 0 --group 0 --mtime @1700000000 -cf archive.tar -C folder one two
            chmod 644 archive.tar
            chown -R \(owner) .
            find . -exec touch -h -d \(time) {} +
            """
        )
        try made.succeeding()
    }

    private func build(_ socle: borrowing Socle, _ arguments: [String] = [], epoch: String? = epoch) throws -> String {
        let environment = epoch.map { ["SOURCE_DATE_EPOCH": $0] } ?? [:]
        return try socle.run(["build", "-q"] + arguments + ["."], environment: environment).succeeding()
    }

    @Test func nothingThatMustNotMatterDoes() throws {
        let one = try prepared()
        try write(to: one)
        let first = try build(one)
        let other = try prepared()
        try write(
            to: other,
            umask: "077",
            order: "folder/two folder/one file",
            time: "2030-01-01",
            owner: "12345:54321"
        )
        let script = "umask 077; cd /; exec \"$SOCLE\" build -q \"$OLDPWD\""
        let second = try other.shell(script, environment: ["SOURCE_DATE_EPOCH": Self.epoch, "TZ": "Asia/Kathmandu"])
        #expect(try second.succeeding() == first)
    }

    @Test func theEpochAsVariableArgumentAndFlag() throws {
        let socle = try prepared()
        try write(to: socle)
        let variable = try build(socle)
        #expect(
            try build(socle, ["--no-cache", "--build-arg", "SOURCE_DATE_EPOCH=\(Self.epoch)"], epoch: nil) == variable
        )
        #expect(try build(socle, ["--no-cache", "--source-date-epoch", Self.epoch], epoch: nil) == variable)
        // The flag wins over the argument, the argument over the variable.
        let argument = ["--build-arg", "SOURCE_DATE_EPOCH=1"]
        #expect(try build(socle, argument + ["--source-date-epoch", Self.epoch], epoch: "2") == variable)
        #expect(try build(socle, ["--build-arg", "SOURCE_DATE_EPOCH=\(Self.epoch)"], epoch: "2") == variable)
        for (refused, status) in [
            (["--source-date-epoch", "yesterday"], 125), (["--build-arg", "SOURCE_DATE_EPOCH=-1"], 1),
        ] {
            let result = try socle.run(["build"] + refused + ["."])
            #expect(result.status == status)
            #expect(result.errorText.contains("invalid SOURCE_DATE_EPOCH"), "\(result.errorText)")
        }
    }

    @Test func stepsThatAskForTheEpochHaveIt() throws {
        let socle = try prepared()
        try socle.write(["Dockerfile": "FROM base\nARG SOURCE_DATE_EPOCH\nRUN echo \"$SOURCE_DATE_EPOCH\" > /epoch\n"])
        for way in [["--source-date-epoch", "12"], ["--build-arg", "SOURCE_DATE_EPOCH=12"]] {
            let image = try build(socle, way, epoch: nil)
            #expect(try socle.output("run", "--rm", image, "cat", "/epoch") == "12")
        }
        let image = try build(socle, epoch: "12")
        #expect(try socle.output("run", "--rm", image, "cat", "/epoch") == "12")
    }

    /// Times of new layers, of the config and of its history.
    @Test func nothingIsYoungerThanTheEpoch() throws {
        let socle = try prepared()
        try write(to: socle)
        _ = try build(socle, ["-t", "app"])
        try socle.output("save", "-o", "image.tar", "app")
        let young = try socle.python(
            """
            import datetime, io, json, sys, tarfile
            archive = tarfile.open("image.tar")
            manifest = json.load(archive.extractfile("manifest.json"))[0]
            for layer in manifest["Layers"][1:]:
                for member in tarfile.open(fileobj=io.BytesIO(archive.extractfile(layer).read())):
                    if member.mtime > \(Self.epoch): print(layer[-8:], member.name, member.mtime)
            config = json.load(archive.extractfile(manifest["Config"]))
            for time in [config["created"]] + [entry["created"] for entry in config["history"][1:]]:
                if time != "2020-09-13T12:26:40Z": print(time)
            """
        )
        #expect(try young.succeeding() == "")
    }

    /// A layer that was made without the epoch isn't taken for one that was made with it.
    @Test func theCacheKnowsTheEpoch() throws {
        let clean = try prepared()
        try write(to: clean)
        let expected = try build(clean)
        let used = try prepared()
        try write(to: used)
        let without = try build(used, epoch: nil)
        #expect(without != expected)
        #expect(try build(used) == expected)
        #expect(try build(used, epoch: nil) == without)
    }

    /// The tree of a RUN is what its command left; one that is unpacked again from the layer must be no other.
    @Test func aTreeUnpackedAgainIsTheSame() throws {
        let kept = try prepared()
        try write(to: kept)
        let expected = try build(kept)
        let evicted = try prepared()
        try write(to: evicted)
        try buildTarget("made", evicted)
        try Command.output(of: "rm", ["-rf", evicted.store.appending("trees").string])
        #expect(try build(evicted) == expected)
        try buildTarget("made", evicted)
    }

    private func buildTarget(_ name: String, _ socle: borrowing Socle) throws {
        #expect(try build(socle, ["--target", name]).hasPrefix("sha256:"))
    }

    /// A user of the image can look into folders that only the layers' paths name, whatever the builder's umask is.
    @Test func theUmaskDoesNotReachTheImage() throws {
        let socle = try prepared()
        try socle.write([
            "Dockerfile": """
            FROM scratch
            COPY --chmod=755 busybox /deep/er/busybox
            USER 65534
            """
        ])
        let script = """
            set -e
            cp "$(command -v busybox)" busybox
            umask 077
            export SOCLE_ROOT=$SOCLE_ROOT-masked
            socle build -q -t app . >/dev/null
            socle run --rm app /deep/er/busybox stat -c '%a %n' / /deep /deep/er /etc/hosts
            """
        #expect(try socle.shell(script).succeeding() == "755 /\n755 /deep\n755 /deep/er\n644 /etc/hosts")
    }

    /// A build that only copies needs no privileges; whose it is doesn't show.
    @Test(.requires(.tool("setpriv")))
    func twoUsersBuildTheSame() throws {
        let socle = try Socle()
        try socle.write([
            "Dockerfile": .text("FROM scratch\nCOPY folder /srv/\nUSER 1:2\n", mode: 0o644),
            "folder": ["one": .text("1", mode: 0o644), "two": .text("2", mode: 0o644)],
        ])
        let script = """
            set -e
            socle build -q --source-date-epoch 1 .
            chmod 755 .. . folder
            mkdir theirs && chown -R 12345:54321 theirs folder
            export HOME=$PWD/theirs SOCLE_ROOT=$PWD/theirs/store XDG_RUNTIME_DIR=$PWD/theirs
            setpriv --reuid 12345 --regid 54321 --clear-groups "$SOCLE" build -q --source-date-epoch 1 .
            """
        let ids = try socle.shell(script).succeeding().split(separator: "\n")
        #expect(ids.count == 2 && ids[0] == ids[1], "\(ids)")
    }
}

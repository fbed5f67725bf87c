import SocleTesting
import SystemPackage
import Testing

/// Disks that are full, stores that can't be written, blobs that rot.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox)), .serialized)
struct DamageTests {
    /// What has to be there for a disk of 20 MB to become full.
    private func prepared() throws -> Socle {
        let socle = try Socle()
        _ = try Fixture.busyboxRoot(in: socle.work)
        try socle.write(["context": ["Dockerfile": "FROM base\nCOPY big /big\n"]])
        try socle.shell(
            """
            set -e
            head -c 30000000 /dev/urandom > context/big
            tar -C context -cf big.tar big; gzip -1 < big.tar > big.tar.gz
            printf 'FROM base\\nRUN dd if=/dev/zero of=/more bs=1M count=30\\n' > context/Dockerfile.run
            """
        ).succeeding()
        return socle
    }

    @Test(arguments: [
        "mount -t tmpfs -o size=20m,mode=700 tmpfs", "truncate -s 24M disk; mkfs.ext4 -q disk; mount -o loop disk",
    ])
    func aFullDiskIsToldAndSurvived(_ mount: String) throws {
        let socle = try prepared()
        let mounted = try socle.shell("mkdir -p $SOCLE_ROOT; \(mount) $SOCLE_ROOT")
        guard mounted.status == 0 else { return }  // A machine without loop devices still has the other disk.
        defer { _ = try? socle.shell("umount $SOCLE_ROOT || umount -l $SOCLE_ROOT") }
        try socle.output("import", "busybox.tar", "base")
        let ids = try socle.output("images", "-q", "--no-trunc")
        for words in [
            ["import", "big.tar", "big"], ["import", "big.tar.gz", "big"], ["build", "-t", "big", "context"],
            ["build", "-t", "big", "-f", "context/Dockerfile.run", "context"],
        ] {
            let result = try socle.run(words)
            #expect(result.status == 1, "\(words): \(result.text)")
            #expect(result.errorText.lowercased().contains("no space left on device"), "\(words): \(result.errorText)")
            #expect(result.text == "", "\(words)")
        }
        // Nothing half made; what was there is sound, and there is room again.
        #expect(try socle.output("images", "-q", "--no-trunc") == ids)
        #expect(try socle.output("system", "check").contains("all sound"))
        try socle.expectNothingLeft()
        #expect(try socle.run(["run", "--rm", "base", "echo", "works"]).summary == "status 0\nworks\n")
        try socle.output("build", "-q", "-t", "small", "-", input: Array("FROM base\nRUN echo x > /x\n".utf8))
        #expect(try socle.output("run", "--rm", "small", "cat", "/x") == "x")
        // A container that fills the disk is its own problem.
        let filler = try socle.run([
            "run", "--rm", "base", "sh", "-c", "dd if=/dev/zero of=/big bs=1M count=40 2>&1 | grep -o 'No space.*'",
        ])
        #expect(filler.text == "No space left on device\n", "\(filler.summary)")
        try socle.output("import", "busybox.tar", "again")
        try socle.expectNothingLeft()
    }

    @Test func aReadOnlyStoreCanBeRead() throws {
        let socle = try prepared()
        try socle.output("import", "busybox.tar", "base")
        try socle.output("run", "--rm", "base", "true")
        let table = "table {{.Repository}} {{.Tag}} {{.ID}} {{.Size}}"
        let images = try socle.output("images", "--format", table)
        let inspected = try socle.output("inspect", "base")
        let saved = try socle.run(["save", "base"]).output
        try socle.shell("mount --bind $SOCLE_ROOT $SOCLE_ROOT && mount -o remount,bind,ro $SOCLE_ROOT").succeeding()
        defer { _ = try? socle.shell("umount $SOCLE_ROOT || umount -l $SOCLE_ROOT") }
        #expect(try socle.output("images", "--format", table) == images)
        #expect(try socle.output("inspect", "base") == inspected)
        #expect(try socle.run(["save", "base"]).output == saved)
        #expect(try socle.output("history", "-q", "--no-trunc", "base").hasPrefix("sha256:"))
        #expect(try socle.output("ps", "-aq") == "")
        #expect(try socle.output("system", "check").contains("all sound"))
        for (words, status) in [
            (["run", "--rm", "base", "true"], Int32(125)), (["import", "big.tar", "x"], 1), (["tag", "base", "x"], 1),
            (["rmi", "base"], 1),
            (["build", "-t", "x", "context"], 1), (["load", "-i", "busybox.tar"], 1),
        ] {
            let result = try socle.run(words)
            #expect(result.status == status, "\(words): \(result.summary)")
            #expect(result.errorText.lowercased().contains("read-only"), "\(words): \(result.errorText)")
        }
    }

    @Test func aFlippedBitIsFoundAndNamed() throws {
        let socle = try prepared()
        try socle.output("import", "busybox.tar", "base")
        try socle.output("tag", "base", "other:2")
        try socle.output("import", "big.tar", "big")
        let sound = try socle.run(["system", "check"])
        #expect(sound.status == 0 && sound.text.contains("all sound"))
        // Every blob of the image in turn.
        let script = """
            for blob in $(cd $SOCLE_ROOT/blobs/sha256; ls); do
                file=$SOCLE_ROOT/blobs/sha256/$blob
                cp $file kept
                size=$(stat -c %s $file)
                printf X | dd of=$file bs=1 seek=$((size / 2)) conv=notrunc status=none
                cmp -s kept $file && printf Y | dd of=$file bs=1 seek=$((size / 2)) conv=notrunc status=none
                socle system check -q > said; status=$?
                grep -q "^sha256:$blob: " said && echo "found $status $(grep -c 'needed by' said) $(wc -l < said)"
                cp kept $file
            done
            """
        let lines = try socle.shell(script).succeeding().split(separator: "\n").sorted()
        #expect(
            lines == [
                "found 1 1 2", "found 1 1 2", "found 1 1 2", "found 1 2 3", "found 1 2 3", "found 1 2 3",
            ]
        )
        try socle.shell("rm $SOCLE_ROOT/blobs/sha256/$(socle inspect -f '{{.Id}}' big | cut -d: -f2)").succeeding()
        let missing = try socle.run(["system", "check"])
        #expect(missing.status == 1)
        #expect(missing.text.contains("missing") && missing.text.contains("needed by big:latest"), "\(missing.text)")
        // The others go on working, and the damaged one can be removed.
        #expect(try socle.output("run", "--rm", "base", "echo", "works") == "works")
        #expect(try socle.run(["run", "--rm", "big", "x"]).status == 125)
        #expect(try socle.run(["rmi", "-f", "big"]).status == 0)
        #expect(try socle.run(["system", "check"]).status == 0)
    }

    @Test func aRottenLayerIsNotRun() throws {
        let socle = try prepared()
        try socle.output("import", "busybox.tar", "base")
        let script = """
            file=$SOCLE_ROOT/blobs/sha256/$(sha256sum < busybox.tar | cut -c1-64)
            printf X | dd of=$file bs=1 seek=600000 conv=notrunc status=none
            socle run --rm base true
            echo $?
            """
        let result = try socle.shell(script)
        #expect(result.text == "125\n")
        #expect(result.errorText.contains("sha256:"), "\(result.errorText)")
        try socle.expectNothingLeft()
    }

    @Test func diskUsageCountsEveryLayerOnce() throws {
        let socle = try prepared()
        try socle.output("import", "big.tar", "big")
        try socle.output("tag", "big", "other")
        try socle.output("import", "busybox.tar", "base")
        let template = "{{.Type}}|{{.TotalCount}}|{{.Active}}|{{.Size}}"
        let size = try socle.shell("stat -c %s context/big root/bin/busybox root/etc/* | paste -sd+ | bc").succeeding()
        let images = try socle.output("system", "df", "--format", template).split(separator: "\n")[0]
        let parts = images.split(separator: "|")
        #expect(parts.prefix(3) == ["Images", "2", "0"])
        // Docker's form of the number: three decimals at most, cut.
        let megabytes = (Double(size) ?? 0) / 1_000_000
        let told = Double(parts[3].dropLast(2)) ?? 0
        #expect(parts[3].hasSuffix("MB") && (told - megabytes).magnitude < 0.02, "\(parts[3]) \(megabytes)")
        try socle.output("run", "base", "true")
        #expect(try socle.output("system", "df", "--format", template).hasPrefix("Images|2|1|"))
        #expect(try socle.output("system", "df").hasPrefix("TYPE "))
    }
}

import SocleTesting
import SystemPackage
import Testing

/// What archivers write, `import` takes: the files come out as GNU tar would unpack them.
@Suite(.requires(.all(.root, .overlay, Fixture.compiler)), .serialized)
struct ImportTests {
    /// A way of writing archives, and how much of the file system it can say.
    struct Writer: Sendable, CustomTestStringConvertible {
        var name: String
        /// The program that it needs.
        var tool: String
        /// The script that writes `look` and the folder `r` into `root.tar`.
        var script: String
        /// Whether long and odd names, big numbers and attributes fit in.
        var isRich = true

        var testDescription: String { name }
        var requirement: Requirement { Requirement.tool(tool) }
    }

    static let writers: [Writer] = [
        gnu("gnu", "--format=gnu"), gnu("gnu sparse", "--format=gnu --sparse"),
        gnu("posix", "--format=posix --xattrs --xattrs-include='*'"),
        gnu("posix sparse 0.0", "--format=posix --sparse --sparse-version=0.0"),
        gnu("posix sparse 0.1", "--format=posix --sparse --sparse-version=0.1"),
        gnu("posix sparse 1.0", "--format=posix --sparse --xattrs --xattrs-include='*'"),
        gnu("ustar", "--format=ustar", isRich: false), gnu("v7", "--format=v7", isRich: false),
        Writer(name: "bsdtar pax", tool: "bsdtar", script: "bsdtar --format pax -cf root.tar look r || true"),
        Writer(name: "bsdtar gnutar", tool: "bsdtar", script: "bsdtar --format gnutar -cf root.tar look r || true"),
        Writer(
            name: "bsdtar ustar",
            tool: "bsdtar",
            script: "bsdtar --format ustar -cf root.tar look r",
            isRich: false
        ),
        Writer(name: "busybox tar", tool: "busybox", script: "busybox tar -cf root.tar look r", isRich: false),
        python("PAX_FORMAT"), python("GNU_FORMAT"), python("USTAR_FORMAT", isRich: false),
    ]

    private static func gnu(_ name: String, _ flags: String, isRich: Bool = true) -> Writer {
        Writer(
            name: "GNU tar " + name,
            tool: "tar",
            script: "tar \(flags) --numeric-owner -cf root.tar look r",
            isRich: isRich
        )
    }

    private static func python(_ format: String, isRich: Bool = true) -> Writer {
        let script = """
            python3 -c 'import tarfile
            with tarfile.open("root.tar", "w", format=tarfile.\(format), errors="surrogateescape") as tar:
                tar.add("look"); tar.add("r")'
            """
        return Writer(name: "tarfile " + format, tool: "python3", script: script, isRich: isRich)
    }

    @Test(arguments: writers)
    func everyArchiverInEveryCompression(_ writer: Writer) throws {
        guard writer.requirement.isMet else { return }
        let socle = try Socle()
        try prepare(socle, writer)
        let digest = try socle.shell("sha256sum < root.tar | cut -c1-64").succeeding()
        let expected = try expectation(socle)
        #expect(expected.split(separator: "\n").count > 10)
        for compressor in ["cat", "gzip -1", "bzip2 -1", "xz -0", "zstd -q"] {
            let id = try socle.shell("\(compressor) < root.tar > given && socle import given base").succeeding()
            #expect(id.hasPrefix("sha256:") && id.utf8.count == 71, "\(compressor)")
            #expect(
                try socle.output("inspect", "-f", "{{json .RootFS.Layers}}", "base") == "[\"sha256:\(digest)\"]",
                "\(compressor)"
            )
            let seen = try socle.run(["run", "--rm", "base", "/look", "/r"])
            #expect(seen.status == 0)
            #expect(Self.difference(expected, seen.text) == "", "\(compressor)")
            try socle.output("rmi", "base")
        }
        try socle.expectNothingLeft()
    }

    /// Several compressed streams one after another are one, as for the programs that make them.
    @Test func streamsInSeveralParts() throws {
        let socle = try Socle()
        try prepare(socle, Self.writers[0])
        let digest = "sha256:" + (try socle.shell("sha256sum < root.tar | cut -c1-64").succeeding())
        for compressor in ["gzip", "bzip2", "xz", "zstd -q"] {
            try socle.shell(
                "(head -c 3000 root.tar | \(compressor); tail -c +3001 root.tar | \(compressor)) | socle import - base"
            ).succeeding()
            #expect(try socle.output("inspect", "-f", "{{index .RootFS.Layers 0}}", "base") == digest, "\(compressor)")
        }
    }

    @Test func capabilitiesOfFilesHaveEffect() throws {
        let socle = try Socle()
        let script = """
            set -e
            mkdir -p root/bin
            cp "$(command -v busybox)" root/bin/busybox
            cp root/bin/busybox root/bin/busybox-raw
            setcap cap_net_raw+ep root/bin/busybox-raw
            tar --format=posix --xattrs --xattrs-include='*' -C root -cf root.tar .
            socle import root.tar base >&2
            socle run --rm -u 1000:1000 base /bin/busybox-raw grep CapEff /proc/self/status
            socle run --rm -u 1000:1000 base /bin/busybox grep CapEff /proc/self/status
            """
        let result = try socle.shell(script)
        #expect(result.text == "CapEff:\t0000000000002000\nCapEff:\t0000000000000000\n", "\(result.errorText)")
    }

    // MARK: - Parts

    private func prepare(_ socle: borrowing Socle, _ writer: Writer) throws {
        try Fixture.look(in: socle.work)
        try socle.shell(Self.plainTree).succeeding()
        if writer.isRich { try socle.shell(Self.richTree).succeeding() }
        try socle.shell("set -e\n" + writer.script).succeeding()
    }

    /// What GNU tar makes of the archive.
    private func expectation(_ socle: borrowing Socle) throws -> String {
        let script = """
            mkdir out
            tar --xattrs --xattrs-include='*' --numeric-owner --same-owner -p --delay-directory-restore -C out -xf root.tar 2>/dev/null
            ./look out/r
            """
        return try socle.shell(script).succeeding() + "\n"
    }

    /// The first lines that are in one of the listings only.
    static func difference(_ expected: String, _ found: String) -> String {
        let (old, new) = (expected.split(separator: "\n"), found.split(separator: "\n"))
        let missing = Set(old).subtracting(new).sorted().prefix(5).map { "- \($0)" }
        let extra = Set(new).subtracting(old).sorted().prefix(5).map { "+ \($0)" }
        return (missing + extra).joined(separator: "\n")
    }

    private static let plainTree = """
        set -e
        umask 022
        mkdir -p r/dir/deep r/empty
        echo text > r/dir/file
        : > r/none
        head -c 100000 /dev/urandom > r/dir/deep/bytes
        ln r/dir/file r/dir/hard
        ln r/dir/file r/dir/deep/hard
        ln -s ../none r/dir/up
        ln -s /etc/passwd r/outside
        chmod 4755 r/dir/file
        chmod 1777 r/empty
        chmod 2750 r/dir/deep
        chmod 0 r/none
        chown 1234:2345 r/none r/empty
        chown -h 7:8 r/outside
        touch -h -d @1234567890 r/none r/outside r/dir/file
        touch -d @1111111111 r/dir/deep r/empty r/dir r
        """

    private static let richTree = #"""
        set -e
        mkfifo r/pipe
        mknod r/char c 5 1
        mknod r/block b 259 300
        chown 3000000:2100000 r/pipe
        long=$(printf 'n%.0s' $(seq 110))
        mkdir -p "r/$long/$long"
        echo long > "r/$long/$long/$long"
        ln "r/$long/$long/$long" "r/$long/hard"
        ln -s "$long/$long/$long" r/link
        echo latin > "$(printf 'r/caf\351')"
        echo newline > "$(printf 'r/two\nlines and spaces')"
        echo unicode > 'r/größe-日本'
        truncate -s 8M r/sparse
        printf middle | dd of=r/sparse bs=1 seek=4000000 conv=notrunc status=none
        truncate -s 3M r/hole
        setfattr -n user.note -v 0x0001ff0a r/dir/file
        setfattr -n user.folder -v text r/empty
        cp r/dir/file r/able
        setcap cap_net_raw,cap_chown+ep r/able
        touch -d @1500000000.123456789 r/able
        touch -d @-100000000 r/pipe
        touch -d @1600000000.5 "r/$long/$long" "r/$long" r/empty r
        """#
}

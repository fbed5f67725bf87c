import ByteStreams
import ContentStorage
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting
import SocleTesting
import SystemPackage
import TarFormat
import Testing

@testable import ImageManagement

/// `image diff`, `squash`, `export` and `validate`.
@Suite(.requires(.root)) struct ComparisonTests {
    private static func dpkg(_ packages: [(String, String)]) -> String {
        packages.map { name, version in
            """
            Package: \(name)
            Status: install ok installed
            Architecture: amd64
            Version: \(version)
            Description: several
             lines: of it


            """
        }.joined()
    }

    @Test func findsFilesConfigAndPackages() throws {
        let fixture = try CatalogFixture()
        let first = try fixture.importing(
            try Archive.tar([
                "a": "same", "b": "one", "c": "gone", "d/": "", "d/x": "1",
                "var/lib/dpkg/status": Self.dpkg([("bash", "5"), ("old", "1")]),
            ]),
            changes: ["ENV A=1", "LABEL x=y"]
        )
        let second = try fixture.importing(
            try Archive.tar([
                "a": "same", "b": "two", "d/": "", "d/x": "22", "e": "new",
                "var/lib/dpkg/status": Self.dpkg([("bash", "6"), ("new", "2")]),
            ]),
            changes: ["ENV A=2"]
        )
        let diff = try fixture.catalog.diff(first, second, DiffOptions())
        #expect(
            diff.files.map { "\($0.change.rawValue) \($0.path)" }
                == ["C b", "D c", "C d/x", "A e", "C var/lib/dpkg/status"]
        )
        #expect(diff.files[2].before?.size == 1 && diff.files[2].after?.size == 2)
        #expect(diff.config.map(\.field) == ["Env.A", "Labels.x"])
        #expect(diff.config.map(\.change) == [.changed, .removed])
        #expect(
            diff.packages.map { "\($0.id.name) \($0.before ?? "-") \($0.after ?? "-")" }
                == ["bash 5 6", "new - 2", "old 1 -"]
        )
        #expect(try fixture.catalog.diff(first, first, DiffOptions()).isEmpty)
        #expect(try fixture.metadata.leases.all().isEmpty)
    }

    @Test func readsTheDatabaseOfAlpine() {
        let text = "C:Q1x=\nP:musl\nV:1.2.5-r0\nA:x86_64\nF:lib\nR:ld.so\n\nP:busybox\nV:1\n"
        let paragraphs = PackageList.paragraphs(Array(text.utf8), separator: Array(":".utf8))
        #expect(paragraphs.map { $0["P"] } == ["musl", "busybox"])
        #expect(paragraphs[0]["V"] == "1.2.5-r0")
    }

    /// A database as rpm makes it, with two packages.
    private static let makeRPMDatabase = """
        import sqlite3, struct, sys
        def header(values):
            index, store = b"", b""
            for tag, value in values:
                if isinstance(value, int):
                    store += b"\\0" * (-len(store) % 4)
                    index += struct.pack(">IIII", tag, 4, len(store), 1)
                    store += struct.pack(">I", value)
                else:
                    index += struct.pack(">IIII", tag, 6, len(store), 1)
                    store += value.encode() + b"\\0"
            return struct.pack(">II", len(values), len(store)) + index + store
        base = sqlite3.connect("rpmdb.sqlite")
        base.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)")
        for values in [[(1000, "bash"), (1001, "5.2"), (1002, "1.fc40"), (1022, "x86_64")],
                       [(1000, "vim"), (1001, "9"), (1002, "2"), (1003, 7), (1022, "noarch")], [(1000, "gpg-pubkey"), (1001, "1")]]:
            base.execute("INSERT INTO Packages (blob) VALUES (?)", (header(values),))
        base.execute("INSERT INTO Packages (blob) VALUES (?)", (b"\\xff" * 100,))
        base.commit()
        """

    @Test func readsTheDatabaseOfRPM() throws {
        let fixture = try CatalogFixture()
        try Command.output(
            of: "bash",
            [
                "-c",
                "mkdir -p r/var/lib/rpm && cd r/var/lib/rpm && python3 - && tar -C ../../.. -cf ../../../../r.tar .",
            ],
            input: Array(Self.makeRPMDatabase.utf8),
            directory: fixture.root.path
        )
        let bytes = try Command.output(of: "cat", ["r.tar"], directory: fixture.root.path)
        let (empty, image) = (try fixture.importing(Archive.small), try fixture.importing(bytes))
        let diff = try fixture.catalog.diff(empty, image, DiffOptions())
        #expect(
            diff.packages.map { "\($0.id.manager) \($0.id.name) \($0.id.architecture) \($0.after ?? "")" }
                == ["rpm bash x86_64 5.2-1.fc40", "rpm vim noarch 7:9-2"]
        )
        #expect(diff.notes.isEmpty)
    }

    @Test(arguments: [0, 1, 7, 8, 20, 40, 60]) func headersThatAreCutOffNameNothingOfOthers(_ length: Int) {
        var bytes: [UInt8] = [0, 0, 0, 2, 0, 0, 0, 10]
        bytes +=
            [0, 0, 3, 232, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 1] + [
                0, 0, 3, 233, 0, 0, 0, 6, 255, 255, 255, 255, 0, 0, 0, 1,
            ]
        bytes += Array("bash".utf8) + [0, 49, 0, 0, 0, 0]
        #expect(RPMHeader(bytes)?.name == "bash")
        #expect(RPMHeader(bytes)?.version == nil)
        _ = RPMHeader(Array(bytes.prefix(length)))?.version
    }

    // MARK: - Squash

    /// An image of three layers: what the first has, the second hides, and the third puts back in part.
    private func layered(_ fixture: borrowing CatalogFixture) throws -> Image {
        let tars = [
            try Archive.tar(["a": "1", "d/": "", "d/x": "x", "d/y": "y"]),
            try Archive.tar([".wh.a": "", "d/.wh.x": "", "b": "2"]),
            try Archive.tar(["a": "3"]),
        ]
        let layers = try tars.map { bytes in
            Descriptor(mediaType: .ociLayer, digest: try fixture.content.put(bytes), size: Int64(bytes.count))
        }
        var config = ImageConfig(platform: .host, config: ContainerConfig(), diffIDs: layers.map(\.digest))
        config.created = "2024-01-02T03:04:05Z"
        config.history = layers.indices.map { History(created: config.created, createdBy: "step \($0)") }
        config.history.insert(History(createdBy: "ENV", isEmptyLayer: true), at: 1)
        return try fixture.catalog.register(config: config, layers: layers, tags: [try ImageReference("three:1")])
    }

    @Test(arguments: [(nil, 1, 1), ("1", 1, 1), ("2", 2, 2), ("3", 3, 3)] as [(String?, Int, Int)])
    func squashedImagesHaveTheSameFiles(from: String?, layers: Int, kept: Int) throws {
        let fixture = try CatalogFixture()
        let image = try layered(fixture)
        var request = SquashRequest()
        request.from = from
        request.tag = try ImageReference("squashed")
        let squashed = try fixture.catalog.squash(image, request)
        #expect(squashed.config.value.rootfs.diffIDs.count == layers)
        #expect(
            squashed.config.value.rootfs.diffIDs.prefix(kept - 1) == image.config.value.rootfs.diffIDs.prefix(kept - 1)
        )
        #expect(try fixture.catalog.diff(image, squashed, DiffOptions()).files.isEmpty)
        #expect(try fixture.catalog.resolve("squashed").id == squashed.id)
        #expect(squashed.config.value.history.count { !$0.isEmptyLayer } == layers)
        #expect(try fixture.catalog.squash(image, request).id == squashed.id)
        #expect(try fixture.catalog.validate("squashed").isSound)
        #expect(try fixture.catalog.check { _ in }.isSound)
    }

    @Test(arguments: ["4", "0", "nothing", "sha256:"]) func refusesLayersThatArentThere(_ text: String) throws {
        let fixture = try CatalogFixture()
        let image = try layered(fixture)
        var request = SquashRequest()
        request.from = text
        #expect(throws: PlainFailure.self) { try fixture.catalog.squash(image, request) }
    }

    @Test func anExportHasWhatAContainerWouldSee() throws {
        let fixture = try CatalogFixture()
        let image = try layered(fixture)
        let sinks = try (0..<2).map { _ in
            let sink = MemorySink()
            try fixture.catalog.export(image, epoch: nil, to: sink)
            return sink.bytes
        }
        #expect(sinks[0] == sinks[1])
        let members = try Archive.members(sinks[0]).map { "\($0.name) \(String(decoding: $0.bytes, as: UTF8.self))" }
        #expect(members == ["a 3", "b 2", "d ", "d/y y"])
    }

    // MARK: - Validation

    @Test func findsWhatIsWrongWithAnImage() throws {
        let fixture = try CatalogFixture()
        let image = try layered(fixture)
        let report = try fixture.catalog.validate("three:1")
        #expect(report.isSound && report.images == 1 && report.blobs == 5)
        let layer = image.manifest.value.layers[1].digest
        try UpkeepTests().damage(layer, in: fixture)
        let top = image.manifest.value.layers[2].digest
        try fixture.content.remove(top)
        let findings = try fixture.catalog.validate("three:1").findings
        #expect(findings.contains { $0.subject == "\(layer)" && $0.problem.contains("digest") })
        #expect(findings.contains { $0.subject == "\(top)" && $0.problem == "missing" })
    }

    @Test func findsConfigsThatDoNotFit() {
        var config = ImageConfig(platform: .host, diffIDs: [])
        config.architecture = ""
        config.created = "yesterday"
        config.history = [History(), History(isEmptyLayer: true)]
        #expect(
            ConfigCheck(config, layers: 2).problems == [
                "architecture is empty", "it has 0 diff IDs, the manifest has 2 layers",
                "its history tells of 1 layers, the manifest has 2", "\"yesterday\" is no time",
            ]
        )
    }

    @Test func looksIntoLayoutsAndArchives() throws {
        let fixture = try CatalogFixture()
        let image = try layered(fixture)
        let saved = try fixture.saved("three:1")
        try FileTree.write(["saved.tar": .file(saved)], to: fixture.root.path)
        #expect(try fixture.catalog.validate(path: fixture.root("saved.tar")).isSound)
        try Command.output(of: "sh", ["-c", "mkdir l; tar -xf saved.tar -C l"], directory: fixture.root.path)
        let layout = fixture.root("l")
        let sound = try fixture.catalog.validate(path: layout)
        #expect(sound.isSound && sound.images == 1, "\(sound)")
        // Damage that keeps the size.
        let layer = image.manifest.value.layers[0].digest
        let script = "printf X | dd of=blobs/sha256/\(layer.hex) conv=notrunc status=none; rm oci-layout"
        try Command.output(of: "sh", ["-c", script], directory: layout)
        let findings = try fixture.catalog.validate(path: layout).findings
        #expect(findings.contains { $0.subject == "\(layer)" })
        #expect(findings.contains { $0.subject == "oci-layout" && $0.problem == "missing" })
        try Command.output(of: "sh", ["-c", "tar -cf bad.tar -C l ."], directory: fixture.root.path)
        #expect(try fixture.catalog.validate(path: fixture.root("bad.tar")).findings.count == 1)
        #expect(throws: (any Error).self) { try fixture.catalog.validate(path: fixture.root("nothing")) }
    }
}

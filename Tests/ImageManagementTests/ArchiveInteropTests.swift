import ByteStreams
import LinuxSystem
import OCISpec
import Reporting
import SocleTesting
import SystemPackage
import Testing

@testable import ImageManagement

/// Archives and the store itself, to and from other people's programs, compared by digest.
@Suite(.serialized) struct ArchiveInteropTests {
    /// A store with an image of two layers' worth of awkward names.
    static func image(in fixture: borrowing CatalogFixture) throws -> Image {
        try fixture.importing(
            try Archive.tar(["usr/": "", "usr/bin/": "", "usr/bin/ä b": "x", ".hidden": "y"]),
            as: "interop/app:1",
            changes: ["CMD [\"/usr/bin/ä b\"]", "ENV A=b", "LABEL k=<v>"]
        )
    }

    static func write(_ bytes: [UInt8], to path: FilePath) throws {
        let folder = try Directory.open(path.removingLastComponent(), create: true)
        let file = try folder.temporaryFile(mode: 0o644)
        try DescriptorIO.write(file.descriptor.raw, bytes.span)
        try file.link(as: PathBytes(path.lastComponent?.string ?? ""), replace: true)
    }

    static func read(_ path: FilePath) throws -> [UInt8] {
        let folder = try Directory.open(path.removingLastComponent())
        let file = try folder.openForReading(PathBytes(path.lastComponent?.string ?? ""))
        return try DescriptorIO.readAll(file.raw, limit: 1 << 28)
    }

    static func skopeo(_ arguments: String...) throws {
        try Command.output(of: "skopeo", ["--insecure-policy"] + arguments)
    }

    @Test(.requires(.tool("skopeo")), arguments: ["docker-archive", "oci-archive"])
    func skopeoReadsOurArchives(_ transport: String) throws {
        let fixture = try CatalogFixture()
        let image = try Self.image(in: fixture)
        let archive = fixture.root("x.tar")
        try Self.write(try fixture.saved("interop/app:1"), to: archive)
        try Self.skopeo("copy", "-q", "\(transport):\(archive)", "dir:\(fixture.root("dir"))")
        #expect(try Self.read(fixture.root("dir/\(image.id.hex)")) == image.config.bytes)
    }

    @Test(.requires(.tool("skopeo")), arguments: ["docker-archive", "oci-archive"])
    func weReadSkopeosArchives(_ transport: String) throws {
        let from = try CatalogFixture()
        let image = try Self.image(in: from)
        let archive = from.root("y.tar")
        try Self.skopeo(
            "copy",
            "-q",
            "oci:\(from.root.path):interop/app:1",
            "\(transport):\(archive):interop/app:2"
        )
        let to = try CatalogFixture()
        let loaded = try to.loading(try Self.read(archive))
        #expect(loaded.map { $0.names.map(\.familiar) } == [["interop/app:2"]])
        let back = try to.catalog.resolve("interop/app:2")
        #expect(back.config.value.rootfs == image.config.value.rootfs)
        #expect(back.config.value.config == image.config.value.config)
        #expect(try to.catalog.check { _ in }.isSound)
        // An OCI archive keeps the config as it is, compressing layers or not.
        if transport == "oci-archive" { #expect(back.id == image.id) }
    }

    @Test(.requires(.all(.tool("umoci"), .root))) func umociUnpacksTheStore() throws {
        let fixture = try CatalogFixture()
        _ = try Self.image(in: fixture)
        let bundle = fixture.root("bundle")
        try Command.output(
            of: "umoci",
            ["unpack", "--image", "\(fixture.root.path):interop/app:1", bundle.string]
        )
        #expect(try Self.read(bundle.appending("rootfs/usr/bin/ä b")) == Array("x".utf8))
    }

    @Test(.requires(.all(.tool("umoci"), .tool("tar")))) func weReadUmocisLayouts() throws {
        let fixture = try CatalogFixture()
        let layout = fixture.root("layout")
        try Command.output(of: "umoci", ["init", "--layout", layout.string])
        try Command.output(of: "umoci", ["new", "--image", "\(layout):v1"])
        try Self.write(try Archive.tar(["a": "b"]), to: fixture.root("l.tar"))
        try Command.output(
            of: "umoci",
            ["raw", "add-layer", "--image", "\(layout):v1", fixture.root("l.tar").string]
        )
        try Command.output(of: "umoci", ["config", "--image", "\(layout):v1", "--config.cmd", "x"])
        try Command.output(of: "tar", ["-C", layout.string, "-cf", fixture.root("l2.tar").string, "."])
        let loaded = try fixture.loading(try Self.read(fixture.root("l2.tar")))
        #expect(loaded.map(\.names.isEmpty) == [true])
        let image = try fixture.catalog.resolve(loaded[0].id.description)
        #expect(image.config.value.config?.cmd == ["x"])
        #expect(image.config.value.rootfs.diffIDs == [Digest.of(try Archive.tar(["a": "b"]))])
    }

    // MARK: - Docker

    static let hasDocker = (try? Command.run("docker", ["version"]))?.status == 0

    static func docker(_ arguments: String...) throws -> [UInt8] { try Command.output(of: "docker", arguments) }

    static func dockerText(_ arguments: String...) throws -> String {
        String(decoding: try Command.output(of: "docker", arguments), as: UTF8.self)
    }

    @Test(.enabled(if: hasDocker, "needs a docker daemon")) func dockerLoadsWhatWeSave() throws {
        let fixture = try CatalogFixture()
        let image = try Self.image(in: fixture)
        let archive = fixture.root("x.tar")
        try Self.write(try fixture.saved("interop/app:1"), to: archive)
        defer { _ = try? Command.run("docker", ["rmi", "-f", "interop/app:1"]) }
        let answer = try Self.dockerText("load", "-q", "-i", archive.string)
        #expect(answer == "Loaded image: interop/app:1\n")
        let id = try Self.dockerText("inspect", "-f", "{{.Id}}", "interop/app:1")
        #expect(id == "\(image.id)\n")
    }

    @Test(.enabled(if: hasDocker, "needs a docker daemon")) func weLoadWhatDockerSaves() throws {
        let fixture = try CatalogFixture()
        try Self.write(Archive.small, to: fixture.root("r.tar"))
        defer { _ = try? Command.run("docker", ["rmi", "-f", "interop/other:1"]) }
        let id = try Self.dockerText(
            "import",
            "-c",
            "CMD [\"x\"]",
            fixture.root("r.tar").string,
            "interop/other:1"
        )
        let bytes = try Self.docker("save", "interop/other:1")
        let loaded = try fixture.loading(bytes)
        #expect(loaded.map { "\($0.id)\n" } == [id])
        let ours = try fixture.catalog.inspect(try fixture.catalog.resolve("interop/other:1"))
        let theirs = try JSONValue(
            parsing: try Self.docker("inspect", "interop/other:1")
        )
        for key in ["Id", "RepoTags", "Comment", "Created", "Config", "Size", "RootFS", "Architecture", "Os"] {
            #expect(ours[key] == theirs.elements?.first?[key], "\(key)")
        }
    }

    /// The same tar, imported by both: the layer is the same.
    @Test(.enabled(if: hasDocker, "needs a docker daemon")) func importGivesDockersDiffID() throws {
        let fixture = try CatalogFixture()
        try Self.write(Archive.small, to: fixture.root("r.tar"))
        defer { _ = try? Command.run("docker", ["rmi", "-f", "interop/diff:1"]) }
        _ = try Self.docker("import", fixture.root("r.tar").string, "interop/diff:1")
        let theirs = try Self.dockerText(
            "inspect",
            "-f",
            "{{index .RootFS.Layers 0}} {{.Size}}",
            "interop/diff:1"
        )
        let image = try fixture.importing(Archive.small)
        let size = try fixture.catalog.list()[0].size
        #expect(theirs == "\(image.config.value.rootfs.diffIDs[0]) \(size)\n")
    }
}

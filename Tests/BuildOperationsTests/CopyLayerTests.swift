import BuildOperations
import ByteStreams
import ContainerManagement
import ContentStorage
import ImageManagement
import LinuxSystem
import MetadataStorage
import OCISpec
import RegistryAccess
import Reporting
import SnapshotStorage
import SocleTesting
import SystemPackage
import TarFormat
import Testing

/// A store and a builder on it, without root: builds that copy need none.
final class BuildFixture: Sendable {
    let root: TemporaryRoot
    let builder: Builder
    let images: ImageCatalog
    let content: ContentStore

    init() throws {
        let fresh = try TemporaryRoot()
        let store = fresh("store")
        _ = try Directory.open(store, create: true)
        let metadata = try MetadataStore(path: store.appending("socle.db"))
        content = try ContentStore(root: store, metadata: metadata)
        let snapshots = SnapshotStore(root: store)
        images = ImageCatalog(content: content, snapshots: snapshots, metadata: metadata)
        builder = Builder(
            content: content,
            snapshots: snapshots,
            metadata: metadata,
            images: images,
            containers: Containers(root: store, metadata: metadata),
            transport: CannedTransport(),
            registries: { Registries(transport: CannedTransport()) }
        )
        root = fresh
    }

    /// The files that the golden cases copy from.
    static let context: FileTree = [
        "a.txt": "a", "b.txt": .text("b", mode: 0o600), "run.sh": .text("#!/bin/sh\n", mode: 0o755),
        "dir": ["x": "x", "sub": ["y": "y"], "link": .link("x"), "empty": .directory([:], mode: 0o700)],
        "twice": ["one": "same", "two": .hardLink("twice/one")], "to-dir": .link("dir"),
        "ignored": ["drop": "x", "keep": "x"], ".dockerignore": "ignored\n!ignored/keep\nb.*\n!b.txt\n",
    ]

    func build(_ dockerfile: String, tag: String? = nil) async throws -> BuildResult {
        let folder = root("context")
        try? Directory.open(root.path).removeTree("context")
        try FileTree.write(Self.context, to: folder)
        var request = BuildRequest(context: .directory(folder))
        request.definition = .stream(MemorySource(Array(dockerfile.utf8)))
        request.epoch = 1_000_000_000
        request.tags = try tag.map { [try ImageReference($0)] } ?? []
        return try await builder.build(request, progress: { _ in })
    }

    /// The members of an image's layers, a line each.
    func listing(_ image: Image) throws -> String {
        var lines: [String] = []
        for layer in image.manifest.value.layers {
            lines.append("layer")
            let reader = TarReader(try content.open(layer))
            while let entry = try reader.next() { lines.append("  " + Self.line(entry)) }
            try reader.finish()
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func line(_ entry: TarEntry) -> String {
        let kind =
            switch entry.kind {
            case .file: "file \(entry.size)"
            case .directory: "directory"
            case .symbolicLink(let target): "link to \(target)"
            case .hardLink(let target): "same as \(target)"
            default: "other"
            }
        return
            "\(entry.path) \(String(entry.mode, radix: 8)) \(entry.uid):\(entry.gid) \(entry.modified.seconds) \(kind)"
    }
}

@Suite struct CopyLayerTests {
    @Test(arguments: Golden.cases("copy"))
    func layersAreAsExpected(_ name: String) async throws {
        let fixture = try BuildFixture()
        let dockerfile = try #require(try Golden.text("copy/\(name)/Dockerfile"))
        let outcome: String
        do {
            let result = try await fixture.build(dockerfile)
            outcome = try fixture.listing(result.image)
        } catch let failure as any Failure {
            let place = fixture.root.path.string
            let text = "\(failure.description)\n\(failure.hint.map { "hint: \($0)\n" } ?? "")"
            outcome = "error: " + text.replacing(place, with: "TEMPORARY")
        }
        try Golden.expect(outcome, "copy/\(name)/layers.txt")
    }

    @Test func theSameBuildTwiceIsTheSameImage() async throws {
        let dockerfile = "FROM scratch\nCOPY . /all/\nWORKDIR /made\nCMD [\"/x\"]\n"
        var ids: Set<Digest> = []
        for _ in 0..<2 {
            let fixture = try BuildFixture()
            ids.insert(try await fixture.build(dockerfile).image.id)
        }
        #expect(ids.count == 1)
    }

    @Test func whatIsKnownIsNotMadeAgain() async throws {
        let fixture = try BuildFixture()
        let first = try await fixture.build("FROM scratch\nCOPY a.txt /\n", tag: "one")
        let second = try await fixture.build("FROM scratch\nCOPY a.txt /\nLABEL a=b\n", tag: "two")
        #expect(first.image.manifest.value.layers == second.image.manifest.value.layers)
        #expect(first.image.id != second.image.id)
        #expect(try fixture.images.list().count == 2)
    }

    @Test func aFailedBuildLeavesNoImage() async throws {
        let fixture = try BuildFixture()
        await #expect(throws: BuildFailure.self) {
            try await fixture.build("FROM scratch\nCOPY a.txt /\nCOPY missing /\n", tag: "one")
        }
        #expect(try fixture.images.list().isEmpty)
    }
}

import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting
import SocleTesting
import SystemPackage
import Testing

@testable import ContentStorage

@Suite struct LayoutTests {
    /// A small image that other programs accept.
    private func image(in content: ContentStore, layer: [UInt8]) throws -> Descriptor {
        try content.put(layer)
        var config = ImageConfig(platform: .host, diffIDs: [.of(layer)])
        config.config = ContainerConfig()
        config.config?.cmd = ["/hello"]
        config.history = [History(created: "2024-01-01T00:00:00Z", createdBy: "test")]
        let configDocument = try Document(encoding: config, mediaType: .ociConfig)
        try content.put(configDocument.bytes)
        let manifest = try Document(
            encoding: ImageManifest(
                config: configDocument.descriptor,
                layers: [Descriptor(of: layer, mediaType: .ociLayer)]
            ),
            mediaType: .ociManifest
        )
        try content.put(manifest.bytes)
        return manifest.descriptor
    }

    private let emptyTar = [UInt8](repeating: 0, count: 1024)

    @Test func theIndexNamesImages() throws {
        let store = try StoreRoot()
        let manifest = try image(in: store.content, layer: emptyTar)
        try store.content.writeIndex([("docker.io/library/hello:1", manifest), (nil, manifest)])
        let text = try Command.output(of: "cat", [store.root("index.json").string])
        let index = try Document<ImageIndex>(bytes: text, mediaType: .ociIndex).value
        #expect(index.manifests.map(\.digest) == [manifest.digest, manifest.digest])
        #expect(
            index.manifests[0].annotations == [
                Annotation.referenceName: "hello:1", Annotation.imageName: "docker.io/library/hello:1",
            ]
        )
        #expect(index.manifests[1].annotations == nil)
        let marker = try Command.output(of: "cat", [store.root("oci-layout").string])
        #expect(String(decoding: marker, as: UTF8.self) == #"{"imageLayoutVersion":"1.0.0"}"#)
    }

    @Test func anUnchangedIndexIsNotWrittenAgain() throws {
        let store = try StoreRoot()
        try store.content.writeIndex([])
        let folder = try Directory.open(store.root.path)
        let before = try folder.status("index.json")
        try store.content.writeIndex([])
        #expect(try folder.status("index.json")?.changed == before?.changed)
        try store.content.writeIndex([("x", Descriptor(of: [], mediaType: .ociManifest))])
        try store.content.writeIndex([])
        #expect(try folder.status("index.json")?.size == before?.size)
        #expect(try folder.names().filter { $0.starts(with: ".tmp-".utf8) } == [])
    }

    @Test(.requires(.tool("skopeo"))) func skopeoReadsTheStoreWhereItLies() throws {
        let store = try StoreRoot()
        let manifest = try image(in: store.content, layer: emptyTar)
        try store.content.writeIndex([("docker.io/library/hello:1", manifest), ("localhost:5000/x:2", manifest)])
        for name in ["hello:1", "localhost:5000/x:2"] {
            let text = try Command.output(of: "skopeo", ["inspect", "oci:\(store.root.path):\(name)"])
            let seen = try JSONValue(parsing: text)
            #expect(seen["Digest"]?.text == manifest.digest.description)
            #expect(seen["Layers"]?.elements == [.string(Digest.of(emptyTar).description)])
        }
        try Command.output(
            of: "skopeo",
            ["copy", "-q", "oci:\(store.root.path):hello:1", "oci:\(store.root("copy")):copied"]
        )
    }

    @Test(.requires(.tool("umoci"))) func umociReadsTheStoreWhereItLies() throws {
        let store = try StoreRoot()
        let manifest = try image(in: store.content, layer: emptyTar)
        try store.content.writeIndex([("docker.io/library/hello:1", manifest)])
        let text = try Command.output(of: "umoci", ["ls", "--layout", store.root.path.string])
        #expect(String(decoding: text, as: UTF8.self) == "hello:1\n")
        try Command.output(of: "umoci", ["stat", "--image", "\(store.root.path):hello:1"])
    }
}

/// What happens where the disk is full or can't be written.
@Suite(.requires(.all(.root, .tool("mount")))) struct HardDiskTests {
    private func mounted(_ root: borrowing TemporaryRoot, _ arguments: [String], _ body: () throws -> Void) throws {
        let mounted = try Command.run("mount", arguments + [root("m").string])
        try #require(mounted.status == 0, "\(mounted.errorText)")
        defer { _ = try? Command.run("umount", ["-l", root("m").string]) }
        try body()
    }

    @Test func aFullDiskLeavesNothing() throws {
        let root = try TemporaryRoot()
        try Command.output(of: "mkdir", [root("m").string])
        let metadata = try MetadataStore(path: root("socle.db"))
        let path = root("m")
        try mounted(root, ["-t", "tmpfs", "-o", "size=1m", "tmpfs"]) {
            let content = try ContentStore(root: path, metadata: metadata)
            let error = #expect(throws: ContentError.self) {
                try content.put([UInt8](repeating: 1, count: 4 << 20))
            }
            #expect(error?.kind == .exhausted)
            #expect(error?.description == "blob: write: no space left on device")
            #expect(try content.all() == [])
            #expect(try Directory.open(path.appending("blobs/sha256")).names() == [])
            try content.put([1, 2, 3])
        }
    }

    @Test func aReadOnlyStoreCanBeRead() throws {
        let root = try TemporaryRoot()
        try Command.output(of: "mkdir", [root("s").string, root("m").string])
        let blob = Descriptor(of: [1, 2, 3], mediaType: .ociLayer)
        do {
            let metadata = try MetadataStore(path: root("s/socle.db"))
            try ContentStore(root: root("s"), metadata: metadata).put([1, 2, 3])
        }
        let path = root("m")
        try mounted(root, ["--bind", root("s").string]) {
            try Command.output(of: "mount", ["-o", "remount,bind,ro", path.string])
            let content = try ContentStore(root: path, metadata: try MetadataStore(path: path.appending("socle.db")))
            #expect(try content.read(blob) == [1, 2, 3])
            let error = #expect(throws: ContentError.self) { try content.put([4]) }
            #expect(error?.kind == .forbidden)
            #expect(error?.description.hasPrefix("the store is read-only") == true)
        }
    }
}

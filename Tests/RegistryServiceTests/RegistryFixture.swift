import ByteStreams
import ContentStorage
import ImageManagement
import ImageTrust
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting
import SnapshotStorage
import SocleTesting
import SystemPackage
import Testing

@testable import RegistryService

/// A store in a folder of its own, and the registry that it is.
struct RegistryFixture: ~Copyable {
    let root: TemporaryRoot
    let metadata: MetadataStore
    let content: ContentStore
    let images: ImageCatalog
    let registry: Registry

    init(isReadOnly: Bool = false, rejecting pattern: String? = nil) throws {
        let root = try TemporaryRoot()
        let metadata = try MetadataStore(path: root("socle.db"))
        let content = try ContentStore(root: root.path, metadata: metadata)
        let rules = try pattern.map { [TrustPolicy.Rule(try TrustPattern($0), .reject)] } ?? []
        let gate = TrustGate(policies: rules.isEmpty ? [] : [TrustPolicy(file: "policy.json", rules: rules)])
        images = ImageCatalog(
            content: content,
            snapshots: SnapshotStore(root: root.path),
            metadata: metadata,
            trust: { gate }
        )
        registry = Registry(images: images, content: content, metadata: metadata, isReadOnly: isReadOnly)
        self.metadata = metadata
        self.content = content
        self.root = root
    }

    /// One request with its body, in chunks of a few bytes.
    func call(
        _ method: String,
        _ target: String,
        _ headers: [String: String] = [:],
        body: [UInt8] = []
    ) -> RegistryAnswer {
        let request = RegistryRequest(method: method, target: target, headers: headers.map { HeaderField($0, $1) })
        switch registry.react(to: request) {
        case .answer(let answer): return answer
        case .receive(let receiver):
            do {
                var rest = body[...]
                while !rest.isEmpty {
                    let chunk = Array(rest.prefix(1_000))
                    try receiver.take(chunk.span)
                    rest = rest.dropFirst(1_000)
                }
                return try receiver.finish()
            } catch {
                receiver.abandon()
                return RegistryRefusal(error).answer
            }
        }
    }

    /// Pushes a blob in one request; its digest.
    func push(_ bytes: [UInt8], to name: String) throws -> Digest {
        let digest = Digest.of(bytes)
        let answer = call("POST", "/v2/\(name)/blobs/uploads/?digest=\(digest)", body: bytes)
        try #require(answer.status == 201, "\(answer.text)")
        return digest
    }

    /// Pushes something that has the form of an image and is none; the digest of its manifest.
    @discardableResult
    func pushArtifact(
        _ reference: String,
        to name: String,
        note: String = "",
        type: String = "application/x.test",
        subject: Descriptor? = nil
    ) throws -> Digest {
        let config = try push(Array("{}".utf8), to: name)
        let layer = try push(Array("not a layer \(note)".utf8), to: name)
        var manifest = ImageManifest(
            config: Descriptor(mediaType: MediaType(rawValue: type), digest: config, size: 2),
            layers: [
                Descriptor(
                    mediaType: MediaType(rawValue: "text/plain"),
                    digest: layer,
                    size: Int64("not a layer \(note)".utf8.count)
                )
            ],
            annotations: ["note": note]
        )
        manifest.subject = subject
        let bytes = try JSON.encode(manifest)
        let target = reference.isEmpty ? Digest.of(bytes).description : reference
        let answer = put(bytes, as: target, to: name)
        try #require(answer.status == 201, "\(answer.text)")
        return Digest.of(bytes)
    }

    func put(_ manifest: [UInt8], as reference: String, to name: String, type: MediaType = .ociManifest)
        -> RegistryAnswer
    {
        call("PUT", "/v2/\(name)/manifests/\(reference)", ["content-type": type.rawValue], body: manifest)
    }

    /// An image of the store itself.
    func importing(_ name: String, _ bytes: [UInt8] = [UInt8](repeating: 0, count: 1_024)) throws -> Image {
        var request = ImportRequest()
        request.reference = try ImageReference(name)
        return try images.importRootfs(request, from: MemorySource(bytes)) { _ in }
    }
}

extension RegistryAnswer {
    var bytes: [UInt8] {
        switch body {
        case .bytes(let bytes): bytes
        case .blob(let blob): (try? DescriptorIO.read(blob.file.raw, at: blob.offset, count: Int(blob.count))) ?? []
        }
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }

    /// The code of a refusal.
    var code: String? { (try? JSONValue(parsing: bytes))?["errors"]?.elements?.first?["code"]?.text }
}

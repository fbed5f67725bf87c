package import OCISpec
import Reporting

/// How signatures lie in a registry: each a layer of a manifest, the payload as its blob and the signature as an
/// annotation. The manifest has a tag made of the digest that was signed, or names that digest as its subject.
package enum SignatureManifest {
    /// The type of a payload.
    package static let payloadType = MediaType(rawValue: "application/vnd.dev.cosign.simplesigning.v1+json")
    /// The type of a manifest of signatures that is attached by its subject.
    package static let artifactType = "application/vnd.dev.cosign.artifact.sig.v1+json"
    /// The type of Sigstore's bundles, which this program doesn't read.
    package static let bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"
    static let signatureAnnotation = "dev.cosignproject.cosign/signature"
    static let certificateAnnotation = "dev.sigstore.cosign/certificate"
    /// As many signatures as are looked at: a registry must not keep anybody busy for ever.
    static let entryLimit = 64

    /// The tag for the signatures of a manifest: `sha256-….sig`.
    package static func tag(for digest: Digest) -> String { "\(digest.algorithm)-\(digest.hex).sig" }

    /// A signature whose payload is still to be fetched.
    package struct Entry: Sendable, Hashable {
        package var payload: Descriptor
        package var signature: [UInt8]
        /// Whether a certificate stands in for a key.
        package var isKeyless: Bool
    }

    /// The signatures of a manifest; layers that are none are passed over.
    package static func entries(of manifest: ImageManifest) -> [Entry] {
        manifest.layers.prefix(entryLimit).compactMap { layer in
            guard layer.mediaType == payloadType, layer.size <= SigningPayload.sizeLimit,
                let text = layer.annotations?[signatureAnnotation], text.utf8.count <= 4096,
                let signature = Base64.bytes(text)
            else { return nil }
            return Entry(
                payload: layer,
                signature: signature,
                isKeyless: layer.annotations?[certificateAnnotation] != nil
            )
        }
    }

    /// A manifest of signatures to be written, and the blobs it needs besides those that are there.
    package struct Draft: Sendable {
        package var manifest: Document<ImageManifest>
        package var config: [UInt8]
        package var payload: [UInt8]
    }

    /// Adds a signature to those of `existing`, for the tag; with a `subject` the manifest is a referrer of it.
    package static func draft(
        adding signature: [UInt8],
        of payload: SigningPayload,
        to existing: ImageManifest? = nil,
        subject: Descriptor? = nil
    ) throws(JSONError) -> Draft {
        let bytes = payload.bytes
        var layer = Descriptor(of: bytes, mediaType: payloadType)
        layer.annotations = [signatureAnnotation: Base64.text(signature)]
        let layers = (existing?.layers ?? []).filter { $0 != layer } + [layer]
        let config = subject == nil ? imageConfig(layers) : Array("{}".utf8)
        let type = subject == nil ? MediaType.ociConfig : MediaType(rawValue: artifactType)
        var manifest = ImageManifest(config: Descriptor(of: config, mediaType: type), layers: layers)
        manifest.annotations = existing?.annotations
        if let subject {
            manifest.artifactType = artifactType
            manifest.subject = Descriptor(mediaType: subject.mediaType, digest: subject.digest, size: subject.size)
        }
        return Draft(
            manifest: try Document(encoding: manifest, mediaType: .ociManifest),
            config: config,
            payload: bytes
        )
    }

    /// A config for tools that take every tag for an image: of no platform, the payloads as its layers.
    private static func imageConfig(_ layers: [Descriptor]) -> [UInt8] {
        let config: JSONValue = [
            "architecture": "", "os": "", "config": [:],
            "rootfs": ["type": "layers", "diff_ids": JSONValue(strings: layers.map(\.digest.description))],
        ]
        return Array(config.serialized().utf8)
    }
}

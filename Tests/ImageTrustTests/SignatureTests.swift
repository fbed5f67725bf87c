import ImageTrust
import OCISpec
import Testing

/// A registry in memory that holds signatures.
final class SignatureShelf: SignatureSource {
    var tags: [String: ImageManifest] = [:]
    var attached: [ImageManifest] = []
    var blobs: [Digest: [UInt8]] = [:]
    var reads = 0

    func manifest(tagged tag: String) -> ImageManifest? {
        reads += 1
        return tags[tag]
    }
    func referrers(of digest: Digest, artifactType: String) -> [ImageManifest] {
        attached.filter { $0.artifactType == artifactType }
    }
    func payload(_ descriptor: Descriptor) -> [UInt8] { blobs[descriptor.digest] ?? [] }

    func add(_ payload: SigningPayload, by key: SigningKey, subject: Descriptor? = nil) throws {
        let tag = SignatureManifest.tag(for: payload.digest)
        let draft = try SignatureManifest.draft(
            adding: try key.signature(of: payload.bytes),
            of: payload,
            to: subject == nil ? tags[tag] : nil,
            subject: subject
        )
        blobs[.of(draft.payload)] = draft.payload
        if subject == nil { tags[tag] = draft.manifest.value } else { attached.append(draft.manifest.value) }
    }
}

@Suite struct SignatureTests {
    let key = SigningKey(generating: .ecdsa)
    let other = SigningKey(generating: .ed25519)
    let shelf = SignatureShelf()
    let digest = Digest.of([1])
    let platform = Digest.of([2])

    private func verify(_ name: String, by keys: [SigningKey], identity: String? = nil) throws -> VerifiedSignature {
        let verifier = SignatureVerifier(
            keys: keys.map(\.publicKey),
            identity: try identity.map { try ImageReference($0) }
        )
        let image = TrustCandidate(try ImageReference(name), digest: digest, platformDigest: platform)
        return try verifier.verify(image, shelf)
    }

    private func sign(_ digest: Digest, as name: String, by key: SigningKey, subject: Descriptor? = nil) throws {
        try shelf.add(SigningPayload(digest: digest, identity: try ImageReference(name)), by: key, subject: subject)
    }

    private func miss(_ name: String, by keys: [SigningKey], identity: String? = nil) -> String {
        do {
            _ = try verify(name, by: keys, identity: identity)
            return "accepted"
        } catch { return "\(error)" }
    }

    @Test func signaturesOfTheNameHold() throws {
        try sign(digest, as: "r.io/a", by: key)
        #expect(try verify("r.io/a:1", by: [other, key]).key == key.publicKey)
        #expect(try verify("r.io/a@\(digest)", by: [key]).payload.digest == digest)
        #expect(miss("r.io/a", by: [other]).contains("by another key"))
        #expect(miss("r.io/b", by: [key]).contains("for \"r.io/a\""))
        #expect(try verify("mirror.io/a", by: [key], identity: "r.io/a").key == key.publicKey)
    }

    @Test func aSignedTagIsForNoOther() throws {
        try sign(digest, as: "r.io/a:1", by: other)
        #expect(throws: Never.self) { try verify("r.io/a:1", by: [other]) }
        #expect(miss("r.io/a:2", by: [other]).contains("for \"r.io/a:1\""))
        #expect(miss("r.io/a", by: [other]).contains("for \"r.io/a:1\""))
        #expect(throws: Never.self) { try verify("r.io/a@\(digest)", by: [other]) }
        #expect(miss("m.io/b:2", by: [other], identity: "r.io/a").contains("for \"r.io/a:1\""))
    }

    @Test func thePlatformsManifestMayBeSigned() throws {
        try sign(platform, as: "r.io/a", by: key)
        #expect(try verify("r.io/a:1", by: [key]).payload.digest == platform)
    }

    @Test func referrersAreLookedAt() throws {
        let subject = Descriptor(mediaType: .ociManifest, digest: digest, size: 1)
        try sign(digest, as: "r.io/a", by: key, subject: subject)
        #expect(try verify("r.io/a:1", by: [key]).payload.digest == digest)
        #expect(shelf.tags.isEmpty)
        #expect(shelf.attached[0].artifactType == SignatureManifest.artifactType)
    }

    @Test func signaturesForAnotherImageDontHold() throws {
        // Somebody puts the signature of an old image where the new one's belongs.
        try sign(.of([9]), as: "r.io/a", by: key)
        shelf.tags[SignatureManifest.tag(for: digest)] = shelf.tags[SignatureManifest.tag(for: .of([9]))]
        #expect(miss("r.io/a", by: [key]).contains("of another image"))
        #expect(miss("r.io/c", by: []).contains("by another key"))
    }

    @Test func changedPayloadsDontHold() throws {
        try sign(digest, as: "r.io/a", by: key)
        let payload = try #require(shelf.blobs.first)
        var changed = payload.value
        changed[20] ^= 1
        shelf.blobs[payload.key] = changed
        #expect(miss("r.io/a", by: [key]).contains("isn't what its manifest says"))
        shelf.blobs[payload.key] = []
        #expect(miss("r.io/a", by: [key]).contains("isn't what its manifest says"))
    }

    @Test func severalSignaturesShareATag() throws {
        try sign(digest, as: "r.io/a", by: key)
        try sign(digest, as: "r.io/a:1", by: other)
        #expect(shelf.tags.count == 1)
        #expect(shelf.tags.first?.value.layers.count == 2)
        for key in [key, other] { #expect(try verify("r.io/a:1", by: [key]).key == key.publicKey) }
    }

    @Test func unsignedIsUnsigned() { #expect(miss("r.io/a", by: [key]).contains("it has no signature")) }

    @Test func payloadsAreStrict() throws {
        let good = SigningPayload(digest: digest, identity: try ImageReference("r.io/a:1"), creator: "x", timestamp: 5)
        #expect(try SigningPayload(parsing: good.bytes) == good)
        let text = String(decoding: good.bytes, as: UTF8.self)
        for (old, new) in [
            ("cosign container image signature", "atomic container signature"), ("r.io/a:1", ""),
            ("\"type\"", "\"more\": 1, \"type\""), ("sha256:", "sha256;"), ("\"optional\"", "\"critical\""),
            ("\"optional\"", "\"else\""), ("r.io/a:1", "r.io/a@\(platform)"),
        ] {
            let range = try #require(text.firstRange(of: old))
            let changed = text.replacingCharacters(in: range, new)
            #expect(throws: PayloadError.self, "\(new)") { try SigningPayload(parsing: Array(changed.utf8)) }
        }
        let null = text.replacingCharacters(in: try #require(text.firstRange(of: "{\"creator\":\"x\",\"timestamp\":5}")), "null")
        #expect(try SigningPayload(parsing: Array(null.utf8)).creator == nil)
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, _ text: String) -> String {
        String(self[..<range.lowerBound]) + text + self[range.upperBound...]
    }
}

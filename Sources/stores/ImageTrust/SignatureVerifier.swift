package import OCISpec

/// A signature that holds.
package struct VerifiedSignature: Sendable, Hashable {
    package var key: VerificationKey
    package var payload: SigningPayload
}

/// Looks for a signature of an image by one of some keys.
package struct SignatureVerifier: Sendable {
    package var keys: [VerificationKey]
    /// The name that must have been signed, where that isn't the image's own.
    package var identity: ImageReference?

    package init(keys: [VerificationKey], identity: ImageReference? = nil) {
        self.keys = keys
        self.identity = identity
    }

    /// Why signatures that were found don't count, by how many.
    private struct Misses {
        var counts: [(reason: String, count: Int)] = []
        /// How many payloads were fetched.
        var looks = 0

        mutating func add(_ reason: String) {
            if let index = counts.firstIndex(where: { $0.reason == reason }) {
                counts[index].count += 1
            } else if counts.count < 8 {
                counts.append((reason, 1))
            }
        }

        var text: String {
            if counts.isEmpty { return "it has no signature" }
            return "no signature of it counts: "
                + counts.map { $0.count == 1 ? $0.reason : "\($0.count) times \($0.reason)" }.joined(separator: "; ")
        }
    }

    /// The first signature that holds: of what the name leads to, or of the platform's manifest; behind the tag, or
    /// among the referrers. Throws where there is none.
    package func verify(_ image: TrustCandidate, _ source: any SignatureSource) throws -> VerifiedSignature {
        var misses = Misses()
        for digest in image.digests {
            if let manifest = try source.manifest(tagged: SignatureManifest.tag(for: digest)),
                let found = try signature(in: manifest, of: digest, for: image, source, &misses)
            {
                return found
            }
            let type = SignatureManifest.artifactType
            for manifest in try source.referrers(of: digest, artifactType: type).prefix(SignatureManifest.entryLimit)
            where manifest.subject?.digest == digest {
                if let found = try signature(in: manifest, of: digest, for: image, source, &misses) { return found }
            }
        }
        throw TrustError(.unsigned(image: image.name.familiar, why: misses.text))
    }

    private func signature(
        in manifest: ImageManifest,
        of digest: Digest,
        for image: TrustCandidate,
        _ source: any SignatureSource,
        _ misses: inout Misses
    ) throws -> VerifiedSignature? {
        for entry in SignatureManifest.entries(of: manifest) {
            misses.looks += 1
            guard misses.looks <= Self.mostLooks else { return nil }
            let bytes = try source.payload(entry.payload)
            guard bytes.count == entry.payload.size, Digest.of(bytes) == entry.payload.digest else {
                misses.add("a payload that isn't what its manifest says")
                continue
            }
            switch check(bytes, entry, of: digest, for: image) {
            case .success(let found): return found
            case .failure(let miss): misses.add(miss.reason)
            }
        }
        return nil
    }

    /// As many signatures as are looked at in all.
    private static let mostLooks = 128

    private struct Miss: Error { var reason: String }

    /// The signature first: what nobody signed isn't read.
    private func check(
        _ bytes: [UInt8],
        _ entry: SignatureManifest.Entry,
        of digest: Digest,
        for image: TrustCandidate
    ) -> Result<VerifiedSignature, Miss> {
        guard let key = keys.first(where: { $0.isValid(entry.signature, of: bytes) }) else {
            return .failure(Miss(reason: entry.isKeyless ? "a keyless one, which can't be checked" : "by another key"))
        }
        let payload: SigningPayload
        do { payload = try SigningPayload(parsing: bytes) } catch { return .failure(Miss(reason: error.detail)) }
        guard payload.digest == digest else { return .failure(Miss(reason: "of another image, \(payload.digest)")) }
        let named = payload.identity
        let tag = identity?.tag ?? image.name.tag
        // A signature of one tag says nothing about another; one without a tag is for every tag.
        guard named.repository == (identity ?? image.name).repository,
            named.tag == nil || tag == nil || named.tag == tag
        else { return .failure(Miss(reason: "for \"\(named.familiar)\"")) }
        return .success(VerifiedSignature(key: key, payload: payload))
    }
}

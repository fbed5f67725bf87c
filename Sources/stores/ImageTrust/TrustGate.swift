package import OCISpec

/// Where the signatures of an image are.
package protocol SignatureSource {
    /// The manifest behind a tag, nil where there is no such tag.
    func manifest(tagged tag: String) throws -> ImageManifest?
    /// What names the digest as its subject, of one type.
    func referrers(of digest: Digest, artifactType: String) throws -> [ImageManifest]
    /// A payload; it need not be checked.
    func payload(_ descriptor: Descriptor) throws -> [UInt8]
}

/// The place without signatures: an archive, a folder.
package struct NoSignatures: SignatureSource {
    package init() {}
    package func manifest(tagged tag: String) -> ImageManifest? { nil }
    package func referrers(of digest: Digest, artifactType: String) -> [ImageManifest] { [] }
    package func payload(_ descriptor: Descriptor) -> [UInt8] { [] }
}

/// An image that wants in.
package struct TrustCandidate: Sendable, Hashable {
    /// The name as it was asked for.
    package var name: ImageReference
    /// What the name leads to: an index or a manifest.
    package var digest: Digest
    /// The platform's manifest, where the name leads to an index.
    package var platformDigest: Digest?

    /// Digests besides these that name the image as well: of its config, where it comes from an archive.
    package var otherDigests: [Digest] = []

    package init(_ name: ImageReference, digest: Digest, platformDigest: Digest? = nil) {
        self.name = name.withDefaultTag
        self.digest = digest
        self.platformDigest = platformDigest == digest ? nil : platformDigest
    }

    /// What may have been signed.
    var digests: [Digest] { [digest] + (platformDigest.map { [$0] } ?? []) }
}

/// Decides about images by every policy there is: each must let an image in.
///
/// Nothing of an image is fetched but its manifests before it is let in.
package struct TrustGate: Sendable {
    package var policies: [TrustPolicy]
    /// Reads the public keys that rules name.
    package var keys: KeyFiles

    package init(policies: [TrustPolicy], keys: KeyFiles = KeyFiles()) {
        self.policies = policies
        self.keys = keys
    }

    /// Why an image was let in.
    package struct Admission: Sendable, Hashable {
        package enum Ground: Sendable, Hashable {
            /// No rule is for it.
            case noRule
            case accepted
            case digest(Digest)
            case signature(VerifiedSignature)
        }

        /// The policy's file.
        package var file: String
        package var rule: TrustPolicy.Rule?
        package var ground: Ground

        package init(file: String, rule: TrustPolicy.Rule?, ground: Ground) {
            self.file = file
            self.rule = rule
            self.ground = ground
        }
    }

    /// Refuses what no digest and no signature could save, before a registry is asked.
    package func requireNotRejected(_ name: ImageReference) throws(TrustError) {
        let name = name.withDefaultTag
        for policy in policies {
            guard let rule = policy.rule(for: name), rule.requirement == .reject else { continue }
            throw refusal(name, rule, policy, "its images are not to be used")
        }
    }

    /// Lets in what has no name, by the digests of its documents: the rules for every image decide.
    package func admitNameless(_ digests: [Digest]) throws(TrustError) {
        for policy in policies {
            guard let rule = policy.rules.first(where: { $0.pattern.isEverything }) else { continue }
            switch rule.requirement {
            case .accept: continue
            case .digests(let known) where digests.contains(where: known.contains): continue
            case .reject, .digests, .signature:
                let place = "the rule \"*\" of \(policy.file)"
                throw TrustError(.refused(image: digests.first?.description ?? "", rule: place, why: "it has no name"))
            }
        }
    }

    /// Whether any rule asks for more than a name: whether signatures or digests matter for this image.
    package func asksForProof(_ name: ImageReference) -> Bool {
        policies.contains { policy in
            switch policy.rule(for: name.withDefaultTag)?.requirement {
            case .digests, .signature: true
            case .accept, .reject, nil: false
            }
        }
    }

    /// Lets an image in, or throws why not.
    @discardableResult
    package func admit(_ image: TrustCandidate, signatures: any SignatureSource) throws -> [Admission] {
        try requireNotRejected(image.name)
        return try policies.map { policy in
            guard let rule = policy.rule(for: image.name) else {
                return Admission(file: policy.file, rule: nil, ground: .noRule)
            }
            return Admission(file: policy.file, rule: rule, ground: try ground(image, rule, policy, signatures))
        }
    }

    private func ground(
        _ image: TrustCandidate,
        _ rule: TrustPolicy.Rule,
        _ policy: TrustPolicy,
        _ signatures: any SignatureSource
    ) throws -> Admission.Ground {
        switch rule.requirement {
        case .accept: return .accepted
        case .reject: throw refusal(image.name, rule, policy, "its images are not to be used")
        case .digests(let digests):
            if let known = (image.digests + image.otherDigests).first(where: digests.contains) { return .digest(known) }
            throw refusal(image.name, rule, policy, "it is \(image.digest), which is not one of its digests")
        case .signature(let wanted):
            let known = try wanted.keys.map { name in try keys.key(name, namedIn: policy.file) }
            let verifier = SignatureVerifier(keys: known, identity: wanted.identity)
            do { return .signature(try verifier.verify(image, signatures)) } catch let error as TrustError {
                guard case .unsigned(_, let why) = error.reason else { throw error }
                throw refusal(image.name, rule, policy, why)
            }
        }
    }

    private func refusal(
        _ name: ImageReference,
        _ rule: TrustPolicy.Rule,
        _ policy: TrustPolicy,
        _ why: String
    ) -> TrustError {
        let place = "the rule \"\(rule.pattern.text)\" of \(policy.file)"
        return TrustError(.refused(image: name.familiar, rule: place, why: why))
    }
}

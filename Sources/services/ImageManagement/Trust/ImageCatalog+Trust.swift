package import ImageTrust
import LinuxSystem
package import OCISpec
package import RegistryAccess
import Reporting

extension ImageCatalog {
    /// The policies of this machine and this user.
    package static let standardTrust: @Sendable () throws -> TrustGate = {
        TrustGate(policies: try TrustPolicyFiles(environment: ProcessEnvironment.value).read())
    }

    /// Looks at what an archive has before any of it is kept. An archive has no signatures, so rules that want one refuse
    /// it; digests are those of manifests, indexes and configs.
    func admit(_ plan: LoadPlan) throws {
        let gate = try trust()
        guard !gate.policies.isEmpty else { return }
        for image in plan.images { try Self.admit(image, index: nil, names: image.names, gate) }
        for index in plan.indexes {
            for image in index.images {
                try Self.admit(image, index: index.document.descriptor.digest, names: index.names, gate)
            }
        }
    }

    private static func admit(
        _ image: LoadPlan.PlannedImage,
        index: Digest?,
        names: [ImageReference],
        _ gate: TrustGate
    ) throws {
        let manifest = image.manifest.descriptor.digest
        let config = image.config.descriptor.digest
        if names.isEmpty { try gate.admitNameless([index ?? manifest, manifest, config]) }
        for name in names {
            var candidate = TrustCandidate(name, digest: index ?? manifest, platformDigest: manifest)
            candidate.otherDigests = [config]
            try gate.admit(candidate, signatures: NoSignatures())
        }
    }

    /// Decides about an image at a registry, without fetching it.
    ///
    /// - Parameter verifier: what to look for; nil for what the policies want.
    package func verify(
        _ reference: ImageReference,
        platform: Platform?,
        by verifier: SignatureVerifier?,
        at repository: RemoteRepository
    ) throws -> (candidate: TrustCandidate, admissions: [TrustGate.Admission]) {
        let root = try repository.resolve(reference.target)
        var manifest: Digest?
        do {
            manifest = try PullPlan.manifest(root, of: repository, platform ?? .host) { _ in nil }.descriptor.digest
        } catch let failure as PlainFailure where failure.kind == .notFound && platform == nil {
            manifest = nil  // an index that has nothing for this machine can be verified all the same
        }
        let candidate = TrustCandidate(reference, digest: root.digest, platformDigest: manifest)
        let signatures = RegistrySignatures(repository)
        guard let verifier else { return (candidate, try trust().admit(candidate, signatures: signatures)) }
        let found = try verifier.verify(candidate, signatures)
        return (candidate, [TrustGate.Admission(file: "", rule: nil, ground: .signature(found))])
    }
}

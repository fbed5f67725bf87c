package import ImageManagement
package import ImageTrust
package import OCISpec
import RegistryAccess

extension Engine {
    /// `image sign`, `push --sign-by`: signs an image at its registry.
    package func sign(_ request: SigningRequest, by key: SigningKey) throws -> SigningPayload {
        try ImageReference.requireNotReserved(request.reference)
        return try ImageSigning(registries().repository(request.reference)).sign(request, by: key)
    }

    /// `image verify`: decides about an image at a registry, by a verifier or by the policies.
    package func verify(
        _ reference: ImageReference,
        platform: Platform?,
        by verifier: SignatureVerifier?
    ) throws -> (candidate: TrustCandidate, admissions: [TrustGate.Admission]) {
        try ImageReference.requireNotReserved(reference)
        let name = reference.withDefaultTag
        return try images.verify(name, platform: platform, by: verifier, at: registries().repository(name))
    }
}

import ByteStreams
import ImageTrust
import OCISpec
import RegistryAccess
import Reporting

/// The signatures that a repository has.
struct RegistrySignatures: SignatureSource {
    private let repository: RemoteRepository

    init(_ repository: RemoteRepository) { self.repository = repository }

    func manifest(tagged tag: String) throws -> ImageManifest? {
        do throws(RegistryError) {
            return try Self.manifest(repository.manifest(.tag(tag)), repository)
        } catch {
            // Only what surely isn't there isn't there.
            if error.kind == .notFound { return nil }
            throw error
        }
    }

    func referrers(of digest: Digest, artifactType: String) throws -> [ImageManifest] {
        let found = try repository.referrers(of: digest, artifactType: artifactType)
        return try found.prefix(Self.mostReferrers).filter { $0.mediaType.role == .manifest }.compactMap { descriptor in
            try Self.manifest(repository.manifest(.digest(descriptor.digest)), repository)
        }
    }

    func payload(_ descriptor: Descriptor) throws -> [UInt8] {
        try repository.blob(descriptor).readAll(limit: SigningPayload.sizeLimit)
    }

    private static let mostReferrers = 64

    static func manifest(
        _ document: RemoteManifest,
        _ repository: RemoteRepository
    ) throws(RegistryError) -> ImageManifest? {
        guard document.descriptor.mediaType.role == .manifest else { return nil }
        do throws(JSONError) { return try JSON.decode(ImageManifest.self, from: document.bytes) } catch {
            throw RegistryError(.content("a manifest of signatures: \(error)"), repository.reference.familiarName)
        }
    }
}

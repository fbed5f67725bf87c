import ContentStorage
import ImageManagement
import MetadataStorage
import OCISpec

extension Registry {
    /// POST: begins an upload, takes a blob in one go, or from another repository.
    func startUpload(_ name: RepositoryName, _ request: RegistryRequest) throws -> RegistryReaction {
        if let text = request.parameter("mount") {
            let digest = try RegistryRoute.digest(text)
            if let from = request.parameter("from"), try mount(digest, from: RepositoryName(from), into: name) {
                return .answer(Self.created(name, digest))
            }
            return .answer(RegistryAnswer(202, Self.state(of: try uploads.start(name))))
        }
        guard let text = request.parameter("digest") else {
            if let algorithm = request.parameter("digest-algorithm"), algorithm != "sha256" {
                throw Self.unsupportedAlgorithm
            }
            return .answer(RegistryAnswer(202, Self.state(of: try uploads.start(name))))
        }
        let digest = try Self.supported(text)
        let session = try uploads.start(name)
        return .receive(try UploadReceiver(self, session, range: nil, digest: digest, isWhole: true))
    }

    /// What can be done with an upload.
    func upload(
        _ session: UploadSession,
        _ method: RegistryRequest.Method,
        _ request: RegistryRequest
    ) throws -> RegistryReaction {
        switch method {
        case .delete:
            uploads.cancel(session)
            return .answer(RegistryAnswer(204))
        case .patch:
            let range = try request.header("content-range").map { (text) throws(RegistryRefusal) in try ChunkRange(text)
            }
            return .receive(try UploadReceiver(self, session, range: range, digest: nil))
        case .put:
            guard let text = request.parameter("digest") else {
                throw RegistryRefusal(400, .digestInvalid, "the digest is missing")
            }
            let digest = try Self.supported(text)
            let range = try request.header("content-range").map { (text) throws(RegistryRefusal) in try ChunkRange(text)
            }
            return .receive(try UploadReceiver(self, session, range: range, digest: digest))
        default: return .answer(RegistryAnswer(204, Self.state(of: session)))
        }
    }

    /// Makes an upload a blob of its repository. One that isn't what was said has ended too.
    func complete(_ session: UploadSession, as digest: Digest) throws -> RegistryAnswer {
        do { try session.commit(as: digest) } catch {
            uploads.cancel(session)
            throw error
        }
        uploads.complete(session)
        recent.add(session.name, digest, session.lease)
        inspection.begin(digest)
        return Self.created(session.name, digest)
    }

    /// Lets a blob that one repository has be another's too; false where it isn't there.
    private func mount(_ digest: Digest, from: RepositoryName, into name: RepositoryName) throws -> Bool {
        guard try isReadable(from, digest) else { return false }
        let lease = try metadata.leases.create()
        guard try content.leasing(lease).hold(digest) else {
            try metadata.leases.delete(lease)
            return false
        }
        recent.add(name, digest, lease)
        return true
    }

    /// Where an upload goes on.
    static func state(of session: UploadSession) -> [HeaderField] {
        [
            HeaderField("Location", "/v2/\(session.name.text)/blobs/uploads/\(session.id)"),
            HeaderField("Range", "0-\(max(0, session.count - 1))"), HeaderField("Docker-Upload-UUID", session.id),
        ]
    }

    private static func created(_ name: RepositoryName, _ digest: Digest) -> RegistryAnswer {
        RegistryAnswer(
            201,
            [
                HeaderField("Location", "/v2/\(name.text)/blobs/\(digest)"),
                HeaderField("Docker-Content-Digest", digest.description),
            ]
        )
    }

    static let unsupportedAlgorithm = RegistryRefusal(400, .digestInvalid, "only sha256 is supported")

    private static func supported(_ text: String) throws(RegistryRefusal) -> Digest {
        let digest = try RegistryRoute.digest(text)
        guard digest.algorithm == "sha256" else { throw unsupportedAlgorithm }
        return digest
    }
}

import LinuxSystem
import OCISpec

/// Takes a chunk of an upload, or its last one.
final class UploadReceiver: BodyReceiver {
    private let registry: Registry
    private let session: UploadSession
    /// What the upload becomes with this chunk; nil where more will follow.
    private let digest: Digest?
    /// Where the chunk belongs, where it was said.
    private let range: ChunkRange?
    private let count = Guarded<Int64>(0)
    /// Whether the upload is this one request: nobody goes on with it.
    private let isWhole: Bool

    /// Begins; fails where the chunk isn't the next one.
    init(
        _ registry: Registry,
        _ session: UploadSession,
        range: ChunkRange?,
        digest: Digest?,
        isWhole: Bool = false
    ) throws(RegistryRefusal) {
        self.isWhole = isWhole
        self.registry = registry
        self.session = session
        self.range = range
        self.digest = digest
        try session.begin()
        if let range, range.first != session.count {
            session.end()
            throw RegistryRefusal(
                416,
                .rangeInvalid,
                "the upload goes on at byte \(session.count)",
                headers: Registry.state(of: session)
            )
        }
    }

    func take(_ bytes: Span<UInt8>) throws {
        let count = count.update { count -> Int64 in
            count += Int64(bytes.count)
            return count
        }
        if let range, count > range.count {
            throw RegistryRefusal(400, .sizeInvalid, "more came than Content-Range says")
        }
        try session.write(bytes)
    }

    func finish() throws -> RegistryAnswer {
        defer { session.end() }
        if let range, count.update({ $0 }) != range.count {
            throw RegistryRefusal(400, .sizeInvalid, "less came than Content-Range says")
        }
        guard let digest else { return RegistryAnswer(202, Registry.state(of: session)) }
        return try registry.complete(session, as: digest)
    }

    func abandon() {
        session.end()
        if isWhole { registry.uploads.cancel(session) }
    }
}

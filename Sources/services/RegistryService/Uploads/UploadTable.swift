import ContentStorage
import LinuxSystem
import MetadataStorage
import OCISpec

/// The uploads under way.
final class UploadTable: Sendable {
    private let metadata: MetadataStore
    private let content: ContentStore
    private let sessions = Guarded<[String: UploadSession]>([:])

    /// How many there may be at a time; each has some megabytes of memory.
    static let capacity = 100
    /// How many seconds an upload may rest.
    static let patience: Int64 = 3_600
    /// How many seconds it may rest when others want its place.
    private static let rest: Int64 = 60

    init(_ content: ContentStore, _ metadata: MetadataStore) {
        self.content = content
        self.metadata = metadata
    }

    /// Begins one.
    func start(_ name: RepositoryName) throws -> UploadSession {
        let full = RegistryRefusal(
            429,
            .tooManyRequests,
            "too many uploads are under way",
            headers: [HeaderField("Retry-After", "30")]
        )
        makeRoom()
        guard sessions.update({ $0.count < Self.capacity }) else { throw full }
        let lease = try metadata.leases.create()
        do {
            let session = try UploadSession(name, lease: lease, content: content)
            let hasRoom = sessions.update { sessions -> Bool in
                guard sessions.count < Self.capacity else { return false }
                sessions[session.id] = session
                return true
            }
            guard hasRoom else { throw full }
            return session
        } catch {
            try? metadata.leases.delete(lease)  // one that stays is dead with this process
            throw error
        }
    }

    func find(_ name: RepositoryName, _ id: String) throws(RegistryRefusal) -> UploadSession {
        guard let session = sessions.update({ $0[id] }), session.name.key == name.key else {
            throw .uploadUnknown
        }
        return session
    }

    /// Takes one out that was completed; its lease is whoever's who took it.
    func complete(_ session: UploadSession) { sessions.update { $0[session.id] = nil } }

    /// Ends one, and throws away what has come of it.
    func cancel(_ session: UploadSession) {
        sessions.update { $0[session.id] = nil }
        session.discard()
        try? metadata.leases.delete(session.lease)  // one that stays is dead with this process
    }

    /// Where there are as many as there may be, the one that has rested longest gives way, if it has rested for a minute.
    private func makeRoom() {
        let all = sessions.update { $0.count < Self.capacity ? [] : Array($0.values) }
        guard let oldest = all.min(by: { $0.seconds < $1.seconds }) else { return }
        if oldest.isIdle(since: Timestamp.now.seconds - Self.rest) { cancel(oldest) }
    }

    /// Ends those at which nobody has been since a time.
    func sweep(before deadline: Int64) {
        for session in sessions.update({ Array($0.values) }) where session.isIdle(since: deadline) { cancel(session) }
    }
}

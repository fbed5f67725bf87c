import ByteStreams
import ContentStorage
import LinuxSystem
import MetadataStorage
import OCISpec

/// A blob on its way into a repository, in one request or in many.
///
/// Its bytes are in a file without a name: when the process ends, nothing is left of them.
final class UploadSession: Sendable {
    private struct State {
        /// Nil once it has ended.
        var writer: BlobWriter?
        var isBusy = false
        var seconds: Int64
    }

    let id: String
    let name: RepositoryName
    /// Holds what comes of it.
    let lease: LeaseRow
    private let state: Guarded<State>

    init(_ name: RepositoryName, lease: LeaseRow, content: ContentStore) throws {
        self.name = name
        self.lease = lease
        id = Self.identifier()
        let writer = try content.leasing(lease).writer()
        state = Guarded(State(writer: writer, seconds: Timestamp.now.seconds))
    }

    /// Nobody guesses another one's.
    private static func identifier() -> String {
        (0..<4).map { _ in
            let text = String(UInt32.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 8 - text.count) + text
        }.joined()
    }

    /// How many bytes have come.
    var count: Int64 { state.update { $0.writer?.count ?? 0 } }

    /// When somebody was at it last; never, as long as somebody is.
    var seconds: Int64 { state.update { $0.isBusy ? .max : $0.seconds } }

    /// Whether nobody has been at it since a time.
    func isIdle(since deadline: Int64) -> Bool { state.update { !$0.isBusy && $0.seconds < deadline } }

    /// Begins a request that adds to it; one at a time may.
    func begin() throws(RegistryRefusal) {
        let outcome = state.update { state -> RegistryRefusal? in
            if state.writer == nil { return .uploadUnknown }
            if state.isBusy { return RegistryRefusal(409, .blobUploadInvalid, "another request adds to the upload") }
            state.isBusy = true
            return nil
        }
        if let outcome { throw outcome }
    }

    /// Ends such a request.
    func end() {
        state.update { state in
            state.isBusy = false
            state.seconds = Timestamp.now.seconds
        }
    }

    func write(_ bytes: Span<UInt8>) throws {
        let result = state.update { state -> Result<Void, any Error> in
            guard let writer = state.writer else { return .failure(RegistryRefusal.uploadUnknown) }
            do { return .success(try writer.write(bytes)) } catch { return .failure(error) }
        }
        try result.get()
    }

    /// Makes it a blob, if it is the one that is expected.
    func commit(as digest: Digest) throws {
        let result = state.update { state -> Result<Void, any Error> in
            guard let writer = state.writer.take() else { return .failure(RegistryRefusal.uploadUnknown) }
            do {
                let found = try writer.digest()
                guard found == digest else {
                    return .failure(
                        RegistryRefusal(400, .digestInvalid, "the digest of what came is \(found), not \(digest)")
                    )
                }
                try writer.commit(durable: false)
                return .success(())
            } catch { return .failure(error) }
        }
        try result.get()
    }

    /// Throws away what has come.
    func discard() { state.update { $0.writer = nil } }
}

import ByteStreams
import LinuxSystem
import OCISpec
import RegistryAccess

/// A layer on its way to a registry while it is still being written.
///
/// What is written here goes out at once, as long as the registry keeps up. Where it doesn't, the writing goes on alone; then
/// the layer's digest is known before much was sent, and a registry that has it already need not get the rest.
final class LayerStream: ByteSink, Sendable {
    private let repository: RemoteRepository
    private let pipe = PrefixPipe(capacity: 4 << 20)
    private let upload = Guarded<Result<OpenUpload, RegistryError>?>(nil)

    /// Begins an upload on a thread of its own; nil where the system has none to give.
    ///
    /// - Parameter tell: hears how many bytes were sent.
    init?(to repository: RemoteRepository, tell: @escaping @Sendable (Int64) -> Void) {
        self.repository = repository
        let (pipe, upload) = (pipe, upload)
        let hasStarted = DetachedThread.start {
            let result = Self.send(pipe, to: repository, tell)
            upload.update { $0 = result }
        }
        guard hasStarted else { return nil }
    }

    private static func send(
        _ pipe: PrefixPipe,
        to repository: RemoteRepository,
        _ tell: @escaping @Sendable (Int64) -> Void
    ) -> Result<OpenUpload, RegistryError> {
        do throws(RegistryError) {
            var upload = try repository.beginUpload()
            try upload.send(pipe, tell: tell)
            return .success(upload)
        } catch { return .failure(error) }
    }

    /// Nothing is written for a registry that takes nothing.
    func write(_ bytes: Span<UInt8>) throws(StreamError) {
        if case .failure = upload.update({ $0 }) { throw StreamError(.cancelled) }
        pipe.offer(bytes)
    }

    /// Sends what is missing of the blob that was written; false where the registry had it already.
    ///
    /// - Parameter open: gives the blob's bytes from an offset on.
    func finish(
        _ blob: Descriptor,
        open: @escaping @Sendable (Int64) throws(StreamError) -> any ByteSource
    ) throws(RegistryError) -> Bool {
        pipe.end()
        let upload = try self.upload.wait { $0 }.get()
        if upload.count != blob.size, try repository.hasBlob(blob.digest) {
            upload.abandon()
            return false
        }
        try upload.finish(blob, open: open)
        return true
    }

    /// Gives up; what the registry refused with, if that was the reason.
    func abandon() -> RegistryError? {
        pipe.fail(StreamError(.cancelled))
        switch upload.wait({ $0 }) {
        case .success(let upload):
            upload.abandon()
            return nil
        case .failure(let error): return error
        }
    }
}

package import ByteStreams
package import OCISpec
import Reporting

extension RemoteRepository {
    /// Begins to send a blob whose size and digest aren't known yet.
    package func beginUpload() throws(RegistryError) -> OpenUpload {
        guard let location = try beginUpload(mounting: nil) else {
            throw RegistryError(.protocolError("it says that it has a blob that has no name"), reference.familiarName)
        }
        return OpenUpload(repository: self, location: location)
    }
}

/// An upload that began before the size and the digest of its blob were known.
package struct OpenUpload: Sendable {
    let repository: RemoteRepository
    private(set) var location: WebAddress
    /// How many bytes the registry took; nil where it has to be asked.
    package private(set) var count: Int64? = 0

    init(repository: RemoteRepository, location: WebAddress) {
        self.repository = repository
        self.location = location
    }

    /// Sends what comes out of a pipe, up to its end, as one piece of unknown length.
    ///
    /// That the transfer breaks, or that the registry takes no pieces of unknown length, is no error: `finish` goes on where
    /// the registry is. That it takes nothing from us is one.
    ///
    /// - Parameter tell: hears how many bytes went out.
    package mutating func send(
        _ pipe: PrefixPipe,
        tell: @escaping @Sendable (Int64) -> Void = { _ in }
    ) throws(RegistryError) {
        var call = BlobUpload.call(.patch, location, repository)
        call.headers = [HTTPHeader("Content-Type", "application/octet-stream")]
        call.body = HTTPBody(length: nil) { () throws(StreamError) in
            // What went out can't be had again.
            if pipe.taken > 0 { throw StreamError(.cancelled) }
            return CountedSource(pipe.source(), from: 0, tell: tell)
        }
        do throws(RegistryError) {
            let response = try repository.home.connection.send(call)
            try repository.require([202], response, repository.reference.familiarName)
            location = try repository.uploadLocation(response)
            count = pipe.taken
        } catch {
            if [.unauthenticated, .forbidden].contains(error.kind) || error.reason == .cancelled { throw error }
            count = nil
        }
    }

    /// Sends what is missing of the blob, and gives it its name.
    ///
    /// - Parameter open: gives the blob's bytes from an offset on.
    package func finish(
        _ blob: Descriptor,
        open: @escaping @Sendable (Int64) throws(StreamError) -> any ByteSource
    ) throws(RegistryError) {
        try BlobUpload(repository: repository, blob: blob, open: open).send(to: location, from: count)
    }

    /// Tells the registry that nothing more will come; what it makes of that is its own affair.
    package func abandon() {
        var call = BlobUpload.call(.delete, location, repository)
        call.cancellation = nil
        do throws(RegistryError) { _ = try repository.home.connection.send(call) } catch { return }
    }
}

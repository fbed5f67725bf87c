package import ByteStreams
package import OCISpec
import Reporting

extension RemoteRepository {
    /// How a blob came into the repository.
    package enum UploadOutcome: Sendable, Hashable { case uploaded, mounted }

    /// Brings a blob into the repository: by a mount from another one of the same registry where `source` names one that has
    /// it, else by sending its bytes. After a break the transfer goes on where the registry is.
    ///
    /// - Parameters:
    ///   - source: the path of the other repository, at the same registry.
    ///   - open: gives the blob's bytes from an offset on.
    package func upload(
        _ blob: Descriptor,
        mountingFrom source: String? = nil,
        open: @escaping @Sendable (Int64) throws(StreamError) -> any ByteSource
    ) throws(RegistryError) -> UploadOutcome {
        let mount = source.map { Mount(digest: blob.digest, path: $0) }
        guard let location = try beginUpload(mounting: mount) else { return .mounted }
        try BlobUpload(repository: self, blob: blob, open: open).send(to: location, from: 0)
        return .uploaded
    }

    /// A blob that another repository of the same registry is thought to have.
    struct Mount {
        var digest: Digest
        /// The other repository's path.
        var path: String
    }

    /// Where to send the bytes; nil where none need be sent.
    func beginUpload(mounting mount: Mount?) throws(RegistryError) -> WebAddress? {
        var query = ""
        if let mount { query = "?mount=\(mount.digest)&from=\(PercentEncoding.encoded(mount.path))" }
        var call = call(.post, home, "blobs/uploads/\(query)", isWritten: true)
        if let mount { call.scope = call.scope.reading(mount.path) }
        let response: HTTPResponse
        do throws(RegistryError) { response = try home.connection.send(call) } catch {
            // Who may not read the other repository may still write this one.
            guard mount != nil, error.kind == .unauthenticated || error.kind == .forbidden else { throw error }
            return try beginUpload(mounting: nil)
        }
        if response.status == 201, mount != nil { return nil }
        try require([202], response, reference.familiarName)
        return try uploadLocation(response)
    }

    func uploadLocation(_ response: HTTPResponse) throws(RegistryError) -> WebAddress {
        guard let location = response.header("location"),
            let address = WebAddress(response.finalURL)?.resolving(location)
        else { throw RegistryError(.protocolError("it doesn't say where to send a blob"), reference.familiarName) }
        return address
    }
}

/// A blob on its way to a registry.
struct BlobUpload {
    let repository: RemoteRepository
    let blob: Descriptor
    let open: @Sendable (Int64) throws(StreamError) -> any ByteSource

    /// - Parameter count: how many bytes the registry has; nil where it has to be asked.
    func send(to first: WebAddress, from count: Int64?) throws(RegistryError) {
        var place: Place? = if let count { (first, count) } else { try resumption(of: first) }
        var attempt = 0
        while let (location, offset) = place {
            do throws(RegistryError) { return try finish(at: location, from: offset) } catch {
                attempt += 1
                guard error.isPassing, let pause = repository.retry.pause(after: attempt, wish: error.retryAfter) else {
                    throw error
                }
                repository.retry.pause(pause, repository.cancellation)
                place = try resumption(of: location)
            }
        }
    }

    /// An upload's address, and how much of the blob arrived there.
    private typealias Place = (WebAddress, Int64)

    /// Where an upload goes on; with a registry that forgot it, one that begins anew.
    private func resumption(of location: WebAddress) throws(RegistryError) -> Place? {
        if let place = try progress(at: location) { return place }
        guard let location = try repository.beginUpload(mounting: nil) else { return nil }
        return (location, 0)
    }

    /// Sends what is missing and ends the upload: in one request from the beginning, in two from the middle.
    private func finish(at location: WebAddress, from offset: Int64) throws(RegistryError) {
        var place = location
        if offset > 0, offset < blob.size {
            var call = call(.patch, place)
            call.headers = [
                HTTPHeader("Content-Type", "application/octet-stream"),
                HTTPHeader("Content-Range", "\(offset)-\(blob.size - 1)"),
            ]
            call.body = body(from: offset)
            let response = try repository.home.connection.send(call)
            try repository.require([202], response, repository.reference.familiarName)
            place = try repository.uploadLocation(response)
        }
        var call = call(.put, place.adding("digest", blob.digest.description))
        if offset == 0 {
            call.headers = [HTTPHeader("Content-Type", "application/octet-stream")]
            call.body = body(from: 0)
        }
        let response = try repository.home.connection.send(call)
        try repository.require([201, 204], response, repository.reference.familiarName)
    }

    private func body(from offset: Int64) -> HTTPBody {
        let open = open
        return HTTPBody(length: blob.size - offset) { () throws(StreamError) in try open(offset) }
    }

    private func call(_ method: HTTPMethod, _ address: WebAddress) -> RegistryCall {
        Self.call(method, address, repository)
    }

    /// A request about an upload, which is made once.
    static func call(_ method: HTTPMethod, _ address: WebAddress, _ repository: RemoteRepository) -> RegistryCall {
        RegistryCall(
            method: method,
            place: .address(address),
            scope: RegistryScope(repository.home.path, isWritten: true),
            repository: repository.home.name,
            subject: repository.reference.familiarName,
            cancellation: repository.cancellation,
            isRepeatable: false
        )
    }

    /// How much the registry has of an upload, and where it goes on; nil where it knows nothing of it.
    private func progress(at location: WebAddress) throws(RegistryError) -> Place? {
        var call = call(.get, location)
        call.isRepeatable = true
        let response = try repository.home.connection.send(call)
        guard response.status == 204 || response.status == 202 else { return nil }
        // "0-99": a hundred bytes. "0-0" means none with most registries.
        let last = response.header("range").flatMap { Int64($0.split(separator: "-").last ?? "") } ?? 0
        let count = last == 0 ? 0 : last + 1
        guard count <= blob.size else { return nil }
        return (try repository.uploadLocation(response), count)
    }
}

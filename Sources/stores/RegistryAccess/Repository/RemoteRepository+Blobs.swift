package import ByteStreams
package import OCISpec

extension RemoteRepository {
    /// Whether the registry has a blob.
    package func hasBlob(_ digest: Digest) throws(RegistryError) -> Bool {
        let response = try home.connection.send(call(.head, home, "blobs/\(digest)", isWritten: true))
        if response.status == 404 { return false }
        try require([200], response, reference.familiarName)
        return true
    }

    /// The bytes of a blob from an offset on: as many as the descriptor promises, or an error. They are not compared with
    /// the digest here. After a break the transfer goes on where it was.
    package func blob(_ blob: Descriptor, from offset: Int64 = 0) -> any ByteSource {
        ResumingBlobSource(self, blob, from: offset)
    }

    /// Starts one transfer.
    func openBlob(_ blob: Descriptor, from offset: Int64) throws(RegistryError) -> OpenBlob {
        try reading { (place) throws(RegistryError) in
            var call = call(.get, place, "blobs/\(blob.digest)")
            if offset > 0 { call.headers.append(HTTPHeader("Range", "bytes=\(offset)-")) }
            let response = try elsewhere(place.connection.send(call), call, blob, place)
            try require([200, 206], response, reference.familiarName)
            guard response.status == 206 else { return OpenBlob(source: response.body, start: 0) }
            // "bytes 100-199/200"
            let range = response.header("content-range") ?? ""
            guard range.hasPrefix("bytes "), let start = Int64(range.dropFirst(6).prefix { $0 != "-" }), start <= offset
            else { throw RegistryError(.protocolError("its answer to a range is \"\(range.prefix(60))\""), reference.familiarName) }
            return OpenBlob(source: response.body, start: start)
        }
    }

    /// A layer that registries don't hand on lies elsewhere: its descriptor says where. It is fetched over https only, without
    /// credentials, and compared with the digest like every other.
    private func elsewhere(
        _ response: HTTPResponse,
        _ call: RegistryCall,
        _ blob: Descriptor,
        _ place: RepositoryPlace
    ) throws(RegistryError) -> HTTPResponse {
        var response = response
        for url in blob.urls ?? [] where response.status == 404 {
            guard let address = WebAddress(url), address.scheme == "https" else { continue }
            var call = call
            call.place = .address(address)
            response = try place.connection.send(call)
        }
        return response
    }

    /// Bytes of a blob, and which is the first.
    struct OpenBlob {
        var source: any ByteSource
        var start: Int64
    }
}

/// A blob's bytes, fetched again from where they broke off.
final class ResumingBlobSource: ByteSource {
    private let repository: RemoteRepository
    private let blob: Descriptor
    private var position: Int64
    private var current: (any ByteSource)?
    /// Breaks since the last byte came.
    private var failures = 0

    init(_ repository: RemoteRepository, _ blob: Descriptor, from offset: Int64) {
        self.repository = repository
        self.blob = blob
        position = offset
    }

    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        while true {
            if position == blob.size { return try requireEnd() }
            do throws(StreamError) {
                let source = try opened()
                let count = try source.read(into: &buffer, from: start)
                if count == 0 { throw StreamError(.truncated, subject: subject) }
                guard Int64(count) <= blob.size - position else {
                    throw StreamError(.sizeMismatch(expected: blob.size, actual: position + Int64(count)), subject: subject)
                }
                position += Int64(count)
                failures = 0
                return count
            } catch {
                try pause(after: error)
            }
        }
    }

    private var subject: String { "blob \(blob.digest)" }

    /// Who sends more than the blob has lies.
    private func requireEnd() throws(StreamError) -> Int {
        var rest = [UInt8](repeating: 0, count: 1)
        // The end of a connection that fails now is an end as well.
        if let count = try? current?.read(into: &rest, from: 0), count > 0 {
            throw StreamError(.sizeMismatch(expected: blob.size, actual: blob.size + 1), subject: subject)
        }
        current = nil
        return 0
    }

    private func opened() throws(StreamError) -> any ByteSource {
        if let current { return current }
        let opened: RemoteRepository.OpenBlob
        do throws(RegistryError) { opened = try repository.openBlob(blob, from: position) } catch {
            throw StreamError(.corrupt(error.description), subject: nil)
        }
        // What is here already is passed over: not every server knows ranges.
        do throws(StreamError) { try opened.source.pass(position - opened.start) } catch {
            throw StreamError(error.reason, subject: error.subject ?? subject)
        }
        current = opened.source
        return opened.source
    }

    /// Waits before the next attempt, or gives the error on: what the server says wrongly is no break, and a break that
    /// comes again and again without a byte between is for good.
    private func pause(after error: StreamError) throws(StreamError) {
        current = nil
        if repository.cancellation?.isCancelled == true { throw StreamError(.cancelled, subject: subject) }
        let isBreak =
            switch error.reason {
            case .truncated: true
            // The connection's own words; what a registry said was asked again already.
            case .corrupt: error.subject != nil
            default: false
            }
        failures += 1
        guard isBreak, let pause = repository.retry.pause(after: failures, wish: nil) else { throw error }
        repository.retry.pause(pause, repository.cancellation)
    }
}

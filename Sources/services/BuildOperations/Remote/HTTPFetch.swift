import BuildDefinition
import ByteStreams
import ContentStorage
import OCISpec
import RegistryAccess
import Reporting

/// Fetches a file from the web into the store, or finds that what is there is still what the server has.
struct HTTPFetch: Sendable {
    var transport: any HTTPTransport
    var content: ContentStore
    var cache: SourceCache
    var order: FetchOrder
    var credentials = SourceCredentials()
    /// How many bytes must stay free on the store's disk.
    var reserve: Int64 = 256 << 20
    /// Tells how many bytes came, now and then: done and total.
    var progress: @Sendable (Int64, Int64?) -> Void

    /// The file, if its checksum is given and it is in the store: then nobody needs to be asked.
    func recall(_ operation: HTTPOperation) throws -> FetchedFile? {
        guard let checksum = try operation.checksum.map({ try Digest($0) }), let known = try known(operation.url),
            known.matches(checksum)
        else { return nil }
        try cache.touch(FetchedFile.key(of: operation.url))
        return known
    }

    /// The file as the server has it now; whether that is what was known.
    func fetch(_ operation: HTTPOperation) throws -> (file: FetchedFile, wasKnown: Bool) {
        let known = order.ignoresCache ? nil : try known(operation.url)
        let headers = try (known?.conditions ?? []) + credentials.headers(for: operation.url)
        let response: HTTPResponse
        do {
            response = try transport.get(
                HTTPRequest(operation.url, headers: headers, cancellation: order.cancellation)
            )
        } catch {
            try order.cancellation.check()
            throw Self.explained(error, known)
        }
        if let known, response.status == 304 {
            try check(known, operation)
            try cache.touch(FetchedFile.key(of: operation.url))
            return (known, true)
        }
        guard response.status == 200 else { throw HTTPError(.status(response.status), url: operation.url) }
        let file = try store(response, operation)
        try cache.remember(file, for: FetchedFile.key(of: operation.url), size: file.size)
        return (file, file.blob == known?.blob)
    }

    private func known(_ url: String) throws -> FetchedFile? {
        guard let file = try cache.value(FetchedFile.self, for: FetchedFile.key(of: url)) else { return nil }
        try cache.hold(file.blob)
        return try content.size(file.blob) == file.size ? file : nil
    }

    // MARK: - Receiving

    /// One pass: what comes is written, hashed and counted; nothing is left of what isn't what was asked for.
    private func store(_ response: HTTPResponse, _ operation: HTTPOperation) throws -> FetchedFile {
        let expected = try operation.checksum.map { try Digest($0) }
        let writer = try content.writer()
        let sink = ReceivingSink(writer, algorithm: expected?.algorithm)
        try receive(response, into: sink, operation.url)
        let blob = try writer.digest()
        var file = FetchedFile(response, blob: blob, size: writer.count)
        if let expected {
            let actual = sink.checksum.map { "\(expected.algorithm):\($0)" } ?? blob.description
            file.checksum = sink.checksum == nil ? nil : actual
            guard actual == expected.description else { throw Self.mismatch(actual, expected, operation.url) }
        }
        try writer.commit()
        return file
    }

    private func receive(_ response: HTTPResponse, into sink: ReceivingSink, _ url: String) throws {
        try requireSpace(for: response.contentLength ?? 0, url)
        var buffer = [UInt8](repeating: 0, count: 262_144)
        var checked: Int64 = 0
        while true {
            let count = try read(response.body, into: &buffer)
            if count == 0 { break }
            try sink.write(buffer.span.extracting(0..<count))
            guard sink.count - checked >= Self.checkStep else { continue }
            checked = sink.count
            progress(sink.count, response.contentLength)
            try requireSpace(for: 0, url)
        }
        progress(sink.count, sink.count)
    }

    private func read(_ body: any ByteSource, into buffer: inout [UInt8]) throws -> Int {
        try order.cancellation.check()
        do { return try body.read(into: &buffer, from: 0) } catch {
            try order.cancellation.check()
            throw error
        }
    }

    /// Bytes between two looks at the disk and two words to the user.
    private static let checkStep: Int64 = 4 << 20

    /// A body has no end that anybody could be sure of, but the disk has.
    private func requireSpace(for size: Int64, _ url: String) throws {
        let available = try content.availableSpace()
        guard available - reserve < size || available < reserve else { return }
        throw PlainFailure(
            .exhausted,
            "\(HTTPError.redacted(url)) is larger than the space on the store's disk",
            hint: "\(available >> 20) MB are free, of which \(reserve >> 20) MB are left alone"
        )
    }

    // MARK: - Errors

    private func check(_ file: FetchedFile, _ operation: HTTPOperation) throws {
        guard let expected = try operation.checksum.map({ try Digest($0) }), !file.matches(expected) else { return }
        // A checksum by an algorithm that nobody has computed of this file yet.
        let actual = try content.checksum(of: file.blob, size: file.size, algorithm: expected.algorithm)
        if actual != expected.description { throw Self.mismatch(actual, expected, operation.url) }
    }

    private static func mismatch(_ actual: String, _ expected: Digest, _ url: String) -> PlainFailure {
        PlainFailure(
            .corrupt,
            "digest mismatch \(actual): \(expected)",
            hint: "\(HTTPError.redacted(url)) isn't the file that --checksum names"
        )
    }

    private static func explained(_ error: HTTPError, _ known: FetchedFile?) -> PlainFailure {
        guard error.isSilence else {
            return PlainFailure(error.kind, error.description, hint: error.hint)
        }
        let hint = known.map { file in
            let time = Timestamp(epochNanoseconds: file.fetchedAt)
            return "it is in the store as of \(time); --checksum=\(file.blob) takes it from there without the network"
        }
        return PlainFailure(error.kind, error.description, hint: hint ?? error.hint ?? "is this machine online?")
    }
}

/// Writes a blob, and computes a checksum by another algorithm on the way where one is asked for.
private final class ReceivingSink: ByteSink {
    private let writer: BlobWriter
    private var hasher: LongHasher?

    init(_ writer: BlobWriter, algorithm: String?) {
        self.writer = writer
        hasher = algorithm.flatMap(LongHasher.init)
    }

    var count: Int64 { writer.count }

    /// In hexadecimal; nil where SHA-256 is enough.
    var checksum: String? { hasher?.hex() }

    func write(_ bytes: Span<UInt8>) throws(StreamError) {
        hasher?.update(bytes)
        try writer.write(bytes)
    }
}

extension ContentStore {
    /// The digest of a blob by an algorithm; reads it where that isn't the one of its name.
    fileprivate func checksum(of blob: Digest, size: Int64, algorithm: String) throws -> String {
        guard var hasher = LongHasher(algorithm: algorithm) else { return blob.description }
        let source = try open(Descriptor(mediaType: MediaType(rawValue: ""), digest: blob, size: size))
        var buffer = [UInt8](repeating: 0, count: 262_144)
        while true {
            let count = try source.read(into: &buffer, from: 0)
            if count == 0 { return "\(algorithm):\(hasher.hex())" }
            hasher.update(buffer.span.extracting(0..<count))
        }
    }
}

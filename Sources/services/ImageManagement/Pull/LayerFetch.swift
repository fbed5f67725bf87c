import ByteStreams
import CompressionCodecs
import ContentStorage
import LayerTransfer
import LinuxSystem
import MetadataStorage
import OCISpec
import RegistryAccess
import Reporting
import SnapshotStorage
import SystemPackage

/// Fetches one layer, in one pass: what comes is written and digested while it is uncompressed, digested again, checked and,
/// if that is wanted, unpacked.
struct LayerFetch: Sendable {
    let catalog: ImageCatalog
    /// Under the pull's lease.
    let content: ContentStore
    let repository: RemoteRepository
    let diffID: Digest
    let blob: Descriptor
    let cancellation: Cancellation
    let task: ProgressEvent.TaskID
    let progress: ProgressSink

    /// What is known of the layer now.
    struct Outcome: Sendable {
        /// In bytes.
        var contentSize: Int64
        /// Whether nothing was fetched.
        var wasThere: Bool
    }

    /// How it goes on, in Docker's words.
    enum Stage: String {
        case waiting = "Waiting"
        case preparing = "Pulling fs layer"
        case downloading = "Downloading"
        case verifying = "Verifying Checksum"
        case downloaded = "Download complete"
        case extracting = "Extracting"
    }

    /// - Parameter below: the trees of the layers below, top first, where the layer is to be unpacked on the way; nil where
    ///   it isn't.
    func fetch(unpackingOn below: [FilePath]?) throws -> Outcome {
        if let known = try known() { return known }
        tell(.preparing)
        var hasWaited = false
        while true {
            let partial = try content.partial(blob.digest) {
                try cancellation.check()
                if !hasWaited { tell(.waiting) }
                hasWaited = true
                return try known() == nil
            }
            if let known = try known() { return known }
            guard let partial else { continue }
            do { return try fetch(partial, unpackingOn: below) } catch let error as DamagedPart {
                // What an earlier process left may be damaged; what was fetched just now is what the registry has.
                guard partial.lengthBefore > 0 else { throw error.failure }
                partial.discard()
            }
        }
    }

    /// The bytes aren't those of the digest.
    private struct DamagedPart: Error { var failure: PlainFailure }

    /// What the store knows, if it has the very blob and knows that it holds the layer.
    private func known() throws -> Outcome? {
        guard try content.holds(blob.digest, size: blob.size), let row = try catalog.metadata.layers.row(diffID),
            row.blob.digest == blob.digest
        else { return nil }
        return Outcome(contentSize: row.contentSize ?? blob.size, wasThere: true)
    }

    private func fetch(_ partial: PartialBlob, unpackingOn below: [FilePath]?) throws -> Outcome {
        let raw = FetchedSource(partial, try source(behind: partial), total: blob.size) { done in
            progress(.part(task, .init(Stage.downloading.rawValue, done: done, total: blob.size)))
        }
        let ahead = ReadAheadSource(raw, chunkSize: Self.chunkSize, depth: 4)
        do {
            let counted = CountingSource(ahead)
            let (compression, plain) = try Decompressor.detecting(counted)
            let bounded = compression == .none ? plain : ExpansionGuard(plain, compressed: counted)
            let hashed = HashingSource(
                compression == .none ? bounded : ReadAheadSource(bounded, chunkSize: Self.chunkSize, depth: 4)
            )
            let tree = try below.map { _ in try catalog.snapshots.prepareTree() }
            let usage = try take(hashed, into: tree?.directory(), on: below)
            try hashed.drain()
            try counted.drain()
            try finish(partial, Digest(sha256: hashed.digest()))
            // Who waits for this layer finds it now, not only with the image.
            let row = LayerRow(diffID: diffID, blob: blob, contentSize: usage.bytes)
            try catalog.metadata.transaction { try catalog.metadata.layers.set(row) }
            try tree?.commit(as: diffID)
            return Outcome(contentSize: usage.bytes, wasThere: false)
        } catch {
            try explain(error, raw, ahead, partial)
        }
    }

    private static let chunkSize = 524_288

    /// The rest of the blob, from the registry; the blob may be complete, and only be looked at again.
    private func source(behind partial: PartialBlob) throws -> any ByteSource {
        guard partial.lengthBefore <= blob.size else {
            partial.discard()
            throw DamagedPart(failure: PlainFailure(.corrupt, "layer \(blob.digest): more came than it has"))
        }
        return repository.blob(blob, from: partial.lengthBefore)
    }

    private func take(
        _ source: any ByteSource,
        into directory: consuming Directory?,
        on below: [FilePath]?
    ) throws -> LayerUsage {
        guard let below, let directory else { return try TarCheck.validate(source) }
        let lower = below.isEmpty ? nil : try LayeredTree(lowers: below)
        let applier = LayerApplier(into: directory, whiteouts: .forMounting) { (path) throws(SystemError) in
            try lower?.status(path)
        }
        return try applier.apply(source)
    }

    private func finish(_ partial: PartialBlob, _ actual: Digest) throws {
        tell(.verifying)
        guard partial.count == blob.size, partial.digest == blob.digest else {
            throw DamagedPart(
                failure: PlainFailure(
                    .corrupt,
                    "filesystem layer verification failed for digest \(blob.digest): the registry sent \(partial.digest)"
                )
            )
        }
        guard actual == diffID else {
            throw PlainFailure(.corrupt, "layer \(blob.digest): its diff ID is \(actual), expected \(diffID)")
        }
        try partial.commit(expecting: blob)
        tell(.downloaded)
    }

    /// Of two things that are wrong the first is told: bytes that aren't the digest's explain every other error in them.
    ///
    /// - Parameter ahead: what reads `raw` on a thread of its own.
    private func explain(
        _ error: any Error,
        _ raw: FetchedSource,
        _ ahead: ReadAheadSource,
        _ partial: PartialBlob
    ) throws -> Never {
        if let damaged = error as? DamagedPart {
            partial.discard()
            throw damaged
        }
        guard !cancellation.isCancelled, raw.failure == nil, Self.isAboutBytes(error) else {
            partial.keep()
            if cancellation.isCancelled { throw CancellationError() }
            throw raw.failure ?? error
        }
        // What came makes no sense. Is it what was promised?
        let isPromised = (try? ahead.drain()) != nil && partial.count == blob.size && partial.digest == blob.digest
        if !isPromised, let failure = raw.failure {
            partial.keep()
            throw failure
        }
        partial.discard()
        if isPromised { throw error }
        throw DamagedPart(
            failure: PlainFailure(
                .corrupt,
                "filesystem layer verification failed for digest \(blob.digest): \(error)"
            )
        )
    }

    /// Whether other bytes would have done: not where the disk is full.
    private static func isAboutBytes(_ error: any Error) -> Bool {
        guard let failure = error as? any Failure else { return false }
        return [.corrupt, .unsupported, .invalidArgument].contains(failure.kind)
    }

    func tell(_ stage: Stage, done: Int64? = nil) {
        progress(.part(task, .init(stage.rawValue, done: done, total: done == nil ? nil : blob.size)))
    }
}

/// The bytes of a blob: what came of it before, then what the registry sends, which is kept.
private final class FetchedSource: ByteSource {
    private let partial: PartialBlob
    private let total: Int64
    private let tell: (Int64) -> Void
    private var before: (any ByteSource)?
    private let rest: any ByteSource
    private var told: Int64 = 0
    /// What went wrong on the way from the registry.
    var failure: StreamError? { broken.update { $0 } }
    private let broken = Guarded<StreamError?>(nil)

    /// How many bytes pass between two words.
    private static let step: Int64 = 1 << 20

    init(_ partial: PartialBlob, _ rest: any ByteSource, total: Int64, tell: @escaping (Int64) -> Void) {
        self.partial = partial
        self.rest = rest
        self.total = total
        self.tell = tell
        before = partial.lengthBefore > 0 ? try? partial.bytesBefore() : nil
    }

    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        if let before {
            let count = try before.read(into: &buffer, from: start)
            if count > 0 { return count }
            self.before = nil
        }
        if let failure { throw failure }
        let count: Int
        do throws(StreamError) { count = try rest.read(into: &buffer, from: start) } catch {
            broken.update { $0 = error }
            throw error
        }
        if count > 0 { try partial.append(buffer.span.extracting(start..<start + count)) }
        if partial.count - told >= Self.step || count == 0 {
            told = partial.count
            tell(told)
        }
        return count
    }
}

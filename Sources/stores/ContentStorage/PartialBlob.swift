package import ByteStreams
private import LinuxSystem
private import MetadataStorage
package import OCISpec
private import SystemPackage

/// A blob that is being fetched from elsewhere: what has come of it outlives the process, and the next one goes on from there.
///
/// It is the file `partial/<hex>` of the store, locked by whoever fetches: nobody else fetches the same blob meanwhile. What
/// is in it is nobody's word: the whole is digested before it becomes a blob.
package final class PartialBlob {
    private let store: ContentStore
    private let name: PathBytes
    private let lock: Lock
    private let output: LongFileWriter
    private let hasher = BesideHasher()
    /// Whether nothing is added any more; a thread may still be at it.
    private let isClosed = Guarded(false)
    /// How much was there before.
    package let lengthBefore: Int64

    /// A lock that can be kept in a class.
    private final class Lock {
        let file: FileLock
        init(_ file: consuming FileLock) { self.file = file }
    }

    fileprivate init(_ store: ContentStore, _ name: PathBytes, _ file: consuming FileLock) throws(SystemError) {
        self.store = store
        self.name = name
        lengthBefore = try FileStatus(of: file.descriptor.raw).size
        lock = Lock(file)
        output = LongFileWriter(lock.file.descriptor.raw, at: lengthBefore)
    }

    /// What was there before, from the first byte on; it counts for the digest as it is read.
    package func bytesBefore() throws(ContentError) -> any ByteSource {
        let copy = try system { () throws(SystemError) in
            try store.folders.root.directory("partial").openForReading(name)
        }
        return DigestedSource(LimitedLength(FileSource(copy, subject: "partial blob"), lengthBefore), hasher)
    }

    /// Adds bytes; what was there before must have been read.
    package func append(_ bytes: Span<UInt8>) throws(StreamError) {
        let result = isClosed.update { isClosed -> Result<Void, StreamError> in
            if isClosed { return .failure(StreamError(.cancelled, subject: "blob")) }
            do throws(StreamError) {
                try hasher.update(bytes) { () throws(StreamError) in
                    do throws(SystemError) { try output.write(bytes) } catch {
                        throw StreamError(.system(error), subject: "blob")
                    }
                }
                return .success(())
            } catch { return .failure(error) }
        }
        try result.get()
    }

    /// How much has come, with what was there before.
    package var count: Int64 { hasher.count }

    /// The digest of what has come.
    package var digest: Digest { Digest(sha256: hasher.current()) }

    /// Makes it a blob of the store; the same promises as `BlobWriter.commit` without durability. If it isn't what is
    /// expected, nothing is kept.
    package func commit(expecting expected: Descriptor) throws(ContentError) {
        guard count == expected.size else {
            throw ContentError(.mismatch("size is \(count) bytes, expected \(expected.size)"), expected.digest)
        }
        guard digest == expected.digest else {
            throw ContentError(.mismatch("its content has the digest \(digest)"), expected.digest)
        }
        if let lease = store.lease {
            do { try store.metadata.leases.add(lease, digest) } catch { throw ContentError(.metadata(error), digest) }
        }
        try system(expected.digest) { () throws(SystemError) in
            try output.finish()
            let folder = try store.folders.root.directory("partial")
            try folder.chmod(name, 0o644)
            try folder.rename(name, to: PathBytes(expected.digest.hex), in: store.folders.blobs, replace: true)
        }
    }

    /// Keeps what has come for the next attempt.
    package func keep() {
        isClosed.update { isClosed in
            isClosed = true
            // What can't be written now is fetched again then.
            try? output.finish()
        }
    }

    /// Throws away what has come.
    package func discard() {
        isClosed.update { $0 = true }
        // Whoever fetches next finds out whether it is good.
        try? store.folders.root.directory("partial").remove(name)
    }
}

/// Counts what is read for a digest that goes on behind it.
private final class DigestedSource: ByteSource {
    private let upstream: any ByteSource
    private let hasher: BesideHasher

    init(_ upstream: any ByteSource, _ hasher: BesideHasher) {
        self.upstream = upstream
        self.hasher = hasher
    }

    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        let count = try upstream.read(into: &buffer, from: start)
        try hasher.update(buffer.span.extracting(start..<start + count)) { () throws(StreamError) in }
        return count
    }
}

/// As much of a source as was there at a time.
private final class LimitedLength: ByteSource {
    private let upstream: any ByteSource
    private var left: Int64

    init(_ upstream: any ByteSource, _ length: Int64) {
        self.upstream = upstream
        left = length
    }

    func read(into buffer: inout [UInt8], from start: Int) throws(StreamError) -> Int {
        if left == 0 { return 0 }
        let count = try upstream.read(into: &buffer, from: start)
        if count == 0 { throw StreamError(.truncated, subject: "partial blob") }
        let taken = min(Int64(count), left)
        left -= taken
        return Int(taken)
    }
}

extension ContentStore {
    /// Begins to fetch a blob, or goes on with what came of it before.
    ///
    /// Where somebody else fetches it, `isWanted` is asked about ten times a second whether to wait on; nil when it says no.
    package func partial(_ digest: Digest, isWanted: () throws -> Bool) throws -> PartialBlob? {
        let name = try name(of: digest)
        while true {
            if let partial = try attemptPartial(name) { return partial }
            guard try isWanted() else { return nil }
            Pause.milliseconds(100)
        }
    }

    private func attemptPartial(_ name: PathBytes) throws(ContentError) -> PartialBlob? {
        try system { () throws(SystemError) in
            let folder = try folders.root.directory("partial", create: true, mode: 0o700)
            guard let lock = try folder.attemptLock(name, .exclusive) else { return nil }
            // Whoever had it before may have made it a blob, or thrown it away: then the name is another file's, or nobody's.
            let own = try FileStatus(of: lock.descriptor.raw)
            guard let named = try folder.status(name), named.identity == own.identity else { return nil }
            return try PartialBlob(self, name, lock)
        }
    }

    /// Removes what was fetched of blobs and not completed, where nobody is at work on it, and it is older than `age` seconds.
    /// How many bytes that were.
    @discardableResult
    package func sweepPartials(olderThan age: Int64) throws(ContentError) -> Int64 {
        try system { () throws(SystemError) in
            let folder: Directory
            do throws(SystemError) { folder = try folders.root.directory("partial") } catch {
                if error.errno == .noSuchFileOrDirectory { return 0 }
                throw error
            }
            var reclaimed: Int64 = 0
            for entry in try folder.statuses() where entry.status.modified.seconds <= Timestamp.now.seconds - age {
                reclaimed += try Self.removePartial(entry.name, in: folder)
            }
            return reclaimed
        }
    }

    /// Removes one that nobody has locked, and that is still the file of its name; how many bytes it had.
    private static func removePartial(_ name: PathBytes, in folder: borrowing Directory) throws(SystemError) -> Int64 {
        guard let lock = try folder.attemptLock(name, .exclusive) else { return 0 }
        let own = try FileStatus(of: lock.descriptor.raw)
        guard let named = try folder.status(name), named.identity == own.identity else { return 0 }
        try folder.remove(name)
        return own.size
    }
}

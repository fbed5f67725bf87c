package import ByteStreams
private import LinuxSystem
private import MetadataStorage
package import OCISpec
private import SystemPackage

/// A blob that is being written: a file without a name, on the store's file system, digested on the way.
///
/// One thread writes at a time; put it behind a `WriteBehindSink` to digest and write beside other work. Until `commit`
/// nobody else sees anything, and when the value or the process ends before it, nothing is left.
package final class BlobWriter: ByteSink {
    private let store: ContentStore
    private var file: TemporaryFile?
    private let output: LongFileWriter
    private let hasher = BesideHasher()

    init(_ store: ContentStore) throws(ContentError) {
        self.store = store
        let file = try system { () throws(SystemError) in try store.folders.blobs.temporaryFile(mode: 0o644) }
        output = LongFileWriter(file.descriptor.raw)
        self.file = consume file
    }

    /// How many bytes were written so far.
    package var count: Int64 { hasher.count }

    /// The digest of what was written so far.
    package func digest() throws(ContentError) -> Digest { Digest(sha256: hasher.current()) }

    package func write(_ bytes: Span<UInt8>) throws(StreamError) {
        guard file != nil else { throw StreamError(.cancelled, subject: "blob") }
        try hasher.update(bytes) { () throws(StreamError) in
            do throws(SystemError) { try output.write(bytes) } catch {
                throw StreamError(.system(error), subject: "blob")
            }
        }
    }

    /// Gives the blob its name.
    ///
    /// Success means: the store has a blob of this size under this digest; with `durable` it also outlives a loss of
    /// power. Without, call `makeDurable` before anything durable names it. If `expecting` says otherwise than what was
    /// written, first the size, then the digest, nothing is kept. Content that the store has already stays as it was,
    /// and counts as new for a sweep that began before. The writer can't be used again.
    @discardableResult
    package func commit(
        expecting expected: Descriptor? = nil,
        durable: Bool = true
    ) throws(ContentError) -> (digest: Digest, size: Int64) {
        guard let file = file.take() else { throw ContentError(.finished) }
        let digest = Digest(sha256: hasher.current())
        let size = hasher.count
        if let expected {
            guard expected.size == size else {
                throw ContentError(.mismatch("size is \(size) bytes, expected \(expected.size)"), expected.digest)
            }
            guard expected.digest == digest else {
                throw ContentError(.mismatch("its content has the digest \(digest)"), expected.digest)
            }
        }
        if let lease = store.lease {
            do { try store.metadata.leases.add(lease, digest) } catch { throw ContentError(.metadata(error), digest) }
        }
        if try store.renew(digest, size: size, durable: durable) { return (digest, size) }
        do throws(SystemError) { try publish(file, as: PathBytes(digest.hex), durable: durable) } catch {
            throw ContentError(.system(error), digest)
        }
        return (digest, size)
    }

    private func publish(
        _ file: consuming TemporaryFile,
        as name: PathBytes,
        durable: Bool
    ) throws(SystemError) {
        try output.finish()
        if durable { try DescriptorIO.syncData(file.descriptor.raw) }
        // Replaces: what may be there by now is the same content, or damaged.
        try file.link(as: name, replace: true)
        if durable { try store.folders.blobs.sync() }
    }
}

extension ContentStore {
    /// Makes a blob that is there already as good as committed now; false if it isn't there, or has another size.
    ///
    /// Its time is set first and looked at after: a sweep that takes it away in between looks at the time once more
    /// and puts it back, and one that took it away before is seen here.
    func renew(_ digest: Digest, size: Int64, durable: Bool) throws(ContentError) -> Bool {
        let name = try name(of: digest)
        guard let status = try status(digest), status.size == size else { return false }
        do throws(SystemError) {
            let now = Timestamp.now
            let time = FileTime(seconds: now.seconds, nanoseconds: now.nanoseconds)
            try folders.blobs.setTimes(name, accessed: nil, modified: time)
            if durable {
                let file = try folders.blobs.openForReading(name)
                try DescriptorIO.syncData(file.raw)
                try folders.blobs.sync()
            }
        } catch {
            if error.errno == .noSuchFileOrDirectory { return false }
            throw ContentError(.system(error), digest)
        }
        return try self.status(digest) != nil
    }
}

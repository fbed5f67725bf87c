package import ByteStreams
package import LinuxSystem
package import MetadataStorage
package import OCISpec
package import SystemPackage

/// The blobs of a store, by digest, in an OCI image layout: `blobs/sha256/<hex>`, `oci-layout`, `index.json`.
///
/// The file system is the lock. A blob appears under its name whole or not at all, by a link to a file that had no name
/// before; it never changes; several processes may commit the same one, and one of them wins, which makes no difference.
/// What this type gives for a digest has been compared with it, or will be when the reader comes to the end; so a blob
/// that was damaged on disk is reported and not used.
///
/// It doesn't know what blobs mean. Who commits blobs that nothing names yet holds a lease on them (`leasing`), since
/// `sweep` removes what neither its caller nor a lease names.
package struct ContentStore: Sendable {
    let folders: Folders
    let metadata: MetadataStore
    let lease: LeaseRow?

    /// The folders, held open: nobody can put others in their place.
    final class Folders: Sendable {
        let root: Directory
        let blobs: Directory

        init(root: consuming Directory, blobs: consuming Directory) {
            self.root = root
            self.blobs = blobs
        }
    }

    /// Opens the store below `root`, and makes what is missing of its folders (0700) and of the layout's marker.
    package init(root: FilePath, metadata: MetadataStore) throws(ContentError) {
        self.metadata = metadata
        lease = nil
        folders = try system { () throws(SystemError) in
            let top = try Directory.open(root, create: true)
            let blobs = try Self.blobs(in: top)
            return Folders(root: top, blobs: blobs)
        }
        try makeLayoutMarker()
    }

    private static func blobs(in root: borrowing Directory) throws(SystemError) -> Directory {
        do throws(SystemError) { return try root.directory("blobs/sha256") } catch {
            if error.errno != .noSuchFileOrDirectory { throw error }
            let folder = try root.directory("blobs", create: true, mode: 0o700)
            return try folder.directory("sha256", create: true, mode: 0o700)
        }
    }

    private init(folders: Folders, metadata: MetadataStore, lease: LeaseRow?) {
        self.folders = folders
        self.metadata = metadata
        self.lease = lease
    }

    /// The same store for work under a lease: everything that is committed through it belongs to the lease before it
    /// appears, so nobody sweeps it away while the lease lives.
    package func leasing(_ lease: LeaseRow) -> ContentStore {
        ContentStore(folders: folders, metadata: metadata, lease: lease)
    }

    // MARK: - Writing

    /// A new blob, whose digest is known when it is written. Dropping it without `commit` leaves nothing.
    package func writer() throws(ContentError) -> BlobWriter { try BlobWriter(self) }

    /// Stores bytes as a blob; durable when this returns, unless that isn't asked for.
    @discardableResult
    package func put(_ bytes: [UInt8], durable: Bool = true) throws(ContentError) -> Digest {
        let writer = try writer()
        do throws(StreamError) { try writer.write(bytes.span) } catch { throw ContentError(.stream(error)) }
        return try writer.commit(durable: durable).digest
    }

    /// Makes blobs outlive a loss of power that were committed with `durable: false`.
    package func makeDurable(_ digests: some Sequence<Digest>) throws(ContentError) {
        for digest in digests {
            let file = try descriptor(of: digest)
            try system(digest) { () throws(SystemError) in try DescriptorIO.syncData(file.raw) }
        }
        try system { () throws(SystemError) in try folders.blobs.sync() }
    }

    // MARK: - Reading

    /// The blob's bytes as a stream that fails at its end if they aren't those of the descriptor.
    package func open(_ blob: Descriptor) throws(ContentError) -> any ByteSource {
        guard let hash = blob.digest.sha256Bytes else { throw ContentError(.unsupportedAlgorithm, blob.digest) }
        return VerifyingSource(
            try openUnverified(blob),
            size: blob.size,
            sha256: hash,
            subject: "blob \(blob.digest)"
        )
    }

    /// How much could still be written to the store's file system, in bytes.
    package func availableSpace() throws(ContentError) -> Int64 {
        try system { () throws(SystemError) in try DiskSpace.available(at: folders.blobs.descriptor.raw) }
    }

    /// The blob's bytes as a stream that nobody compares with the digest: for readers that compare what they make of
    /// them, or that may stop before the end. The size is compared here.
    package func openUnverified(_ blob: Descriptor) throws(ContentError) -> any ByteSource {
        let file = try descriptor(of: blob.digest)
        let size = try system(blob.digest) { () throws(SystemError) in try FileStatus(of: file.raw).size }
        guard size == blob.size else {
            throw ContentError(.mismatch("size is \(size) bytes, expected \(blob.size)"), blob.digest)
        }
        return FileSource(file, subject: "blob \(blob.digest)")
    }

    /// The bytes of a blob from an offset on; nobody compares them with the digest.
    package func open(_ blob: Descriptor, from offset: Int64) throws(ContentError) -> any ByteSource {
        let file = try descriptor(of: blob.digest)
        let size = try system(blob.digest) { () throws(SystemError) in
            try DescriptorIO.seek(file.raw, to: offset)
            return try FileStatus(of: file.raw).size
        }
        guard size == blob.size else {
            throw ContentError(.mismatch("size is \(size) bytes, expected \(blob.size)"), blob.digest)
        }
        return FileSource(file, subject: "blob \(blob.digest)")
    }

    /// The whole blob, compared with its descriptor; for documents.
    package func read(_ blob: Descriptor, limit: Int = JSON.defaultLimit) throws(ContentError) -> [UInt8] {
        guard blob.size <= Int64(limit) else { throw ContentError(.tooLarge(limit: Int64(limit)), blob.digest) }
        let source = try open(blob)
        do throws(StreamError) { return try source.readAll(limit: limit) } catch {
            throw ContentError(.stream(error))
        }
    }

    /// Reads a blob to its end and compares it with its name.
    package func verify(_ digest: Digest) throws(ContentError) {
        guard let size = try size(digest) else { throw ContentError(.notFound, digest) }
        let source = try open(Descriptor(mediaType: MediaType(rawValue: ""), digest: digest, size: size))
        do throws(StreamError) { try source.drain() } catch {
            guard case .digestMismatch(_, let actual) = error.reason else { throw ContentError(.stream(error)) }
            throw ContentError(.mismatch("its content has the digest \(actual)"), digest)
        }
    }

    /// Whether there is such a blob. Only looks at the name: see `verify`.
    package func contains(_ digest: Digest) throws(ContentError) -> Bool { try size(digest) != nil }

    /// Whether there is such a blob, which then stays for as long as this store's lease lives.
    package func hold(_ digest: Digest) throws(ContentError) -> Bool {
        if let lease {
            // The lease comes first: a blob that is seen after it can't be swept away any more.
            do { try metadata.leases.add(lease, digest) } catch { throw ContentError(.metadata(error), digest) }
        }
        return try contains(digest)
    }

    /// The same, if it has this size.
    package func holds(_ digest: Digest, size: Int64) throws(ContentError) -> Bool {
        guard try hold(digest) else { return false }
        return try self.size(digest) == size
    }

    /// How many bytes a blob takes; nil if there is none.
    package func size(_ digest: Digest) throws(ContentError) -> Int64? { try status(digest)?.size }

    /// A blob in a listing.
    package struct Entry: Sendable, Hashable {
        package var digest: Digest
        package var size: Int64
        /// When it was committed last, in seconds since 1970.
        package var modified: Int64
    }

    /// All blobs, in no order. What isn't named as a blob is not listed.
    package func all() throws(ContentError) -> [Entry] {
        try system { () throws(SystemError) in
            var entries: [Entry] = []
            for name in try folders.blobs.names() where name.count == 64 {
                guard let digest = Self.digest(ofName: name), let status = try folders.blobs.status(PathBytes(name)),
                    status.kind == .file
                else { continue }
                entries.append(Entry(digest: digest, size: status.size, modified: status.modified.seconds))
            }
            return entries
        }
    }

    private static func digest(ofName name: [UInt8]) -> Digest? {
        do { return try Digest("sha256:" + String(decoding: name, as: UTF8.self)) } catch { return nil }
    }

    // MARK: - Names

    func name(of digest: Digest) throws(ContentError) -> PathBytes {
        guard digest.algorithm == "sha256" else { throw ContentError(.unsupportedAlgorithm, digest) }
        return PathBytes(digest.hex)
    }

    func status(_ digest: Digest) throws(ContentError) -> FileStatus? {
        let name = try name(of: digest)
        let status = try system(digest) { () throws(SystemError) in try folders.blobs.status(name) }
        return status?.kind == .file ? status : nil
    }

    /// The blob's file, open for reading; nobody compares its bytes with the digest.
    package func descriptor(of digest: Digest) throws(ContentError) -> OwnedDescriptor {
        let name = try name(of: digest)
        do throws(SystemError) { return try folders.blobs.openForReading(name) } catch {
            throw ContentError(error.errno == .noSuchFileOrDirectory ? .notFound : .system(error), digest)
        }
    }
}

private import LinuxSystem
private import MetadataStorage
package import OCISpec
private import SystemPackage

extension ContentStore {
    /// What a sweep did.
    package struct SweepResult: Sendable, Hashable {
        package var removed: [Digest] = []
        /// In bytes.
        package var reclaimed: Int64 = 0
    }

    /// Removes a blob, whoever may need it; false if it wasn't there.
    @discardableResult
    package func remove(_ digest: Digest) throws(ContentError) -> Bool {
        let name = try name(of: digest)
        do throws(SystemError) { try folders.blobs.remove(name) } catch {
            if error.errno == .noSuchFileOrDirectory { return false }
            throw ContentError(.system(error), digest)
        }
        return true
    }

    /// Lets a blob that is about to be needed no more count as old, so that a sweep takes it even if who removes it dies first.
    ///
    /// Whoever commits it again makes it new.
    package func age(_ digest: Digest) throws(ContentError) {
        let name = try name(of: digest)
        do throws(SystemError) {
            try folders.blobs.setTimes(name, accessed: nil, modified: FileTime(seconds: 0))
        } catch {
            if error.errno != .noSuchFileOrDirectory { throw ContentError(.system(error), digest) }
        }
    }

    /// Removes the blobs that neither `keeping` nor the lease of somebody at work names, and that were committed before
    /// the sweep began.
    ///
    /// `keeping` is asked inside the transaction that the whole sweep is: nobody can name or lease a blob between the
    /// asking and the removing.
    package func sweep(keeping: () throws -> Set<Digest>) throws -> SweepResult {
        let start = try clock()
        return try metadata.transaction {
            try metadata.leases.sweepDead()
            let kept = try keeping().union(try metadata.leases.liveDigests())
            var result = SweepResult()
            for blob in try all() where !kept.contains(blob.digest) {
                guard try removeIfUnchanged(blob.digest, since: start) else { continue }
                result.removed.append(blob.digest)
                result.reclaimed += blob.size
            }
            return result
        }
    }

    /// Removes a blob unless it was committed at `start` or later, which may happen while we look: so it is taken out
    /// of sight, looked at once more, and put back where somebody has just found it there and counts on it.
    private func removeIfUnchanged(_ digest: Digest, since start: FileTime) throws(ContentError) -> Bool {
        guard let status = try status(digest), status.changed < start else { return false }
        let name = try name(of: digest)
        let aside = PathBytes.unique()
        return try system(digest) { () throws(SystemError) in
            do throws(SystemError) { try folders.blobs.rename(name, to: aside) } catch {
                if error.errno == .noSuchFileOrDirectory { return false }
                throw error
            }
            // Renaming sets the time of change, so the time of modification tells, which `renew` sets.
            guard let now = try folders.blobs.status(aside), now.modified != status.modified else {
                try folders.blobs.remove(aside)
                return true
            }
            do throws(SystemError) { try folders.blobs.rename(aside, to: name, replace: false) } catch {
                if error.errno != .fileExists { throw error }
                try folders.blobs.remove(aside)
            }
            return false
        }
    }

    /// The file system's own time: its clock ticks more coarsely than the processor's, and may be another machine's.
    private func clock() throws(ContentError) -> FileTime {
        try system { () throws(SystemError) in
            let file = try folders.blobs.temporaryFile()
            return try FileStatus(of: file.descriptor.raw).changed
        }
    }

    /// Removes unfinished files that are older than a day: what a killed process left where the file system has no
    /// files without names.
    package func sweepTemporary() throws(ContentError) {
        let deadline = Timestamp.now.seconds - 86_400
        try system { () throws(SystemError) in
            try Self.removeTemporary(in: folders.blobs, before: deadline)
            try Self.removeTemporary(in: folders.root, before: deadline)
        }
        try sweepPartials(olderThan: Self.partialLife)
    }

    /// How long what was fetched of a blob is kept for whoever fetches it next, in seconds: a week.
    private static let partialLife: Int64 = 7 * 86_400

    private static func removeTemporary(
        in folder: borrowing Directory,
        before deadline: Int64
    ) throws(SystemError) {
        for name in try folder.names() where name.starts(with: ".tmp-".utf8) {
            let path = PathBytes(name)
            guard let status = try folder.status(path), status.kind == .file, status.changed.seconds < deadline else {
                continue
            }
            // Another process may sweep too.
            do throws(SystemError) { try folder.remove(path) } catch {
                if error.errno != .noSuchFileOrDirectory { throw error }
            }
        }
    }
}

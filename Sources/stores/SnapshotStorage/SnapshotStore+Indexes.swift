internal import LinuxSystem
package import OCISpec
private import SystemPackage

/// What layers say of names, beside their trees: `indexes/<hex of a diff ID>`, files that tell by themselves whether they
/// are whole, so that nothing is synced. Any of them may be removed at any time.
extension SnapshotStore {
    private var indexes: FilePath { root.appending("indexes") }

    /// The kept index of a layer; nil where there is none, or one larger than `limit`.
    package func index(_ diffID: Digest, limit: Int) throws(SnapshotError) -> [UInt8]? {
        try about(diffID.description) { () throws(SystemError) in
            guard let indexes = try existing(indexes) else { return nil }
            do throws(SystemError) { return try indexes.readFile(PathBytes(diffID.hex), limit: limit) } catch {
                if error.errno == .fileTooLarge { return nil }
                throw error
            }
        }
    }

    /// Keeps an index, in place of what was there.
    package func keepIndex(_ bytes: [UInt8], of diffID: Digest) throws(SnapshotError) {
        try about(diffID.description) { () throws(SystemError) in
            let file = try Directory.open(indexes, create: true).temporaryFile()
            try DescriptorIO.write(file.descriptor.raw, bytes.span)
            try file.link(as: PathBytes(diffID.hex), replace: true)
        }
    }

    /// The layers of which there is an index.
    package func allIndexes() throws(SnapshotError) -> [Digest] {
        try about("indexes") { () throws(SystemError) in
            guard let indexes = try existing(indexes) else { return [] }
            // What isn't named like a digest isn't ours.
            return try indexes.entries().compactMap { try? Digest("sha256:\($0.name)") }.sorted()
        }
    }

    func removeIndex(_ diffID: Digest) throws(SystemError) {
        guard let indexes = try existing(indexes) else { return }
        do throws(SystemError) { try indexes.remove(PathBytes(diffID.hex)) } catch
            where error.errno == .noSuchFileOrDirectory
        {}
    }
}

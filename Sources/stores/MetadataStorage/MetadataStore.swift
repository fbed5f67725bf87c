package import SystemPackage

/// The database of a store: which names there are, which images, where layers lie, what was built before, who is at work.
///
/// It knows names and digests and no file. Several processes use it at once: a transaction of one waits for that of
/// another. What is committed survives the death of the process at any instruction; with `durable` also that of the
/// machine. Everything here but names and containers can be found again from the blobs.
package final class MetadataStore: Sendable {
    let connection: Connection

    /// Opens the database, made if missing; the folder must be there. Where the file system is read-only, what is
    /// there can still be read, and writing fails with `.readOnly`.
    package convenience init(path: FilePath) throws(MetadataError) {
        do throws(MetadataError) {
            try self.init(path.string, .readWrite)
        } catch  where error.isAboutAccess {
            do throws(MetadataError) { try self.init(path.string, .readOnly) } catch let second {
                // Without a log beside the file nothing is missed by not looking for one.
                guard second.isAboutAccess, let store = try? MetadataStore(path.string, .immutable) else { throw error }
                self.init(store.connection)
            }
        }
    }

    private init(_ connection: Connection) { self.connection = connection }

    init(_ path: String, _ access: Connection.Access) throws(MetadataError) {
        connection = try Connection(path, access)
        // What is committed is safe from a dying process either way; the log is kept short, since a first opener reads it.
        try connection.execute("PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=100")
        try Schema.migrate(connection)
    }

    /// Whether the store can only be read.
    package var isReadOnly: Bool { connection.access != .readWrite }

    /// Runs `body` as one change: all of it or nothing, and nobody else writes meanwhile.
    ///
    /// Inside another transaction of the same thread it joins that one. With `durable`, what is committed is on the disk
    /// when this returns. Other threads of the process wait: don't do slow things inside.
    package func transaction<Result>(durable: Bool = false, _ body: () throws -> Result) throws -> Result {
        try connection.transaction(durable: durable, body)
    }

    /// Runs `body`, which only reads, on one unchanging view; works on a read-only store too.
    package func view<Result>(_ body: () throws -> Result) throws -> Result { try connection.view(body) }

    package var images: ImageTable { ImageTable(connection: connection) }
    package var tags: TagTable { TagTable(connection: connection) }
    package var layers: LayerTable { LayerTable(connection: connection) }
    package var origins: OriginTable { OriginTable(connection: connection) }
    package var manifestLists: ManifestListTable { ManifestListTable(connection: connection) }
    package var layerForms: LayerFormTable { LayerFormTable(connection: connection) }
    package var published: PublishedTable { PublishedTable(connection: connection) }
    package var cache: CacheTable { CacheTable(connection: connection) }
    package var statCache: StatCacheTable { StatCacheTable(connection: connection) }
    package var containers: ContainerTable { ContainerTable(connection: connection) }
    package var networks: NetworkTable { NetworkTable(connection: connection) }
    package var leases: LeaseTable { LeaseTable(connection: connection) }

    /// Looks for damage in the database's own structure; the complaints, none if all is well.
    package func integrityProblems() throws(MetadataError) -> [String] {
        try connection.rows("PRAGMA quick_check(100)") { $0.text(0) }.filter { $0 != "ok" }
    }
}

import OCISpec
import Reporting
import SocleTesting
import SystemPackage
import Testing

@testable import MetadataStorage

@Suite struct TransactionTests {
    private func container(_ name: String, document: [UInt8] = []) -> ContainerRow {
        ContainerRow(
            id: Digest.of(Array(name.utf8)).hex,
            name: name,
            image: .of([]),
            imageName: "x",
            createdAt: 1,
            document: document
        )
    }

    private struct Interruption: Error {}

    @Test func whatThrowsLeavesNothing() throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        #expect(throws: Interruption.self) {
            try store.transaction {
                try store.containers.insert(container("a"))
                throw Interruption()
            }
        }
        #expect(try store.containers.all().isEmpty)
        try store.transaction { try store.transaction(durable: true) { try store.containers.insert(container("b")) } }
        #expect(try store.containers.row("b") != nil)
    }

    @Test func theOuterTransactionDecides() throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        #expect(throws: Interruption.self) {
            try store.transaction(durable: true) {
                try store.transaction { try store.containers.insert(container("a")) }
                throw Interruption()
            }
        }
        #expect(try store.containers.all().isEmpty)
        try store.transaction { try store.containers.insert(container("a")) }
        #expect(try store.containers.all().count == 1)
    }

    @Test func writersOfManyConnectionsLoseNothing() async throws {
        let root = try TemporaryRoot()
        let path = root("socle.db")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    // Each opens for itself, and all at once: the first one makes the tables.
                    let store = try MetadataStore(path: path)
                    for round in 0..<50 {
                        try store.transaction { try increment(store) }
                        try store.tags.delete("\(writer)-\(round)")
                    }
                }
            }
            try await group.waitForAll()
        }
        let row = try #require(try MetadataStore(path: path).containers.row("counter"))
        #expect(String(decoding: row.document, as: UTF8.self) == "200")
    }

    @Test func threadsOfOneConnectionLoseNothing() async throws {
        let root = try TemporaryRoot()
        let store = try MetadataStore(path: root("socle.db"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<50 { try store.transaction { try increment(store) } } }
            }
            try await group.waitForAll()
        }
        let row = try #require(try store.containers.row("counter"))
        #expect(String(decoding: row.document, as: UTF8.self) == "400")
    }

    private func increment(_ store: MetadataStore) throws {
        guard var row = try store.containers.row("counter") else {
            return try store.containers.insert(container("counter", document: Array("1".utf8)))
        }
        let count = try #require(Int(String(decoding: row.document, as: UTF8.self)))
        row.document = Array(String(count + 1).utf8)
        try store.containers.update(row)
    }

    @Test(.requires(.tool("python3"))) func anotherProcessThatIsKilledLosesOnlyWhatItHadNotCommitted() throws {
        let root = try TemporaryRoot()
        let path = root("socle.db")
        let store = try MetadataStore(path: path)
        try store.containers.insert(container("before"))
        let program = """
            import os, signal, sqlite3, sys
            db = sqlite3.connect(sys.argv[1], isolation_level=None)
            def add(name):
                db.execute("INSERT INTO containers VALUES (?, ?, 'sha256:' || ?, '', 1, x'')", (name, name, "0" * 64))
            db.execute("BEGIN IMMEDIATE"); add("committed"); db.execute("COMMIT")
            db.execute("BEGIN IMMEDIATE"); add("lost")
            for i in range(2000): db.execute("INSERT INTO lease_blobs SELECT 'x', ? WHERE 0", (str(i),))
            os.kill(os.getpid(), signal.SIGKILL)
            """
        let killed = try Command.run("python3", ["-c", program, path.string])
        #expect(killed.status == 128 + 9, "\(killed.errorText)")
        #expect(Set(try store.containers.all().map(\.name)) == ["before", "committed"])
        try store.containers.insert(container("after"))
        #expect(try MetadataStore(path: path).containers.all().count == 3)
        #expect(try store.integrityProblems() == [])
    }

    @Test(.requires(.tool("python3"))) func processesWaitForEachOther() throws {
        let root = try TemporaryRoot()
        let path = root("socle.db")
        let store = try MetadataStore(path: path)
        try store.containers.insert(container("counter", document: Array("0".utf8)))
        let program = """
            import os, sqlite3, sys
            kids = []
            for _ in range(3):
                pid = os.fork()
                if pid == 0:
                    db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
                    for _ in range(100):
                        db.execute("BEGIN IMMEDIATE")
                        n = int(bytes(db.execute("SELECT document FROM containers").fetchone()[0]))
                        db.execute("UPDATE containers SET document = ?", (str(n + 1).encode(),))
                        db.execute("COMMIT")
                    os._exit(0)
                kids.append(pid)
            sys.exit(max(os.waitpid(k, 0)[1] for k in kids))
            """
        let others = try Command.run("python3", ["-c", program, path.string])
        #expect(others.status == 0, "\(others.errorText)")
        for _ in 0..<10 { try store.transaction { try increment(store) } }
        let row = try #require(try store.containers.row("counter"))
        #expect(String(decoding: row.document, as: UTF8.self) == "310")
    }

    @Test func aViewDoesNotChange() throws {
        let root = try TemporaryRoot()
        let path = root("socle.db")
        let reader = try MetadataStore(path: path)
        let writer = try MetadataStore(path: path)
        try reader.view {
            #expect(try reader.containers.all().isEmpty)
            try writer.containers.insert(container("a"))
            #expect(try reader.containers.all().isEmpty)
        }
        #expect(try reader.containers.all().count == 1)
    }
}

@Suite struct OpeningTests {
    @Test func openingACurrentDatabaseIsQuick() throws {
        let root = try TemporaryRoot()
        let path = root("socle.db")
        do {
            let store = try MetadataStore(path: path)
            for number in 0..<500 { try store.layers.set(LayerRow(diffID: .of([UInt8(number & 255)]), blob: blob)) }
        }
        let clock = ContinuousClock()
        var best = Duration.seconds(1)
        for _ in 0..<20 {
            best = try min(best, clock.measure { _ = try MetadataStore(path: path).layers.blob(for: .of([1])) })
        }
        print("opening the database and one query: \(best)")
        #expect(best < .milliseconds(100))
    }

    private var blob: Descriptor { Descriptor(of: [1, 2, 3], mediaType: .ociLayer) }

    @Test func aNewerDatabaseIsRefused() throws {
        let root = try TemporaryRoot()
        try MetadataStore(path: root("socle.db")).connection.execute("PRAGMA user_version=99")
        let error = #expect(throws: MetadataError.self) { try MetadataStore(path: root("socle.db")) }
        #expect(error?.reason == .newer(version: 99, known: Schema.version))
        #expect(error?.kind == .unsupported)
    }

    @Test func whatIsNoDatabaseIsCorrupt() throws {
        let root = try TemporaryRoot()
        try Command.output(of: "sh", ["-c", "yes nonsense | head -c 8192 > \(root("socle.db"))"])
        let error = #expect(throws: MetadataError.self) { try MetadataStore(path: root("socle.db")) }
        #expect(error?.kind == .corrupt)
    }

    @Test func theStoreMayLieBehindALink() throws {
        let root = try TemporaryRoot()
        try Command.output(of: "mkdir", [root("real").string])
        try Command.output(of: "ln", ["-s", "real", root("link").string])
        try MetadataStore(path: root("link/socle.db")).layers.set(LayerRow(diffID: .of([1]), blob: blob))
        #expect(try MetadataStore(path: root("real/socle.db")).layers.blob(for: .of([1])) == blob)
    }

    @Test func aMissingFolderIsSaid() throws {
        let root = try TemporaryRoot()
        let error = #expect(throws: MetadataError.self) { try MetadataStore(path: root("no/socle.db")) }
        #expect(error?.kind == .notFound)
    }

    @Test(arguments: [Connection.Access.readOnly, .immutable])
    func readingWorksWithoutWriting(_ access: Connection.Access) throws {
        let root = try TemporaryRoot()
        let path = root("so%cle?.db")
        do {
            let store = try MetadataStore(path: path)
            try store.layers.set(LayerRow(diffID: .of([1]), blob: blob))
            try store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        }
        let store = try MetadataStore(path.string, access)
        #expect(store.isReadOnly)
        #expect(try store.view { try store.layers.blob(for: .of([1])) } == blob)
        #expect(throws: MetadataError(.readOnly, path: path.string)) { try store.transaction {} }
        let error = #expect(throws: MetadataError.self) { try store.layers.delete(.of([1])) }
        #expect(error?.reason == .readOnly)
    }

    @Test(.requires(.all(.root, .tool("mount")))) func aReadOnlyFileSystemCanBeRead() throws {
        let root = try TemporaryRoot()
        let path = root("s/socle.db")
        try Command.output(of: "mkdir", [root("s").string, root("mnt").string])
        do {
            let store = try MetadataStore(path: path)
            try store.layers.set(LayerRow(diffID: .of([1]), blob: blob))
        }
        // The log is still beside the file, and what is only there must be found too.
        #expect(try Command.run("test", ["-s", path.string + "-wal"]).status == 0)
        let mounted = try Command.run("mount", ["--bind", root("s").string, root("mnt").string])
        try #require(mounted.status == 0, "\(mounted.errorText)")
        defer { _ = try? Command.run("umount", ["-l", root("mnt").string]) }
        try Command.output(of: "mount", ["-o", "remount,bind,ro", root("mnt").string])
        let store = try MetadataStore(path: root("mnt/socle.db"))
        #expect(store.isReadOnly)
        #expect(try store.layers.blob(for: .of([1])) == blob)
        let error = #expect(throws: MetadataError.self) { try store.layers.delete(.of([1])) }
        #expect(error?.description.hasSuffix("the store is read-only") == true)
    }
}

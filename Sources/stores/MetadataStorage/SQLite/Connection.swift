private import CSQLite
private import LinuxSystem
private import SystemPackage

/// One connection to the database, shared by the threads of a process.
///
/// Everything happens under SQLite's own recursive mutex of the connection, so a thread that is in a transaction keeps
/// the others out, and may call on.
final class Connection: @unchecked Sendable {
    enum Access: Sendable { case readWrite, readOnly, immutable }

    let path: String
    let access: Access
    private let handle: OpaquePointer
    // Guarded by the mutex.
    private var idle: [String: OpaquePointer] = [:]
    private var depth = 0
    private var isReading = false
    private var wantsSync = false

    /// How long anybody waits for another process's transaction.
    static let patienceMilliseconds: CInt = 30_000

    /// Variables of containers are in it, and with them passwords: nobody else may read it. What SQLite makes beside it gets
    /// the same mode.
    private static func hide(_ path: String) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let name = PathBytes(slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path)
        guard let folder = try? Directory.open(FilePath(slash.map { String(path[...$0]) } ?? ".")),
            let status = try? folder.status(name), status.permissions & 0o077 != 0
        else { return }
        // Somebody else's database that this user may only write to stays as it is.
        try? folder.chmod(name, 0o600)
    }

    init(_ path: String, _ access: Access) throws(MetadataError) {
        self.path = path
        self.access = access
        let (name, flags) =
            switch access {
            case .readWrite: (path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
            case .readOnly: (path, SQLITE_OPEN_READONLY)
            case .immutable: (Self.immutableAddress(path), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI)
            }
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(name, &opened, flags | SQLITE_OPEN_FULLMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            let problem = opened.map { sqlite3_system_errno($0) } ?? 0
            sqlite3_close_v2(opened)
            if problem == 0 { throw MetadataError(code, "cannot be opened", path: path) }
            throw MetadataError(.system(SystemError("open", path, Errno(rawValue: problem))), path: path)
        }
        if access == .readWrite { Self.hide(path) }
        // SQLite is content with reading where it can't write; who asked to write should know.
        if access == .readWrite, sqlite3_db_readonly(opened, "main") == 1 {
            sqlite3_close_v2(opened)
            throw MetadataError(.readOnly, path: path)
        }
        handle = opened
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, Self.patienceMilliseconds)
        _ = socle_sqlite_keep_log_on_close(handle)
    }

    deinit {
        for statement in idle.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    /// `file:` address with the characters that mean something in it written as escapes.
    private static func immutableAddress(_ path: String) -> String {
        let escaped = path.utf8.map { byte -> String in
            switch byte {
            case UInt8(ascii: "%"): "%25"
            case UInt8(ascii: "?"): "%3f"
            case UInt8(ascii: "#"): "%23"
            default: String(decoding: [byte], as: UTF8.self)
            }
        }
        return "file:\(escaped.joined())?immutable=1"
    }

    // MARK: - Statements

    /// Keeps other threads out while `body` runs.
    func locked<Result, Problem: Error>(_ body: () throws(Problem) -> Result) throws(Problem) -> Result {
        let mutex = sqlite3_db_mutex(handle)
        sqlite3_mutex_enter(mutex)
        defer { sqlite3_mutex_leave(mutex) }
        return try body()
    }

    /// Runs a statement that gives no rows; the number of rows that it changed.
    @discardableResult
    func run(_ sql: String, _ values: SQLValue...) throws(MetadataError) -> Int {
        try locked { () throws(MetadataError) in
            let statement = try prepare(sql, values)
            while try statement.step() {}
            return Int(sqlite3_changes(handle))
        }
    }

    /// All rows of a query, each made into a value.
    func rows<Row>(
        _ sql: String,
        _ values: SQLValue...,
        as make: (borrowing Statement) throws(MetadataError) -> Row
    ) throws(MetadataError) -> [Row] {
        try locked { () throws(MetadataError) in
            let statement = try prepare(sql, values)
            var rows: [Row] = []
            while try statement.step() { rows.append(try make(statement)) }
            return rows
        }
    }

    /// Goes through the rows of a query until there are none or `body` says false.
    func scan(
        _ sql: String,
        _ values: SQLValue...,
        body: (borrowing Statement) throws(MetadataError) -> Bool
    ) throws(MetadataError) {
        try locked { () throws(MetadataError) in
            let statement = try prepare(sql, values)
            while try statement.step(), try body(statement) {}
        }
    }

    /// The first row of a query, if there is one.
    func first<Row>(
        _ sql: String,
        _ values: SQLValue...,
        as make: (borrowing Statement) throws(MetadataError) -> Row
    ) throws(MetadataError) -> Row? {
        try locked { () throws(MetadataError) in
            let statement = try prepare(sql, values)
            return try statement.step() ? try make(statement) : nil
        }
    }

    /// Runs a script of several statements that is used once.
    func execute(_ script: String) throws(MetadataError) {
        let code = sqlite3_exec(handle, script, nil, nil, nil)
        if code != SQLITE_OK { throw error(code) }
    }

    private func prepare(_ sql: String, _ values: [SQLValue]) throws(MetadataError) -> Statement {
        var prepared = idle.removeValue(forKey: sql)
        if prepared == nil {
            let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
            if code != SQLITE_OK { throw error(code) }
        }
        guard let prepared else { throw MetadataError(.sqlite(code: SQLITE_MISUSE, message: "empty statement")) }
        let statement = Statement(prepared, sql: sql, connection: self)
        try statement.bind(values)
        return statement
    }

    /// Keeps a statement that is no longer used until it is wanted again.
    func takeBack(_ statement: OpaquePointer, sql: String) {
        locked {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
            // The same statement may have been used inside itself; one of the two is enough.
            if let other = idle.updateValue(statement, forKey: sql) { sqlite3_finalize(other) }
        }
    }

    /// What SQLite says about the call that just failed.
    func error(_ code: CInt) -> MetadataError {
        MetadataError(code, String(cString: sqlite3_errmsg(handle)), path: path)
    }

    // MARK: - Transactions

    /// Runs `body` with the right to write; all of it happens, or nothing. See `MetadataStore.transaction`.
    func transaction<Result>(durable: Bool, _ body: () throws -> Result) throws -> Result {
        try locked {
            guard access == .readWrite else { throw MetadataError(.readOnly, path: path) }
            if durable { wantsSync = true }
            if depth > 0 {
                precondition(!isReading, "a writing transaction inside a reading one")
                depth += 1
                defer { depth -= 1 }
                return try body()
            }
            if durable { try execute("PRAGMA synchronous=FULL") }
            // The setting belongs to the connection; failing to put it back only costs time.
            defer { if durable { try? execute("PRAGMA synchronous=NORMAL") } }
            let result = try bracketed(beginning: "BEGIN IMMEDIATE", body)
            try syncIfWanted(alreadyDone: durable)
            return result
        }
    }

    /// Runs `body` on one unchanging view of the database.
    func view<Result>(_ body: () throws -> Result) throws -> Result {
        try locked {
            if depth > 0 {
                depth += 1
                defer { depth -= 1 }
                return try body()
            }
            isReading = true
            defer { isReading = false }
            return try bracketed(beginning: "BEGIN", body)
        }
    }

    private func bracketed<Result>(beginning: String, _ body: () throws -> Result) throws -> Result {
        try run(beginning)
        depth = 1
        defer { depth = 0 }
        do {
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            wantsSync = false
            // SQLite has rolled back by itself after some errors; then there is nothing to roll back.
            if sqlite3_get_autocommit(handle) == 0 { _ = try? run("ROLLBACK") }
            throw error
        }
    }

    /// An inner transaction asked for durability when the outer one had begun without: the log is synced now.
    private func syncIfWanted(alreadyDone: Bool) throws(MetadataError) {
        defer { wantsSync = false }
        guard wantsSync, !alreadyDone else { return }
        try execute("PRAGMA synchronous=FULL; PRAGMA wal_checkpoint(PASSIVE); PRAGMA synchronous=NORMAL")
    }

    /// Waits a moment between two tries.
    static func pause(milliseconds: CInt) { sqlite3_sleep(milliseconds) }
}

extension MetadataError {
    /// SQLite's result codes in this module's words.
    init(_ code: CInt, _ message: String, path: String?) {
        let reason: Reason =
            switch code & 0xff {
            case SQLITE_BUSY, SQLITE_LOCKED: .busy
            case SQLITE_READONLY: .readOnly
            case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt(message)
            case SQLITE_FULL: .exhausted("no space left on device")
            case SQLITE_NOMEM: .exhausted("out of memory")
            case SQLITE_CONSTRAINT where code == Self.uniqueViolation || code == Self.primaryKeyViolation:
                .conflict(message)
            default: .sqlite(code: code, message: message)
            }
        self.init(reason, path: path)
    }

    /// SQLITE_CONSTRAINT_PRIMARYKEY and SQLITE_CONSTRAINT_UNIQUE are expressions in C, which Swift doesn't import.
    private static var primaryKeyViolation: CInt { SQLITE_CONSTRAINT | 6 << 8 }
    private static var uniqueViolation: CInt { SQLITE_CONSTRAINT | 8 << 8 }

    /// Whether SQLite couldn't open a file, or write what it had opened.
    var isAboutAccess: Bool {
        switch reason {
        case .readOnly, .system: true
        case .sqlite(let code, _): code & 0xff == SQLITE_CANTOPEN || code & 0xff == SQLITE_PERM
        default: false
        }
    }
}

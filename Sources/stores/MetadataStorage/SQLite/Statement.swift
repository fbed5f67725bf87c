private import CSQLite

/// One prepared statement at work. When the value ends, the statement goes back to its connection to be used again.
///
/// Columns count from 0 and are read after `step` said that there is a row.
struct Statement: ~Copyable {
    private let handle: OpaquePointer
    private let sql: String
    private let connection: Connection

    init(_ handle: OpaquePointer, sql: String, connection: Connection) {
        self.handle = handle
        self.sql = sql
        self.connection = connection
    }

    deinit { connection.takeBack(handle, sql: sql) }

    /// Gives the parameters their values, in order.
    func bind(_ values: [SQLValue]) throws(MetadataError) {
        precondition(sqlite3_bind_parameter_count(handle) == CInt(values.count), sql)
        for (index, value) in values.enumerated() {
            let place = CInt(index + 1)
            let code =
                switch value {
                case .null: sqlite3_bind_null(handle, place)
                case .integer(let number): sqlite3_bind_int64(handle, place, number)
                case .text(let text): Self.bind(text, handle, place)
                case .blob(let bytes): Self.bind(bytes, handle, place)
                }
            if code != SQLITE_OK { throw connection.error(code) }
        }
    }

    /// Goes to the next row; false when there is none.
    func step() throws(MetadataError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw connection.error(code)
        }
    }

    func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, CInt(column)) == SQLITE_NULL }

    func integer(_ column: Int) -> Int64 { sqlite3_column_int64(handle, CInt(column)) }

    func optionalInteger(_ column: Int) -> Int64? { isNull(column) ? nil : integer(column) }

    func bits(_ column: Int) -> UInt64 { UInt64(bitPattern: integer(column)) }

    func text(_ column: Int) -> String {
        let start = sqlite3_column_text(handle, CInt(column))
        let count = Int(sqlite3_column_bytes(handle, CInt(column)))
        return String(decoding: UnsafeBufferPointer(start: start, count: start == nil ? 0 : count), as: UTF8.self)
    }

    func blob(_ column: Int) -> [UInt8] {
        let start = sqlite3_column_blob(handle, CInt(column))
        let count = Int(sqlite3_column_bytes(handle, CInt(column)))
        return Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    // SQLite copies what is bound: the bytes live only as long as the call.
    private static func bind(_ text: String, _ handle: OpaquePointer, _ place: CInt) -> CInt {
        sqlite3_bind_text(handle, place, text, CInt(text.utf8.count), copied)
    }

    private static func bind(_ bytes: [UInt8], _ handle: OpaquePointer, _ place: CInt) -> CInt {
        // Without an address SQLite would bind null.
        if bytes.isEmpty { return sqlite3_bind_zeroblob(handle, place, 0) }
        return bytes.withUnsafeBytes { sqlite3_bind_blob(handle, place, $0.baseAddress, CInt($0.count), copied) }
    }

    /// SQLITE_TRANSIENT, which is a cast in C.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}

/// What PAX headers say about the next entry: the records that mean something to us, parsed, the rest forgotten.
struct PaxRecords {
    var path: [UInt8]?
    var linkPath: [UInt8]?
    var size: Int64?
    var uid: Int64?
    var gid: Int64?
    var userName: String?
    var groupName: String?
    var modified: TarTime?
    var accessed: TarTime?
    var changed: TarTime?
    var major: Int64?
    var minor: Int64?
    var xattrs: [TarEntry.XAttr] = []
    var sparse = PaxSparse()

    /// What is wrong with a PAX header.
    enum Problem: Error {
        case invalid(String)
        case tooLarge(what: String, count: Int, limit: Int)
    }

    /// Lays the records of one header over what is already known: later ones win, an empty value takes one back.
    /// A global header must not name or measure the entries that follow it: no program writes that.
    mutating func read(_ bytes: [UInt8], isGlobal: Bool, limits: TarLimits) throws(Problem) {
        sparse = PaxSparse()
        var rest = bytes[...]
        while let (key, value, next) = try Self.nextRecord(rest) {
            rest = next
            try set(key, value, isGlobal: isGlobal, limits: limits)
        }
    }

    /// Splits `length key=value\n` off; nil at the end. NULs that pad a header to its end are not records.
    private static func nextRecord(
        _ bytes: ArraySlice<UInt8>
    ) throws(Problem) -> (key: ArraySlice<UInt8>, value: ArraySlice<UInt8>, rest: ArraySlice<UInt8>)? {
        if bytes.isEmpty || bytes.first == 0 { return nil }
        let digits = bytes.prefix(12).prefix { $0 != 0x20 }
        guard let length = TarField.decimal(digits), length <= bytes.count, length >= digits.count + 3 else {
            throw .invalid("a record has no valid length")
        }
        let end = bytes.startIndex + Int(length)
        guard bytes[digits.endIndex] == 0x20, bytes[end - 1] == 0x0a else {
            throw .invalid("a record does not end where its length says")
        }
        let record = bytes[digits.endIndex + 1..<end - 1]
        guard let equals = record.firstIndex(of: UInt8(ascii: "=")), equals > record.startIndex else {
            throw .invalid("a record has no key")
        }
        return (record[..<equals], record[(equals + 1)...], bytes[end...])
    }

    private mutating func set(
        _ key: ArraySlice<UInt8>,
        _ value: ArraySlice<UInt8>,
        isGlobal: Bool,
        limits: TarLimits
    ) throws(Problem) {
        if key.starts(with: PaxXAttr.schilyPrefix) || key.starts(with: PaxXAttr.libarchivePrefix) {
            return try setXAttr(key, value, limits)
        }
        let name = String(decoding: key, as: UTF8.self)
        if isGlobal, name == "path" || name == "linkpath" || name == "size" || name.hasPrefix("GNU.sparse.") {
            throw .invalid("a global header sets \"\(name)\"")
        }
        switch name {
        case "path": path = try Self.name(value, name)
        case "linkpath": linkPath = try Self.name(value, name)
        case "size": size = try Self.number(value, name)
        case "uid": uid = try Self.number(value, name)
        case "gid": gid = try Self.number(value, name)
        case "uname": userName = try Self.text(value, name)
        case "gname": groupName = try Self.text(value, name)
        case "mtime": modified = try Self.time(value, name)
        case "atime": accessed = try Self.time(value, name)
        case "ctime": changed = try Self.time(value, name)
        case "SCHILY.devmajor": major = try Self.number(value, name)
        case "SCHILY.devminor": minor = try Self.number(value, name)
        default: if name.hasPrefix(PaxSparse.prefix) { try sparse.set(name, value, limits: limits) }
        }
    }

    private mutating func setXAttr(
        _ key: ArraySlice<UInt8>,
        _ value: ArraySlice<UInt8>,
        _ limits: TarLimits
    ) throws(Problem) {
        let isSchily = key.starts(with: PaxXAttr.schilyPrefix)
        guard let attribute = isSchily ? PaxXAttr.schily(key, value) : PaxXAttr.libarchive(key, value) else {
            throw .invalid("\"\(TarPath.printable(Array(key)))\" is no extended attribute")
        }
        let place = xattrs.firstIndex { $0.name == attribute.name }
        if attribute.value.count > limits.xattrValueBytes {
            throw .tooLarge(
                what: "the size of extended attribute \"\(TarPath.printable(attribute.name))\"",
                count: attribute.value.count,
                limit: limits.xattrValueBytes
            )
        }
        switch (place, isSchily) {
        case (nil, _):
            if xattrs.count == limits.xattrs {
                throw .tooLarge(
                    what: "the number of extended attributes",
                    count: xattrs.count + 1,
                    limit: limits.xattrs
                )
            }
            xattrs.append(attribute)
        // libarchive writes both forms; the plain one cannot have lost anything.
        case (let place?, true): xattrs[place] = attribute
        case (_?, false): break
        }
    }

    private static func number(_ value: ArraySlice<UInt8>, _ name: String) throws(Problem) -> Int64? {
        if value.isEmpty { return nil }
        guard let number = TarField.decimal(value) else { throw .invalid("\"\(name)\" is not a valid number") }
        return number
    }

    private static func time(_ value: ArraySlice<UInt8>, _ name: String) throws(Problem) -> TarTime? {
        if value.isEmpty { return nil }
        guard let time = TarTime(pax: value) else { throw .invalid("\"\(name)\" is not a valid time") }
        return time
    }

    private static func text(_ value: ArraySlice<UInt8>, _ name: String) throws(Problem) -> String? {
        try Self.name(value, name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A value that would be cut short wherever it is used as a C string has no honest reader.
    static func name(_ value: ArraySlice<UInt8>, _ name: String) throws(Problem) -> [UInt8]? {
        if value.isEmpty { return nil }
        if value.contains(0) { throw .invalid("\"\(name)\" contains a NUL byte") }
        return Array(value)
    }
}

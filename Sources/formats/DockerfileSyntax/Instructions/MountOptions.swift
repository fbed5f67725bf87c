public import Reporting

/// The value of `RUN --mount`.
public struct MountOptions: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable { case bind, cache, tmpfs, secret, ssh }
    public enum Sharing: String, Hashable, Sendable, CaseIterable { case shared, `private`, locked }

    public var kind: Kind = .bind
    /// A stage, an image, a context or `scratch`; nil is the build context.
    public var from: String?
    public var source: String?
    public var target: String?
    public var isReadOnly = true
    public var id: String?
    public var sharing: Sharing?
    public var isRequired = false
    /// Bytes, for tmpfs.
    public var size: Int64?
    public var mode: UInt32?
    public var uid: UInt32?
    public var gid: UInt32?
    /// The variable that has a secret's value.
    public var variable: String?

    private static let keys = [
        "type", "from", "source", "target", "readonly", "id", "sharing", "required", "size", "mode", "uid", "gid",
        "src", "dst", "destination", "ro", "rw", "readwrite", "env",
    ]

    /// Reads the value; `expand` resolves the variables of each field.
    public init(parsing text: String, expand: (String) throws(ExpansionError) -> String) throws(PlainFailure) {
        var saysAccess = false
        for field in try CommaSeparated.fields(text) {
            let equals = field.firstIndex(of: "=")
            let key = field[..<(equals ?? field.endIndex)].lowercased()
            if let equals {
                var value = String(field[field.index(after: equals)...])
                do {
                    if key != "from" { value = try expand(value) }
                } catch {
                    throw PlainFailure(.invalidArgument, error.description)
                }
                try set(key, value, field: field, &saysAccess)
            } else {
                try set(flag: key, field: field, &saysAccess)
            }
        }
        if !saysAccess { isReadOnly = kind != .cache && kind != .tmpfs }
        try check()
    }

    private static func invalid(_ message: String) -> PlainFailure { PlainFailure(.invalidArgument, message) }

    private mutating func set(flag key: String, field: String, _ saysAccess: inout Bool) throws(PlainFailure) {
        switch key {
        case "readonly", "ro": (isReadOnly, saysAccess) = (true, true)
        case "readwrite", "rw": (isReadOnly, saysAccess) = (false, true)
        case "required": try setRequired(true)
        default: throw Self.invalid("invalid field '\(field)' must be a key=value pair")
        }
    }

    private mutating func set(_ key: String, _ value: String, field: String, _ saysAccess: inout Bool)
        throws(PlainFailure)
    {
        switch key {
        case "type": kind = try Self.choice(value, "unsupported mount type \(value.goQuoted)")
        case "from": from = value.isEmpty ? nil : value
        case "source", "src": source = value
        case "target", "dst", "destination": target = value
        case "readonly", "ro": (isReadOnly, saysAccess) = (try Self.boolean(key, value), true)
        case "readwrite", "rw": (isReadOnly, saysAccess) = (!(try Self.boolean(key, value)), true)
        case "required": try setRequired(try Self.boolean(key, value))
        case "id": id = value
        case "env": variable = value
        case "sharing": sharing = try Self.choice(value, "unsupported sharing value \(value.goQuoted)")
        case "size":
            guard kind == .tmpfs else { throw unexpected(key) }
            guard let bytes = ByteSize.bytes(value) else {
                throw Self.invalid("invalid value for \(key): \(value)")
            }
            size = bytes
        case "mode":
            guard let number = UInt32(value, radix: 8) else { throw Self.invalid("invalid value \(value) for mode") }
            mode = number
        case "uid", "gid":
            guard let number = UInt32(value) else { throw Self.invalid("invalid value \(value) for \(key)") }
            if key == "uid" { uid = number } else { gid = number }
        default:
            let error = SyntaxError.suggesting("unexpected key '\(key)' in '\(field)'", key, among: Self.keys)
            throw Self.invalid(error.message)
        }
    }

    private mutating func setRequired(_ value: Bool) throws(PlainFailure) {
        guard kind == .secret || kind == .ssh else { throw unexpected("required") }
        isRequired = value
    }

    private func unexpected(_ key: String) -> PlainFailure {
        Self.invalid("unexpected key '\(key)' for mount type '\(kind.rawValue)'")
    }

    private func check() throws(PlainFailure) {
        if kind == .bind || kind == .tmpfs {
            for (name, value) in [("mode", mode), ("uid", uid), ("gid", gid)] where value != nil {
                throw Self.invalid("\(name) not allowed for \"\(kind.rawValue)\" type mounts")
            }
        }
        if kind == .secret {
            guard from == nil else { throw Self.invalid("secret mount should not have a from") }
            guard sharing == nil else { throw Self.invalid("secret mount should not define sharing") }
            guard source != nil || target != nil || id != nil || variable != nil else {
                throw Self.invalid("invalid secret mount. one of source, target required")
            }
            guard source == nil || id == nil else { throw Self.invalid("both source and id can't be set") }
        }
        guard sharing == nil || kind == .cache else {
            throw Self.invalid("invalid cache sharing set for \(kind.rawValue) mount")
        }
        guard variable == nil || kind == .secret else { throw unexpected("env") }
    }

    private static func boolean(_ key: String, _ value: String) throws(PlainFailure) -> Bool {
        if let answer = Bool(goText: value) { return answer }
        throw invalid("invalid value for \(key): \(value)")
    }

    private static func choice<Choice: CaseIterable & RawRepresentable<String>>(_ value: String, _ message: String)
        throws(PlainFailure) -> Choice
    {
        guard let choice = Choice(rawValue: value.lowercased()) else {
            throw invalid(SyntaxError.suggesting(message, value, among: Choice.allCases.map(\.rawValue)).message)
        }
        return choice
    }
}

extension MountOptions {
    static let fromPrefix = "from="
}

extension RunInstruction {
    /// What its mounts take files from, as written: stages, images, contexts. They have no variables.
    public var mountSources: [Word] {
        mounts.flatMap { mount in
            // The parser has read the fields before.
            ((try? CommaSeparated.fields(mount.text)) ?? [])
                .filter { $0.lowercased().hasPrefix(MountOptions.fromPrefix) && $0.utf8.count > 5 }
                .map { Word(String($0.dropFirst(MountOptions.fromPrefix.count)), range: mount.range) }
        }
    }
}

/// Sizes with units: `64m`, `1.5GiB`.
public enum ByteSize {
    /// The number of bytes, with units of 1024; nil if the text is no size.
    public static func bytes(_ text: String) -> Int64? {
        let number = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        guard let first = number.first, first != ".", let value = Double(number.hasSuffix(".") ? number + "0" : number)
        else { return nil }
        var unit = text.dropFirst(number.count).lowercased()
        if unit.hasPrefix(" ") { unit.removeFirst() }
        let powers: [Character: Int] = ["k": 1, "m": 2, "g": 3, "t": 4, "p": 5]
        var factor = 1.0
        if let letter = unit.first, let power = powers[letter] {
            unit.removeFirst()
            for _ in 0..<power { factor *= 1024 }
            if unit == "ib" { unit = "" }
        }
        guard unit.isEmpty || unit == "b", value * factor < 9.2e18 else { return nil }
        return Int64(value * factor)
    }
}

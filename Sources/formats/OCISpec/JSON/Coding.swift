/// A key of a JSON object whatever its name.
struct AnyCodingKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ text: String) { stringValue = text }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// The object that comes next.
    func object<Keys>(keyedBy keys: Keys.Type) throws -> ObjectReader<Keys> {
        ObjectReader(members: try container(keyedBy: AnyCodingKey.self))
    }

    /// Refuses a document that could be read as another kind: the two readers of an image would see two images.
    func requireOneMeaning(without keys: String...) throws {
        let container = try container(keyedBy: AnyCodingKey.self)
        for key in keys where container.contains(AnyCodingKey(key)) {
            throw DecodingError.dataCorrupted(
                .init(codingPath: codingPath, debugDescription: "\"\(key)\" does not belong in this document")
            )
        }
    }
}

extension Encoder {
    /// The object that comes next.
    func object<Keys>(keyedBy keys: Keys.Type) -> ObjectWriter<Keys> {
        ObjectWriter(members: container(keyedBy: AnyCodingKey.self))
    }
}

/// The members of an object under the names of `Keys`.
///
/// A container for keys of one's own makes types at run time, for each kind of object its own; all of an image's documents share one.
struct ObjectReader<Keys: RawRepresentable> where Keys.RawValue == String {
    let members: KeyedDecodingContainer<AnyCodingKey>

    private func name(_ key: Keys) -> AnyCodingKey { AnyCodingKey(key.rawValue) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Keys) throws -> Value {
        try members.decode(type, forKey: name(key))
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Keys) throws -> Value? {
        try members.decodeIfPresent(type, forKey: name(key))
    }

    func decode(_ type: String.Type, forKey key: Keys) throws -> String { try members.decode(type, forKey: name(key)) }

    func decodeIfPresent(_ type: String.Type, forKey key: Keys) throws -> String? {
        try members.decodeIfPresent(type, forKey: name(key))
    }

    /// A list; absent and null are empty.
    func list<Element: Decodable>(forKey key: Keys) throws -> [Element] {
        try decodeIfPresent([Element].self, forKey: key) ?? []
    }

    /// A text; absent and null are empty.
    func text(forKey key: Keys) throws -> String { try decodeIfPresent(String.self, forKey: key) ?? "" }

    /// A truth value; absent and null are false.
    func flag(forKey key: Keys) throws -> Bool { try members.decodeIfPresent(Bool.self, forKey: name(key)) ?? false }

    /// A command: a list, or in old images one text.
    func words(forKey key: Keys) throws -> [String]? {
        do { return try decodeIfPresent([String].self, forKey: key) } catch DecodingError.typeMismatch {
            return [try decode(String.self, forKey: key)]
        }
    }

    /// A set in Go's way: an object whose values say nothing.
    func names(forKey key: Keys) throws -> Set<String> {
        guard members.contains(name(key)), try !members.decodeNil(forKey: name(key)) else { return [] }
        return Set(try members.nestedContainer(keyedBy: AnyCodingKey.self, forKey: name(key)).allKeys.map(\.stringValue))
    }

    func schemaVersion(forKey key: Keys) throws -> Int {
        let version = try decode(Int.self, forKey: key)
        guard version == 2 else { throw corrupted(key, "schema version \(version) is not supported, only 2") }
        return version
    }

    func mediaType(forKey key: Keys, role: MediaType.Role) throws -> MediaType? {
        guard let type = try decodeIfPresent(MediaType.self, forKey: key), type.rawValue != "" else { return nil }
        guard type.role == role else { throw corrupted(key, "\"\(type)\" is not the type of an image \(role)") }
        return type
    }

    /// The error of a member that says what can't be.
    func corrupted(_ key: Keys, _ reason: String) -> DecodingError {
        .dataCorruptedError(forKey: name(key), in: members, debugDescription: reason)
    }
}

/// Writes members of an object under the names of `Keys`, through one container for the same reason.
struct ObjectWriter<Keys: RawRepresentable> where Keys.RawValue == String {
    var members: KeyedEncodingContainer<AnyCodingKey>

    mutating func encode(_ value: some Encodable, forKey key: Keys) throws {
        try members.encode(value, forKey: AnyCodingKey(key.rawValue))
    }

    mutating func encodeIfPresent(_ value: (some Encodable)?, forKey key: Keys) throws {
        if let value { try encode(value, forKey: key) }
    }

    mutating func encodeUnlessEmpty(_ value: (some Collection & Encodable)?, forKey key: Keys) throws {
        if let value, !value.isEmpty { try encode(value, forKey: key) }
    }

    mutating func encodeUnlessZero(_ value: Int64, forKey key: Keys) throws {
        if value != 0 { try encode(value, forKey: key) }
    }

    mutating func encodeIfTrue(_ value: Bool, forKey key: Keys) throws {
        if value { try encode(value, forKey: key) }
    }

    mutating func encodeNames(_ names: Set<String>, forKey key: Keys) throws {
        guard !names.isEmpty else { return }
        var container = members.nestedContainer(keyedBy: AnyCodingKey.self, forKey: AnyCodingKey(key.rawValue))
        for name in names.sorted() { try container.encode([String: String](), forKey: AnyCodingKey(name)) }
    }
}

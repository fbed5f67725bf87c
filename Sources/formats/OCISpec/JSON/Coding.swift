/// A key of a JSON object whatever its name.
struct AnyCodingKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ text: String) { stringValue = text }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
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

extension KeyedDecodingContainer {
    /// A list; absent and null are empty.
    func list<Element: Decodable>(forKey key: Key) throws -> [Element] {
        try decodeIfPresent([Element].self, forKey: key) ?? []
    }

    /// A text; absent and null are empty.
    func text(forKey key: Key) throws -> String { try decodeIfPresent(String.self, forKey: key) ?? "" }

    /// A truth value; absent and null are false.
    func flag(forKey key: Key) throws -> Bool { try decodeIfPresent(Bool.self, forKey: key) ?? false }

    /// A command: a list, or in old images one text.
    func words(forKey key: Key) throws -> [String]? {
        do { return try decodeIfPresent([String].self, forKey: key) } catch DecodingError.typeMismatch {
            return [try decode(String.self, forKey: key)]
        }
    }

    /// A set in Go's way: an object whose values say nothing.
    func names(forKey key: Key) throws -> Set<String> {
        guard contains(key), try !decodeNil(forKey: key) else { return [] }
        return Set(try nestedContainer(keyedBy: AnyCodingKey.self, forKey: key).allKeys.map(\.stringValue))
    }

    func schemaVersion(forKey key: Key) throws -> Int {
        let version = try decode(Int.self, forKey: key)
        guard version == 2 else {
            throw DecodingError.dataCorruptedError(
                forKey: key,
                in: self,
                debugDescription: "schema version \(version) is not supported, only 2"
            )
        }
        return version
    }

    func mediaType(forKey key: Key, role: MediaType.Role) throws -> MediaType? {
        guard let type = try decodeIfPresent(MediaType.self, forKey: key), type.rawValue != "" else { return nil }
        guard type.role == role else {
            throw DecodingError.dataCorruptedError(
                forKey: key,
                in: self,
                debugDescription: "\"\(type)\" is not the type of an image \(role)"
            )
        }
        return type
    }
}

extension KeyedEncodingContainer {
    mutating func encodeUnlessEmpty(_ value: (some Collection & Encodable)?, forKey key: Key) throws {
        if let value, !value.isEmpty { try encode(value, forKey: key) }
    }

    mutating func encodeUnlessZero(_ value: Int64, forKey key: Key) throws {
        if value != 0 { try encode(value, forKey: key) }
    }

    mutating func encodeIfTrue(_ value: Bool, forKey key: Key) throws {
        if value { try encode(value, forKey: key) }
    }

    mutating func encodeNames(_ names: Set<String>, forKey key: Key) throws {
        guard !names.isEmpty else { return }
        var container = nestedContainer(keyedBy: AnyCodingKey.self, forKey: key)
        for name in names.sorted() { try container.encode([String: String](), forKey: AnyCodingKey(name)) }
    }
}

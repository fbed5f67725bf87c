/// Decodes Swift's values from a document that was read.
///
/// Foundation's decoder makes types while the program runs and searches all conformances for them: for the documents of one
/// container that took as long as making its namespaces. It also lets the first of two equal keys count, where Docker lets the last.
struct JSONValueDecoder: Decoder {
    let value: JSONValue
    /// Of what this value is a part, and as what; nil at the top.
    private let outer: JSONPlace?
    private let key: (any CodingKey)?

    init(_ value: JSONValue, _ key: (any CodingKey)? = nil, in outer: JSONPlace? = nil) {
        self.value = value
        self.key = key
        self.outer = outer
    }

    fileprivate var place: JSONPlace? { key.map { JSONPlace($0, in: outer) } ?? outer }
    var codingPath: [any CodingKey] { JSONPlace.path(place) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let object) = value else { throw mismatch([String: JSONValue].self) }
        return KeyedDecodingContainer(JSONMembers(object, at: place))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw mismatch([JSONValue].self) }
        return JSONElements(elements, at: place)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    fileprivate func mismatch(_ type: any Any.Type) -> DecodingError {
        let context = DecodingError.Context(codingPath: codingPath, debugDescription: "")
        return value == .null ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }
}

extension JSONValueDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { value == .null }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .bool(let truth) = value else { throw mismatch(type) }
        return truth
    }

    func decode(_ type: String.Type) throws -> String {
        guard case .string(let text) = value else { throw mismatch(type) }
        return text
    }

    /// Whole numbers in any notation: `1e3` is one.
    func decode<Number: FixedWidthInteger & Decodable>(_ type: Number.Type) throws -> Number {
        let number: Number? =
            switch value {
            case .integer(let integer): Number(exactly: integer)
            case .unsigned(let integer): Number(exactly: integer)
            case .number(let number): Number(exactly: number)
            default: throw mismatch(type)
            }
        if let number { return number }
        let reason = "the number \(value.serialized()) does not fit in \(type)"
        throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: reason))
    }

    func decode<Number: BinaryFloatingPoint & Decodable>(_ type: Number.Type) throws -> Number {
        switch value {
        case .integer(let integer): Number(integer)
        case .unsigned(let integer): Number(integer)
        case .number(let number): Number(number)
        default: throw mismatch(type)
        }
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: self) }
}

/// The members of an object, by the names of a type.
private struct JSONMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    /// Objects with more members are looked through by a table.
    private static var fewMembers: Int { 32 }

    private let object: JSONObject
    private let table: [String: JSONValue]?
    private let place: JSONPlace?

    init(_ object: JSONObject, at place: JSONPlace?) {
        self.object = object
        self.place = place
        table = object.members.count <= Self.fewMembers ? nil
            : Dictionary(object.members.lazy.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }

    var codingPath: [any CodingKey] { JSONPlace.path(place) }
    var allKeys: [Key] { object.members.compactMap { Key(stringValue: $0.key) } }

    private func value(_ key: Key) -> JSONValue? {
        let name = key.stringValue
        return table.map { $0[name] } ?? object[name]
    }

    private func decoder(_ key: Key) throws -> JSONValueDecoder {
        if let value = value(key) { return JSONValueDecoder(value, key, in: place) }
        throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: ""))
    }

    func contains(_ key: Key) -> Bool { value(key) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try decoder(key).decodeNil() }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try decoder(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try decoder(key).decode(type) }

    func decode<Number: FixedWidthInteger & Decodable>(_ type: Number.Type, forKey key: Key) throws -> Number {
        try decoder(key).decode(type)
    }

    func decode<Number: BinaryFloatingPoint & Decodable>(_ type: Number.Type, forKey key: Key) throws -> Number {
        try decoder(key).decode(type)
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try decoder(key).decode(type) }

    func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type, forKey key: Key) throws -> KeyedDecodingContainer<Inner> {
        try decoder(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { JSONValueDecoder(object["super"] ?? .null, AnyCodingKey("super"), in: place) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }
}

/// The elements of a list, one after the other.
private struct JSONElements: UnkeyedDecodingContainer {
    private let elements: [JSONValue]
    private let place: JSONPlace?
    private(set) var currentIndex = 0

    init(_ elements: [JSONValue], at place: JSONPlace?) {
        self.elements = elements
        self.place = place
    }

    var codingPath: [any CodingKey] { JSONPlace.path(place) }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    private func decoder(_ type: any Any.Type) throws -> JSONValueDecoder {
        let key = JSONIndexKey(currentIndex)
        if !isAtEnd { return JSONValueDecoder(elements[currentIndex], key, in: place) }
        throw DecodingError.valueNotFound(type, .init(codingPath: codingPath + [key], debugDescription: ""))
    }

    private mutating func next<Value>(_ read: (JSONValueDecoder) throws -> Value) throws -> Value {
        let value = try read(decoder(Value.self))
        currentIndex += 1
        return value
    }

    mutating func decodeNil() throws -> Bool {
        guard try decoder(JSONValue.self).decodeNil() else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try next { try $0.decode(type) } }
    mutating func decode(_ type: String.Type) throws -> String { try next { try $0.decode(type) } }

    mutating func decode<Number: FixedWidthInteger & Decodable>(_ type: Number.Type) throws -> Number {
        try next { try $0.decode(type) }
    }

    mutating func decode<Number: BinaryFloatingPoint & Decodable>(_ type: Number.Type) throws -> Number {
        try next { try $0.decode(type) }
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try next { try $0.decode(type) } }

    mutating func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) throws -> KeyedDecodingContainer<Inner> {
        try next { try $0.container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next { try $0.unkeyedContainer() } }
    mutating func superDecoder() throws -> any Decoder { try next { $0 } }
}

/// Makes a document of Swift's values, with the keys of each object in the order of their bytes.
struct JSONValueEncoder: Encoder {
    fileprivate let node: JSONNode
    private let place: JSONPlace?

    init() { self.init(JSONNode(), at: nil) }

    fileprivate init(_ node: JSONNode, at place: JSONPlace?) {
        self.node = node
        self.place = place
    }

    /// What was encoded; nil where nothing was.
    var value: JSONValue? { node.value }

    var codingPath: [any CodingKey] { JSONPlace.path(place) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        node.beginObject()
        return KeyedEncodingContainer(JSONMemberWriter(node, at: place))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.beginArray()
        return JSONElementWriter(node, at: place)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

/// A value that is being made.
private final class JSONNode {
    private enum Content {
        case nothing
        case value(JSONValue)
        case object([(key: String, node: JSONNode)])
        case array([JSONNode])
    }

    private var content = Content.nothing

    init() {}
    init(_ value: JSONValue) { content = .value(value) }

    var value: JSONValue? {
        switch content {
        case .nothing: return nil
        case .value(let value): return value
        case .array(let nodes): return .array(nodes.map { $0.value ?? .object(JSONObject()) })
        case .object(let members):
            // Of what was given twice, the last one counts: the order of equals is that in which they came.
            let sorted = members.enumerated().sorted {
                $0.element.key == $1.element.key ? $0.offset < $1.offset
                    : $0.element.key.utf8.lexicographicallyPrecedes($1.element.key.utf8)
            }
            var unique: [JSONObject.Member] = []
            unique.reserveCapacity(sorted.count)
            for (_, member) in sorted {
                if unique.last?.key == member.key { unique.removeLast() }
                unique.append(.init(member.key, member.node.value ?? .object(JSONObject())))
            }
            return .object(JSONObject(unique: unique))
        }
    }

    var count: Int { if case .array(let nodes) = content { nodes.count } else { 0 } }

    func set(_ value: JSONValue) { content = .value(value) }
    func beginObject() { if case .object = content {} else { content = .object([]) } }
    func beginArray() { if case .array = content {} else { content = .array([]) } }

    func add(_ node: JSONNode, as key: String) {
        guard case .object(var members) = content else { return }
        content = .nothing
        members.append((key, node))
        content = .object(members)
    }

    func add(_ node: JSONNode) {
        guard case .array(var nodes) = content else { return }
        content = .nothing
        nodes.append(node)
        content = .array(nodes)
    }
}

extension JSONValue {
    fileprivate init(_ number: some FixedWidthInteger) {
        self = Int64(exactly: number).map(JSONValue.integer) ?? .unsigned(UInt64(clamping: number))
    }

    fileprivate init(_ number: some BinaryFloatingPoint, at path: [any CodingKey]) throws {
        guard number.isFinite else {
            throw EncodingError.invalidValue(number, .init(codingPath: path, debugDescription: "\(number) is no number in JSON"))
        }
        self = .number(Double(number))
    }
}

extension JSONValueEncoder: SingleValueEncodingContainer {
    func encodeNil() { node.set(.null) }
    func encode(_ value: Bool) { node.set(.bool(value)) }
    func encode(_ value: String) { node.set(.string(value)) }
    func encode<Number: FixedWidthInteger & Encodable>(_ value: Number) { node.set(JSONValue(value)) }
    func encode<Number: BinaryFloatingPoint & Encodable>(_ value: Number) throws { node.set(try JSONValue(value, at: codingPath)) }
    func encode<Value: Encodable>(_ value: Value) throws { try value.encode(to: self) }
}

private struct JSONMemberWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    private let node: JSONNode
    private let place: JSONPlace?

    init(_ node: JSONNode, at place: JSONPlace?) {
        self.node = node
        self.place = place
    }

    var codingPath: [any CodingKey] { JSONPlace.path(place) }

    private func add(_ value: JSONValue, _ key: Key) { node.add(JSONNode(value), as: key.stringValue) }

    private func encoder(_ key: any CodingKey) -> JSONValueEncoder {
        let inner = JSONNode()
        node.add(inner, as: key.stringValue)
        return JSONValueEncoder(inner, at: JSONPlace(key, in: place))
    }

    func encodeNil(forKey key: Key) { add(.null, key) }
    func encode(_ value: Bool, forKey key: Key) { add(.bool(value), key) }
    func encode(_ value: String, forKey key: Key) { add(.string(value), key) }
    func encode<Number: FixedWidthInteger & Encodable>(_ value: Number, forKey key: Key) { add(JSONValue(value), key) }

    func encode<Number: BinaryFloatingPoint & Encodable>(_ value: Number, forKey key: Key) throws {
        add(try JSONValue(value, at: codingPath + [key]), key)
    }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try value.encode(to: encoder(key)) }

    func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type, forKey key: Key) -> KeyedEncodingContainer<Inner> {
        encoder(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { encoder(key).unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder(AnyCodingKey("super")) }
    func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }
}

private struct JSONElementWriter: UnkeyedEncodingContainer {
    private let node: JSONNode
    private let place: JSONPlace?

    init(_ node: JSONNode, at place: JSONPlace?) {
        self.node = node
        self.place = place
    }

    var codingPath: [any CodingKey] { JSONPlace.path(place) }
    var count: Int { node.count }

    private func encoder() -> JSONValueEncoder {
        let key = JSONIndexKey(count)
        let inner = JSONNode()
        node.add(inner)
        return JSONValueEncoder(inner, at: JSONPlace(key, in: place))
    }

    func encodeNil() { node.add(JSONNode(.null)) }
    func encode(_ value: Bool) { node.add(JSONNode(.bool(value))) }
    func encode(_ value: String) { node.add(JSONNode(.string(value))) }
    func encode<Number: FixedWidthInteger & Encodable>(_ value: Number) { node.add(JSONNode(JSONValue(value))) }

    func encode<Number: BinaryFloatingPoint & Encodable>(_ value: Number) throws {
        node.add(JSONNode(try JSONValue(value, at: codingPath + [JSONIndexKey(count)])))
    }

    func encode<Value: Encodable>(_ value: Value) throws { try value.encode(to: encoder()) }

    func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) -> KeyedEncodingContainer<Inner> {
        encoder().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder() }
}

/// Any JSON, with the order of its keys.
public indirect enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// An integer beyond `Int64.max`: masks and limits of the kernel's are such.
    case unsigned(UInt64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// The member of an object, nil for what isn't there or isn't an object.
    public subscript(key: String) -> JSONValue? {
        if case .object(let object) = self { object[key] } else { nil }
    }

    /// The text of a string.
    public var text: String? { if case .string(let text) = self { text } else { nil } }

    /// The elements of an array.
    public var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

    /// Makes one from its parts.
    public init(strings: [String]) { self = .array(strings.map(JSONValue.string)) }
}

/// The members of a JSON object in order.
public struct JSONObject: Sendable, Hashable {
    /// A name and what it stands for.
    public struct Member: Sendable, Hashable {
        /// The name.
        public var key: String
        /// What the document says.
        public var value: JSONValue

        /// Makes one from its parts.
        public init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// The members in order.
    public private(set) var members: [Member] = []

    /// Makes an empty one.
    public init() {}

    /// Members with sorted keys.
    public init(_ texts: [String: String]) {
        members = texts.sorted { $0.key < $1.key }.map { Member($0.key, .string($0.value)) }
    }

    /// Trusts that the keys differ.
    init(unique members: [Member]) { self.members = members }

    /// Whether there is no member.
    public var isEmpty: Bool { members.isEmpty }

    /// The member's value; setting replaces in place or appends, setting nil removes.
    public subscript(key: String) -> JSONValue? {
        get { members.first { $0.key == key }?.value }
        set {
            let index = members.firstIndex { $0.key == key }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key, value))
            case (nil, nil): break
            }
        }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// What the literal says.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        for (key, value) in elements { self[key] = value }
    }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    /// What the literal says.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }

    /// What the literal says.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// What the literal says.
    public init(stringLiteral value: String) { self = .string(value) }
    /// What the literal says.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// What the literal says.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// What the literal says.
    public init(nilLiteral: ()) { self = .null }
}

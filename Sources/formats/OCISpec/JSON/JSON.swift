public import Reporting

/// The one door to the coders of JSON.
public enum JSON {
    /// As much as any document of an image may have.
    public static let defaultLimit = 8 << 20
    /// How deep arrays and objects may be nested.
    public static let maximumDepth = 64

    /// Encodes with sorted keys and without escaped slashes: the same value gives the same bytes each time.
    public static func encode(_ value: some Encodable) throws(JSONError) -> [UInt8] {
        let encoder = JSONValueEncoder()
        do { try value.encode(to: encoder) } catch { throw JSONError(encoding: error) }
        guard let document = encoder.value else { throw JSONError(encoding: "nothing was said") }
        return document.stored
    }

    /// Decodes a document from outside, not longer than `limit` bytes nor nested deeper than `maximumDepth`. Of two equal keys the
    /// last one counts, as with Docker.
    public static func decode<Value: Decodable>(
        _ type: Value.Type,
        from bytes: [UInt8],
        limit: Int = defaultLimit
    ) throws(JSONError) -> Value {
        let document = try JSONValue(parsing: bytes, limit: limit, allowsRepeatedKeys: true)
        do { return try Value(from: JSONValueDecoder(document)) } catch { throw JSONError(decoding: error) }
    }
}

/// Bytes that aren't the JSON that was expected.
public struct JSONError: Failure, Hashable {
    /// What is wrong.
    public var reason: String
    /// Where in the document by names and numbers, `config.Env[2]`; empty at the top.
    public var path: String
    /// Where by bytes, if known.
    public var offset: Int?
    /// What sort of failure it is.
    public var kind: FailureKind

    init(_ reason: String, path: String = "", offset: Int? = nil) {
        self.reason = reason
        self.path = path
        self.offset = offset
        kind = .corrupt
    }

    /// The text that stands for it.
    public var description: String {
        var text = "invalid JSON: "
        if !path.isEmpty { text += "\(path): " }
        text += reason
        if let offset { text += " (at byte \(offset))" }
        return text
    }
}

extension JSONError {
    init(encoding problem: Any) {
        self.init("cannot be encoded: \(problem)")
        kind = .internal
    }

    init(decoding error: any Error) {
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            self.init("\"\(key.stringValue)\" is missing", path: Self.path(context.codingPath))
        case DecodingError.typeMismatch(let type, let context):
            self.init("is not \(Self.name(of: type))", path: Self.path(context.codingPath))
        case DecodingError.valueNotFound(_, let context):
            self.init("is null", path: Self.path(context.codingPath))
        case DecodingError.dataCorrupted(let context):
            self.init(Self.lowered(context.debugDescription), path: Self.path(context.codingPath))
        default: self.init("\(error)")
        }
    }

    /// What JSON calls the values of a type.
    private static func name(of type: any Any.Type) -> String {
        let text = "\(type)"
        switch true {
        case type is String.Type: return "a string"
        case type is Bool.Type: return "true or false"
        case type is any Numeric.Type: return "a number"
        case text.hasPrefix("Array<"): return "a list"
        case text.hasPrefix("Dictionary<"): return "an object"
        default: return "of type \(text)"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
    }

    /// The decoder's sentence in this project's style.
    private static func lowered(_ text: String) -> String {
        let text = text.hasSuffix(".") ? text.dropLast() : text[...]
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}

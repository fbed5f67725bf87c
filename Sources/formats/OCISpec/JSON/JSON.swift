import FoundationEssentials
public import Reporting

/// The one door to the coders of JSON.
public enum JSON {
    /// As much as any document of an image may have.
    public static let defaultLimit = 8 << 20
    /// How deep arrays and objects may be nested.
    public static let maximumDepth = 64

    /// Encodes with sorted keys and without escaped slashes: the same value gives the same bytes each time.
    public static func encode(_ value: some Encodable) throws(JSONError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(value)) } catch { throw JSONError(encoding: error) }
    }

    /// Decodes a document from outside: refuses more than `limit` bytes and deep nesting before it looks closer.
    public static func decode<Value: Decodable>(
        _ type: Value.Type,
        from bytes: [UInt8],
        limit: Int = defaultLimit
    ) throws(JSONError) -> Value {
        guard bytes.count <= limit else {
            throw JSONError("document has \(bytes.count) bytes, more than the limit of \(limit)")
        }
        try requireShallow(bytes)
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch { throw JSONError(decoding: error) }
    }

    /// Brackets outside strings are counted; whether they match is the decoder's business.
    private static func requireShallow(_ bytes: [UInt8]) throws(JSONError) {
        var depth = 0
        var isInString = false
        var isEscaped = false
        for (offset, byte) in bytes.enumerated() {
            if isInString {
                isInString = byte != 0x22 || isEscaped
                isEscaped = byte == 0x5c && !isEscaped
                continue
            }
            switch byte {
            case 0x22: isInString = true
            case 0x5b, 0x7b:
                depth += 1
                if depth > maximumDepth { throw JSONError("nested deeper than \(maximumDepth) levels", offset: offset) }
            case 0x5d, 0x7d: depth -= 1
            default: break
            }
        }
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
    init(encoding error: any Error) {
        self.init("cannot be encoded: \(error)")
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

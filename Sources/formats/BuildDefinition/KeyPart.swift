/// One named part of what makes an operation what it is.
///
/// The parts of an operation in order are its identity: the same parts, the same work. They are kept by name, so that
/// somebody can be told which of them changed.
public struct KeyPart: Hashable, Sendable {
    public var name: String
    public var value: [UInt8]

    public init(_ name: String, _ value: [UInt8]) {
        self.name = name
        self.value = value
    }

    public init(_ name: String, _ value: String) {
        self.init(name, Array(value.utf8))
    }

    /// The value as text, with what isn't text made visible.
    public var text: String { String(decoding: value, as: UTF8.self) }

    /// The parts one after another, each with its lengths, so that no two lists give the same bytes.
    public static func encode(_ parts: [KeyPart]) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in parts {
            let name = Array(part.name.utf8)
            bytes += Array("\(name.count):".utf8) + name + Array("\(part.value.count):".utf8) + part.value
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }
}

/// Collects parts; a part that has its default value isn't written, so that a new option keeps old keys.
struct KeyParts {
    var parts: [KeyPart] = []

    mutating func add(_ name: String, _ value: String) {
        parts.append(KeyPart(name, value))
    }

    mutating func add(_ name: String, _ value: [UInt8]) {
        parts.append(KeyPart(name, value))
    }

    mutating func add(_ name: String, _ value: String?) {
        if let value { add(name, value) }
    }

    mutating func add(_ name: String, flag: Bool) {
        if flag { add(name, "true") }
    }

    mutating func add(_ name: String, each values: [String]) {
        for value in values { add(name, value) }
    }
}

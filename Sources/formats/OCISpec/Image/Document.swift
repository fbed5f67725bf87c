/// A document as it is stored: the bytes are its identity, the value is a view of them.
///
/// What was received is kept and passed on byte for byte, so fields that this program doesn't know survive.
public struct Document<Value: Sendable>: Sendable {
    /// Type, digest and size of the bytes.
    public let descriptor: Descriptor
    /// The document as it is stored.
    public let bytes: [UInt8]
    /// What the document says.
    public let value: Value
}

extension Document where Value: Encodable {
    /// A document of our own making.
    public init(encoding value: Value, mediaType: MediaType) throws(JSONError) {
        self.value = value
        bytes = try JSON.encode(value)
        descriptor = Descriptor(of: bytes, mediaType: mediaType)
    }
}

extension Document where Value: ImageDocument {
    /// A document that was received as `mediaType`. If it names its own type, that must be the same one.
    public init(bytes: [UInt8], mediaType: MediaType) throws(JSONError) {
        value = try JSON.decode(Value.self, from: bytes)
        if let own = value.mediaType, own != mediaType {
            throw JSONError("document says that it is \"\(own)\", but was named as \"\(mediaType)\"")
        }
        self.bytes = bytes
        descriptor = Descriptor(of: bytes, mediaType: mediaType)
    }
}

/// One of the documents that an image is made of.
public protocol ImageDocument: Codable, Sendable {
    /// The type by which the document names itself, where it does.
    var mediaType: MediaType? { get }
}

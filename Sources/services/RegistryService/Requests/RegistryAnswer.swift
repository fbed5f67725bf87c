package import LinuxSystem

/// One field of a head.
package struct HeaderField: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A part of a blob's file, open for reading.
package final class OpenBlob: Sendable {
    package let file: OwnedDescriptor
    package let offset: Int64
    package let count: Int64

    init(_ file: consuming OwnedDescriptor, offset: Int64, count: Int64) {
        self.file = file
        self.offset = offset
        self.count = count
    }
}

/// What a registry answers.
package struct RegistryAnswer: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        case blob(OpenBlob)
    }

    package var status: Int
    /// Without the length of the body.
    package var headers: [HeaderField]
    /// What comes after the head, unless only the head was asked for.
    package var body: Body

    package init(_ status: Int, _ headers: [HeaderField] = [], _ bytes: [UInt8] = []) {
        self.status = status
        self.headers = headers
        body = .bytes(bytes)
    }

    init(_ status: Int, _ headers: [HeaderField], _ blob: OpenBlob) {
        self.status = status
        self.headers = headers
        body = .blob(blob)
    }

    /// How long the body is.
    package var length: Int64 {
        switch body {
        case .bytes(let bytes): Int64(bytes.count)
        case .blob(let blob): blob.count
        }
    }
}

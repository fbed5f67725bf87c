import LinuxSystem
import TarFormat

/// An extended attribute of a file, by name.
struct ExtendedAttribute: Hashable, Sendable {
    var name: PathBytes
    var value: [UInt8]

    /// As an archive has it.
    var entry: TarEntry.XAttr { TarEntry.XAttr(name: name.bytes, value: value) }

    /// Capabilities and user attributes travel with a file; labels and access lists are the machine's own.
    static func belongsInLayer(_ name: PathBytes) -> Bool {
        name == "security.capability" || name.bytes.starts(with: Array("user.".utf8))
    }

    static func layerAttributes(of path: PathBytes, in directory: borrowing Directory) throws -> [ExtendedAttribute] {
        var found: [ExtendedAttribute] = []
        for name in try directory.attributeNames(of: path) where belongsInLayer(name) {
            if let value = try directory.attribute(name, of: path) {
                found.append(ExtendedAttribute(name: name, value: value))
            }
        }
        return found.sorted { $0.name < $1.name }
    }

    /// The same of an open file.
    static func layerAttributes(of file: CInt) throws(SystemError) -> [ExtendedAttribute] {
        guard try ExtendedAttributes.areThere(on: file) else { return [] }
        var found: [ExtendedAttribute] = []
        for name in try ExtendedAttributes.names(of: file) where belongsInLayer(name) {
            if let value = try ExtendedAttributes.value(name, of: file) {
                found.append(ExtendedAttribute(name: name, value: value))
            }
        }
        return found.sorted { $0.name < $1.name }
    }
}

import LinuxSystem
import OCISpec

/// Takes the body of a manifest that is pushed.
final class ManifestReceiver: BodyReceiver {
    private let registry: Registry
    private let name: RepositoryName
    private let reference: ManifestReference
    private let type: String?
    private let bytes = Guarded<[UInt8]>([])

    static let tooLarge = RegistryRefusal(
        413,
        .sizeInvalid,
        "no manifest may be larger than \(ManifestParts.limit) bytes"
    )

    init(_ registry: Registry, _ name: RepositoryName, _ reference: ManifestReference, type: String?) {
        self.registry = registry
        self.name = name
        self.reference = reference
        self.type = type
    }

    func take(_ chunk: Span<UInt8>) throws {
        let fits = bytes.update { bytes -> Bool in
            guard bytes.count + chunk.count <= ManifestParts.limit else { return false }
            chunk.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
            return true
        }
        if !fits { throw Self.tooLarge }
    }

    func finish() throws -> RegistryAnswer {
        let bytes = bytes.update { $0 }
        return try registry.push(bytes, mediaType(of: bytes), name, reference)
    }

    func abandon() {}

    /// What the head says, else what the document says of itself.
    private func mediaType(of bytes: [UInt8]) throws(RegistryRefusal) -> MediaType {
        let named = type.map(MediaType.init(rawValue:))
        if let named, [.manifest, .index].contains(named.role) { return named }
        let own = (try? JSONValue(parsing: bytes, limit: ManifestParts.limit))?["mediaType"]?.text
        guard named == nil || type == "application/json", let own else {
            throw RegistryRefusal(
                400,
                .manifestInvalid,
                "manifests of type \"\(type?.prefix(200) ?? "")\" are not supported"
            )
        }
        let stated = MediaType(rawValue: own)
        guard [.manifest, .index].contains(stated.role) else {
            throw RegistryRefusal(400, .manifestInvalid, "manifests of type \"\(own.prefix(200))\" are not supported")
        }
        return stated
    }
}

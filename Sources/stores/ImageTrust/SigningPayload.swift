package import OCISpec
package import Reporting

/// What is signed of an image: which manifest, and under which name. The form is "simple signing", as cosign writes it.
package struct SigningPayload: Sendable, Hashable {
    /// As much as a payload may have; real ones have 300 bytes.
    package static let sizeLimit = 64 << 10
    private static let type = "cosign container image signature"

    /// The manifest or index that was signed.
    package var digest: Digest
    /// The name it was signed under, with the tag where one was signed.
    package var identity: ImageReference
    /// The program that signed; a claim.
    package var creator: String?
    /// Seconds since 1970; a claim.
    package var timestamp: Int64?

    package init(digest: Digest, identity: ImageReference, creator: String? = nil, timestamp: Int64? = nil) {
        self.digest = digest
        self.identity = identity
        self.creator = creator
        self.timestamp = timestamp
    }

    /// Reads a payload whose signature has been checked. What is critical must be known.
    package init(parsing bytes: [UInt8]) throws(PayloadError) {
        let document: JSONValue
        do { document = try JSONValue(parsing: bytes, limit: Self.sizeLimit) } catch {
            throw PayloadError(error.description)
        }
        _ = try Self.members(document, "the payload", exactly: ["critical"], also: ["optional"])
        let critical = try Self.members(document["critical"], "critical", exactly: ["identity", "image", "type"])
        guard critical["type"]?.text == Self.type else { throw PayloadError("\"type\" is not \"\(Self.type)\"") }
        let image = try Self.members(critical["image"], "image", exactly: ["docker-manifest-digest"])
        let identity = try Self.members(critical["identity"], "identity", exactly: ["docker-reference"])
        do { digest = try Digest(image["docker-manifest-digest"]?.text ?? "") } catch {
            throw PayloadError(error.description)
        }
        let name = identity["docker-reference"]?.text ?? ""
        do { self.identity = try ImageReference(name) } catch {
            throw PayloadError("\"docker-reference\" \(JSONValue.string(name).serialized()): \(error)")
        }
        if let signed = self.identity.digest, signed != digest {
            throw PayloadError("\"docker-reference\" names another digest")
        }
        creator = document["optional"]?["creator"]?.text
        if case .integer(let seconds)? = document["optional"]?["timestamp"] { timestamp = seconds }
    }

    /// The bytes that are signed.
    package var bytes: [UInt8] {
        var optional = JSONObject()
        optional["creator"] = creator.map { .string($0) }
        optional["timestamp"] = timestamp.map { .integer($0) }
        let document: JSONValue = [
            "critical": [
                "identity": ["docker-reference": .string(identity.canonical)],
                "image": ["docker-manifest-digest": .string(digest.description)],
                "type": .string(Self.type),
            ],
            "optional": .object(optional),
        ]
        return Array(document.serialized().utf8)
    }

    private static func members(
        _ value: JSONValue?,
        _ place: String,
        exactly needed: Set<String>,
        also known: Set<String> = []
    ) throws(PayloadError) -> JSONObject {
        guard case .object(let object)? = value else { throw PayloadError("\(place) is not an object") }
        let names = Set(object.members.map(\.key))
        guard names.isSuperset(of: needed), names.isSubset(of: needed.union(known)) else {
            throw PayloadError("\(place) has not the members that it should have")
        }
        return object
    }
}

/// Bytes that aren't the payload of a signature.
package struct PayloadError: Failure, Hashable {
    package var detail: String
    package var kind: FailureKind { .corrupt }
    package var description: String { "invalid signature payload: \(detail)" }

    init(_ detail: String) { self.detail = detail }
}

import OCISpec
package import Reporting

/// What a registry answers where it doesn't do what it is asked: a code of the distribution specification, and words.
package struct RegistryRefusal: Failure, Hashable {
    /// The specification's codes.
    package enum Code: String, Sendable {
        case blobUnknown = "BLOB_UNKNOWN"
        case blobUploadInvalid = "BLOB_UPLOAD_INVALID"
        case blobUploadUnknown = "BLOB_UPLOAD_UNKNOWN"
        case digestInvalid = "DIGEST_INVALID"
        case manifestBlobUnknown = "MANIFEST_BLOB_UNKNOWN"
        case manifestInvalid = "MANIFEST_INVALID"
        case manifestUnknown = "MANIFEST_UNKNOWN"
        case nameInvalid = "NAME_INVALID"
        case nameUnknown = "NAME_UNKNOWN"
        case sizeInvalid = "SIZE_INVALID"
        case tagInvalid = "TAG_INVALID"
        case numberInvalid = "PAGINATION_NUMBER_INVALID"
        case rangeInvalid = "RANGE_INVALID"
        case unauthorized = "UNAUTHORIZED"
        case denied = "DENIED"
        case unsupported = "UNSUPPORTED"
        case tooManyRequests = "TOOMANYREQUESTS"
        case unavailable = "UNAVAILABLE"
        case unknown = "UNKNOWN"
    }

    package var status: Int
    package var code: Code
    package var message: String
    /// What the answer has besides the body.
    package var headers: [HeaderField]

    package init(_ status: Int, _ code: Code, _ message: String, headers: [HeaderField] = []) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
    }

    package var kind: FailureKind {
        switch status {
        case 401: .unauthenticated
        case 403: .forbidden
        case 404: .notFound
        case 409: .conflict
        case 500: .internal
        case 503, 507: .unavailable
        default: .invalidArgument
        }
    }

    package var description: String { message }

    /// The refusal as the answer that it is.
    package var answer: RegistryAnswer {
        let error: JSONObject = ["code": .string(code.rawValue), "message": .string(message)]
        let body: JSONObject = ["errors": .array([.object(error)])]
        let bytes = Array(JSONValue.object(body).serialized().utf8)
        return RegistryAnswer(status, headers + [HeaderField("Content-Type", "application/json")], bytes)
    }

    /// What went wrong inside, as far as others may know of it.
    package init(_ error: any Error) {
        if let refusal = error as? RegistryRefusal {
            self = refusal
            return
        }
        switch (error as? any Failure)?.kind {
        case .exhausted: self.init(507, .unavailable, "the registry has no room")
        case .unavailable: self.init(503, .unavailable, "try again later")
        case .forbidden: self.init(403, .denied, (error as? any Failure)?.description ?? "refused")
        default: self.init(500, .unknown, "the registry has failed")
        }
    }
}

extension RegistryRefusal {
    static func nameUnknown(_ name: RepositoryName) -> RegistryRefusal {
        RegistryRefusal(404, .nameUnknown, "repository \(name.text) is not known")
    }

    static func manifestUnknown(_ reference: String) -> RegistryRefusal {
        RegistryRefusal(404, .manifestUnknown, "manifest \(reference) is not known")
    }

    static func blobUnknown(_ digest: Digest) -> RegistryRefusal {
        RegistryRefusal(404, .blobUnknown, "blob \(digest) is not known to the repository")
    }

    static let uploadUnknown = RegistryRefusal(404, .blobUploadUnknown, "the upload is not known, or has ended")
}

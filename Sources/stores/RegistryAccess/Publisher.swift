package import ByteStreams
package import OCISpec

/// Who stands behind a repository, as Docker Hub says it.
package enum Publisher: String, Sendable, Hashable, CaseIterable {
    /// One of Docker's official images: everything below `docker.io/library`.
    case official
    /// A company that Docker has verified.
    case verified
    /// An open source project that Docker sponsors.
    case sponsored
    /// Anybody.
    case none

    /// What the name alone says: the official images; nil where Docker Hub would have to be asked.
    ///
    /// On other registries nobody says anything about publishers.
    package init?(byNameOf image: ImageReference) {
        guard image.domain == "docker.io" else {
            self = .none
            return
        }
        guard image.path.hasPrefix("library/") else { return nil }
        self = .official
    }

    /// Reads Docker Hub's answer about a namespace.
    package init?(hubAnswer bytes: [UInt8]) {
        guard let document = try? JSONValue(parsing: bytes), case .object = document else { return nil }
        self =
            switch document["badge"]?.text {
            case "official": .official
            case "verified_publisher": .verified
            case "open_source": .sponsored
            default: .none
            }
    }
}

/// Asks Docker Hub about publishers; it needs no account for that.
package struct PublisherDirectory: Sendable {
    private let transport: any HTTPTransport

    package init(transport: any HTTPTransport) { self.transport = transport }

    /// Who publishes an image; nil where nobody could be asked, which is no reason for anything to fail.
    package func publisher(of image: ImageReference, cancellation: Cancellation? = nil) -> Publisher? {
        if let known = Publisher(byNameOf: image) { return known }
        let namespace = image.path.prefix { $0 != "/" }
        let request = HTTPRequest(
            "https://hub.docker.com/v2/orgs/\(namespace)/",
            headers: [HTTPHeader("Accept", "application/json")],
            cancellation: cancellation
        )
        guard let response = try? transport.get(request), let bytes = try? response.body.readAll(limit: 256 << 10) else {
            return nil
        }
        return Publisher(hubAnswer: bytes)
    }
}

import ByteStreams
package import OCISpec

extension RemoteRepository {
    /// What is understood; the order says what is wanted most.
    package static let manifestTypes: [MediaType] = [
        .ociIndex, .dockerManifestList, .ociManifest, .dockerManifest,
    ]
    /// The first schema of Docker's manifests, which nothing should still have.
    private static let firstSchema: Set<String> = [
        "application/vnd.docker.distribution.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v1+prettyjws", "application/json",
    ]
    /// No manifest is larger: what registries take at most.
    package static let manifestLimit = 4 << 20

    /// The digest, size and type that a name stands for now; nothing is fetched where the registry says them in a head.
    package func resolve(_ target: ManifestTarget) throws(RegistryError) -> Descriptor {
        try reading { (place) throws(RegistryError) in
            var call = call(.head, place, "manifests/\(target)", subject: subject(target))
            call.headers = Self.accepting
            let response = try place.connection.send(call)
            guard response.status == 200, let descriptor = try described(response, target) else {
                // Some registries don't know HEAD, or say nothing in it; GET tells what is wrong, too.
                return try manifest(target, at: place).descriptor
            }
            return descriptor
        }
    }

    /// The manifest or index itself, compared with the digest that was asked for or that the registry says.
    package func manifest(_ target: ManifestTarget) throws(RegistryError) -> RemoteManifest {
        try reading { (place) throws(RegistryError) in try manifest(target, at: place) }
    }

    private func manifest(_ target: ManifestTarget, at place: RepositoryPlace) throws(RegistryError) -> RemoteManifest {
        let subject = subject(target)
        var call = call(.get, place, "manifests/\(target)", subject: subject)
        call.headers = Self.accepting
        let response = try place.connection.send(call)
        try require([200], response, subject)
        let bytes = try RegistryAnswer.bytes(response, limit: Self.manifestLimit, subject)
        let type = try type(of: response, bytes, subject)
        let descriptor = Descriptor(of: bytes, mediaType: type)
        let promised: Digest?
        if case .digest(let digest) = target { promised = digest } else { promised = try digest(response, subject) }
        if let promised { try require(promised, of: bytes, descriptor, subject) }
        return RemoteManifest(descriptor: descriptor, bytes: bytes)
    }

    private func require(
        _ promised: Digest,
        of bytes: [UInt8],
        _ descriptor: Descriptor,
        _ subject: String
    ) throws(RegistryError) {
        guard promised.algorithm == "sha256" else {
            throw RegistryError(.unsupported("digests of \(promised.algorithm) are not supported"), subject)
        }
        guard promised == descriptor.digest else {
            throw RegistryError(
                .content("manifest verification failed: its digest is \(descriptor.digest), expected \(promised)"),
                subject
            )
        }
    }

    /// How the user knows what is asked for.
    private func subject(_ target: ManifestTarget) -> String {
        switch target {
        case .tag(let tag): "\(reference.familiarName):\(tag)"
        case .digest(let digest): "\(reference.familiarName)@\(digest)"
        }
    }

    private static let accepting = [
        HTTPHeader("Accept", (manifestTypes.map(\.rawValue) + ["application/vnd.oci.artifact.manifest.v1+json"])
            .joined(separator: ", "))
    ]

    /// Digest, size and type by an answer's head; nil where it doesn't say them all.
    private func described(_ response: HTTPResponse, _ target: ManifestTarget) throws(RegistryError) -> Descriptor? {
        let subject = subject(target)
        guard let type = response.header("content-type"), let size = response.contentLength, size >= 0,
            size <= Int64(Self.manifestLimit), let digest = try digest(response, subject)
        else { return nil }
        let mediaType = MediaType(rawValue: Self.bare(type))
        guard Self.manifestTypes.contains(mediaType) else { return nil }
        if case .digest(let asked) = target, asked != digest {
            throw RegistryError(.content("the registry answers with \(digest) where \(asked) was asked for"), subject)
        }
        return Descriptor(mediaType: mediaType, digest: digest, size: size)
    }

    private func digest(_ response: HTTPResponse, _ subject: String) throws(RegistryError) -> Digest? {
        guard let text = response.header("docker-content-digest") else { return nil }
        do throws(DigestError) { return try Digest(text) } catch {
            throw RegistryError(.protocolError("its digest \"\(text.prefix(100))\" is none"), subject)
        }
    }

    /// What the answer says that it is; where it says nothing useful, what the document says.
    private func type(of response: HTTPResponse, _ bytes: [UInt8], _ subject: String) throws(RegistryError) -> MediaType {
        let said = Self.bare(response.header("content-type") ?? "")
        if Self.manifestTypes.contains(MediaType(rawValue: said)) { return MediaType(rawValue: said) }
        let own = (try? JSON.decode(SelfDescription.self, from: bytes, limit: Self.manifestLimit))
        if let type = own?.mediaType, Self.manifestTypes.contains(MediaType(rawValue: type)) {
            return MediaType(rawValue: type)
        }
        if own?.schemaVersion == 1 || Self.firstSchema.contains(said), own?.schemaVersion != 2 {
            throw RegistryError(
                .unsupported("its manifest has Docker's schema 1, which is deprecated and not supported"),
                subject
            )
        }
        throw RegistryError(.unsupported("its manifest has the unknown type \"\(said.prefix(100))\""), subject)
    }

    /// A media type without its parameters.
    private static func bare(_ type: String) -> String {
        String(type.prefix { $0 != ";" }.filter { !$0.isWhitespace })
    }

    private struct SelfDescription: Codable, Sendable {
        var mediaType: String?
        var schemaVersion: Int?
    }

    // MARK: - Writing

    /// Stores a manifest or index under a tag or its digest; every blob and manifest that it names must be there.
    package func put(
        _ manifest: [UInt8],
        type: MediaType,
        as target: ManifestTarget
    ) throws(RegistryError) -> ManifestReceipt {
        let subject = subject(target)
        var call = call(.put, home, "manifests/\(target)", isWritten: true, subject: subject)
        call.headers = [HTTPHeader("Content-Type", type.rawValue)]
        call.body = HTTPBody(manifest)
        let response = try home.connection.send(call)
        try require([201, 200, 202], response, subject)
        let own = Digest.of(manifest)
        if let digest = try digest(response, subject), digest != own {
            throw RegistryError(.content("the registry stored \(digest) where \(own) was sent"), subject)
        }
        return ManifestReceipt(digest: own, knowsReferrers: response.header("oci-subject") != nil)
    }

    /// Removes a manifest, or a tag where the registry can.
    package func delete(_ target: ManifestTarget) throws(RegistryError) {
        let call = call(.delete, home, "manifests/\(target)", isWritten: true, subject: subject(target))
        try require([200, 202], home.connection.send(call), subject(target))
    }
}

/// What a registry said when it took a manifest.
package struct ManifestReceipt: Sendable {
    package var digest: Digest
    /// Whether the registry itself lists the manifest among those that refer to its subject.
    package var knowsReferrers: Bool
}

package import ByteStreams
import MetadataStorage
package import OCISpec
package import RegistryAccess
package import Reporting

extension ImageCatalog {
    /// Starts a manifest list, or adds to one: `names` are images at registries, or places of other kinds.
    ///
    /// An image for several platforms adds all its manifests.
    package func createManifestList(
        _ list: ImageReference,
        of names: [String],
        amending: Bool,
        registries: () throws -> Registries
    ) throws -> ManifestList {
        let before = try manifestList(list)
        if before != nil, !amending {
            throw PlainFailure(.conflict, "refusing to amend an existing manifest list with no --amend flag")
        }
        var draft = before ?? ManifestList()
        for name in names { for entry in try manifests(name, registries) { draft.add(entry) } }
        try set(draft, list)
        return draft
    }

    /// The list of that name; nil where there is none.
    package func manifestList(_ list: ImageReference) throws -> ManifestList? {
        guard let bytes = try metadata.manifestLists.document(list.withDefaultTag.canonical) else { return nil }
        return try JSON.decode(ManifestList.self, from: bytes)
    }

    /// Changes what a list says of one of its manifests.
    package func annotate(_ list: ImageReference, _ name: String, _ annotation: ManifestAnnotation) throws {
        var draft = try required(list)
        try draft.annotate(name, annotation, in: list.familiar)
        try set(draft, list)
    }

    /// Forgets a list that was put together here; nothing at any registry changes.
    package func removeManifestList(_ list: ImageReference) throws {
        guard try metadata.manifestLists.delete(list.withDefaultTag.canonical) else { throw Self.noManifest(list) }
    }

    /// Pushes a list: first what it names and the registry hasn't, then the list under its name.
    package func pushManifestList(
        _ list: ImageReference,
        purging: Bool,
        cancellation: Cancellation,
        registries: () throws -> Registries,
        progress: @escaping ProgressSink
    ) throws -> Digest {
        let draft = try required(list)
        let repository = try registries().repository(list)
        for entry in draft.entries {
            var request = CopyRequest(from: try ImagePlace(entry.place), to: .registry(list))
            request.cancellation = cancellation
            try withSource(request, registries) { source in
                let plan = try CopyPlan(source, [entry.descriptor])
                var destination = RepositoryDestination(repository: repository, target: .digest(entry.descriptor.digest))
                if case .registry(let other) = request.source, other.path != list.path, other.domain == list.domain {
                    destination.mountsFrom = other.path
                }
                try destination.take(plan, from: source, CopyTransfer(cancellation: cancellation, progress: progress))
            }
        }
        let document = try draft.document()
        _ = try repository.put(document.bytes, type: document.descriptor.mediaType, as: list.withDefaultTag.target)
        if purging { try removeManifestList(list) }
        return document.descriptor.digest
    }

    /// A manifest or index with what it belongs to: of a list that was put together here, else of a registry.
    package func remoteManifest(
        _ name: String,
        registries: () throws -> Registries
    ) throws -> (descriptor: Descriptor, bytes: [UInt8]) {
        if let list = try? ImageReference(name), let draft = try manifestList(list) {
            let document = try draft.document()
            return (document.descriptor, document.bytes)
        }
        let request = try CopyRequest(from: Self.place(name), to: Self.place(name))
        return try withSource(request, registries) { source in
            guard let root = try source.roots().first else { throw PlainFailure(.notFound, "no such manifest: \(name)") }
            return (root, try source.document(root))
        }
    }

    /// The manifest of an entry, compared with its digest.
    package func manifest(_ entry: ManifestList.Entry, registries: () throws -> Registries) throws -> [UInt8] {
        let place = try ImagePlace(entry.place)
        return try withSource(CopyRequest(from: place, to: place), registries) { source in
            try CopyPlan(source, [entry.descriptor]).documents.last?.bytes ?? []
        }
    }

    /// The manifests that a name stands for, each with the platform of its config.
    package func manifests(_ name: String, _ registries: () throws -> Registries) throws -> [ManifestList.Entry] {
        let place = try Self.place(name)
        let request = CopyRequest(from: place, to: place)
        do {
            return try withSource(request, registries) { source in
                try CopyPlan(source, platform: nil).documents.filter { $0.descriptor.mediaType.role == .manifest }.map {
                    var descriptor = $0.descriptor
                    descriptor.annotations = nil
                    if descriptor.platform == nil { descriptor.platform = try Self.platform($0, source) }
                    return ManifestList.Entry(name: name, place: place.description, descriptor: descriptor)
                }
            }
        } catch let error as RegistryError where error.kind == .notFound {
            throw PlainFailure(.notFound, "no such manifest: \(name)")
        }
    }

    private static func platform(_ entry: CopyPlan.Entry, _ source: any CopySource) throws -> Platform? {
        let manifest = try Document<ImageManifest>(bytes: entry.bytes, mediaType: entry.descriptor.mediaType).value
        guard manifest.config.mediaType.role == .config else { return nil }
        let bytes = try manifest.config.verifying(source.open(manifest.config, from: 0)).readAll(limit: JSON.defaultLimit)
        return try Document<ImageConfig>(bytes: bytes, mediaType: manifest.config.mediaType).value.platform
    }

    /// A bare name is an image at a registry.
    private static func place(_ name: String) throws -> ImagePlace {
        do { return try ImagePlace(name) } catch let failure as PlainFailure where failure.kind == .invalidArgument {
            return .registry(try ImageReference(name).withDefaultTag)
        }
    }

    private func set(_ draft: ManifestList, _ list: ImageReference) throws {
        try metadata.transaction { try metadata.manifestLists.set(list.withDefaultTag.canonical, JSON.encode(draft)) }
    }

    private func required(_ list: ImageReference) throws -> ManifestList {
        guard let draft = try manifestList(list) else { throw Self.noManifest(list) }
        return draft
    }

    private static func noManifest(_ list: ImageReference) -> PlainFailure {
        PlainFailure(.notFound, "No such manifest: \(list.familiar)", hint: "`socle manifest create` starts a list")
    }
}

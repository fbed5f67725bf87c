package import ByteStreams
import ContentStorage
import ImageTrust
package import OCISpec
package import RegistryAccess
package import Reporting
import SnapshotStorage
package import SystemPackage

extension ImageCatalog {
    /// Copies between registries, layouts and archives, and from the store to them: manifests byte for byte, each blob once.
    ///
    /// - Parameter registries: the way to them, asked when one is wanted.
    /// - Returns: what is at the destination now: an index or a manifest.
    package func copy(
        _ request: CopyRequest,
        registries: () throws -> Registries,
        progress: @escaping ProgressSink
    ) throws -> Descriptor {
        try withSource(request, registries) { source in
            let plan = try CopyPlan(source, platform: request.platform)
            guard let root = plan.roots.first else { throw PlainFailure(.notFound, "\(request.source) has no image") }
            try deliver(plan, from: source, request, registries, progress)
            return root
        }
    }

    private func deliver(
        _ plan: CopyPlan,
        from source: any CopySource,
        _ request: CopyRequest,
        _ registries: () throws -> Registries,
        _ progress: @escaping ProgressSink
    ) throws {
        let transfer = CopyTransfer(cancellation: request.cancellation, progress: progress)
        switch request.destination {
        case .registry(let reference):
            let repository = try registries().repository(reference)
            var destination = RepositoryDestination(repository: repository, target: reference.target)
            if case .registry(let other) = request.source, other.path != reference.path,
                try registries().repository(other).sharesRegistry(with: repository)
            {
                destination.mountsFrom = other.path
            }
            try destination.take(plan, from: source, transfer)
        case .layout(let path, let entry):
            try LayoutDestination(writer: LayoutWriter(path), name: Self.name(entry)).take(plan, from: source, transfer)
        case .layoutArchive(let path, let entry):
            let name = try Self.name(entry)
            try OutputFile(path, mode: 0o644).write {
                try LayoutArchiveDestination(sink: $0, name: name).take(plan, from: source, transfer)
            }
        case .store, .dockerArchive, .dockerDaemon:
            throw PlainFailure(.internal, "\(request.destination) keeps no manifests")
        }
    }

    /// Runs `body` with the place that an image comes from, while nobody removes what is there.
    func withSource<Result>(
        _ request: CopyRequest,
        _ registries: () throws -> Registries,
        _ body: (any CopySource) throws -> Result
    ) throws -> Result {
        guard case .store(let name) = request.source else { return try body(source(request, registries)) }
        return try holding {
            var image = try assembled(find(name).row)
            image.names = []
            return [image]
        } _: { images in
            try leasing { content in
                try body(StoredSource(images[0], form: request.form, forces: request.forcesForm, in: self, content))
            }
        }
    }

    /// An image of a layout or of an archive with one, as a stream that `load` takes.
    package func layoutStream(_ request: CopyRequest) throws -> any ByteSource {
        try stream(source(request) { throw PlainFailure(.internal, "no registry is asked") }, request)
    }

    /// All images of a layout in a folder, as a stream that `load` takes.
    package func layoutStream(folder path: FilePath) throws -> any ByteSource {
        let place = ImagePlace.layout(path, nil)
        return try stream(LayoutSource(folder: LayoutFolder(path), choice: .all), CopyRequest(from: place, to: place))
    }

    private func stream(_ source: any CopySource, _ request: CopyRequest) throws -> any ByteSource {
        let plan = try CopyPlan(source, platform: request.platform)
        let transfer = CopyTransfer(cancellation: request.cancellation) { _ in }
        return try WrittenSource { sink in
            try LayoutArchiveDestination(sink: sink, name: nil).take(plan, from: source, transfer)
        }
    }

    private func source(_ request: CopyRequest, _ registries: () throws -> Registries) throws -> any CopySource {
        switch request.source {
        case .registry(let reference):
            var repository = try registries().repository(reference)
            repository.cancellation = request.cancellation
            _ = try verify(reference, platform: request.platform, by: nil, at: repository)
            return RepositorySource(repository: repository, target: reference.target)
        case .layout(let path, let entry):
            return LayoutSource(folder: LayoutFolder(path), choice: .one(entry))
        case .layoutArchive(let path, let entry):
            return try LayoutArchiveSource(path, entry, temporary: snapshots.root.appending("tmp"))
        case .store, .dockerArchive, .dockerDaemon:
            throw PlainFailure(.internal, "\(request.source) has no manifests")
        }
    }

    /// What an image is to be called in a layout.
    private static func name(_ entry: LayoutEntry?) throws -> String? {
        switch entry {
        case nil: return nil
        case .name(let name): return name
        case .digest: throw PlainFailure(.invalidArgument, "a layout gives digests by itself: name the image, or leave it out")
        }
    }
}

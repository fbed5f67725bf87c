import ByteStreams
package import ImageManagement
import LinuxSystem
package import OCISpec
import RegistryAccess
package import Reporting
import SnapshotStorage
package import SystemPackage

extension Engine {
    /// `copy`: an image from any place to any other.
    ///
    /// Between places that keep manifests, they go byte for byte. Docker's archives and its daemon have none: an image that
    /// comes from there or goes there passes through a store, the user's own or one that is gone when the copy is done.
    ///
    /// - Returns: the digest of what is at the destination now: of an index or manifest, or an image's ID where the destination
    ///   has no manifests.
    package func copy(
        _ request: CopyRequest,
        environment: (String) -> String?,
        progress: @escaping ProgressSink
    ) throws -> Digest {
        try snapshots.sweepTemporary()
        if request.isDirect {
            return try images.copy(request, registries: registries, progress: progress).digest
        }
        let daemon = { [transport] in try DockerDaemon(host: environment("DOCKER_HOST"), transport: transport) }
        if case .store(let name) = request.destination {
            let reference = try ImageReference.forTagging(name)
            try ImageReference.requireNotReserved(reference)
            return try take(request, as: reference, daemon, progress)
        }
        if case .store(let name) = request.source { return try give(name, request, daemon, progress) }
        return try passing(request, daemon, progress)
    }

    /// By way of a store of its own.
    private func passing(
        _ request: CopyRequest,
        _ daemon: () throws -> DockerDaemon,
        _ progress: @escaping ProgressSink
    ) throws -> Digest {
        let folder = try TemporaryFolder(in: root.appending("tmp"), kind: .store)
        let passage = try Engine(root: folder.path, transport: transport) { [self] _ in try registries() }
        let name = try request.source.ownName ?? ImageReference.forTagging("copy:copy")
        _ = try passage.take(request, as: name, daemon, progress)
        var second = request
        second.source = .store(name.familiar)
        if second.isDirect { return try passage.images.copy(second, registries: registries, progress: progress).digest }
        return try passage.give(name.familiar, second, daemon, progress)
    }

    /// Brings an image into this store.
    private func take(
        _ request: CopyRequest,
        as name: ImageReference,
        _ daemon: () throws -> DockerDaemon,
        _ progress: @escaping ProgressSink
    ) throws -> Digest {
        let archive: any ByteSource
        var selection = LoadSelection(as: name)
        switch request.source {
        case .registry(let reference):
            var order = PullRequest(reference, platform: request.platform)
            order.names = [name.withDefaultTag]
            order.cancellation = request.cancellation
            return try images.pull(order, from: registries().repository(reference), progress: progress).image.id
        case .layout, .layoutArchive: archive = try images.layoutStream(request)
        case .dockerArchive(let path, let wanted):
            selection = LoadSelection(wanted, as: name)
            archive = FileSource(try HostPath.openForReading(path), subject: path.string)
        case .dockerDaemon(let image): archive = try daemon().save(image)
        case .store(let image):
            try images.tag(images.resolve(image), as: name)
            return try images.resolve(image).id
        }
        let loaded = try images.load(from: archive, selecting: selection, progress: progress)
        guard let image = loaded.first else { throw PlainFailure(.notFound, "\(request.source) has no image") }
        return image.id
    }

    /// Brings an image of this store to a place of Docker's.
    private func give(
        _ name: String,
        _ request: CopyRequest,
        _ daemon: () throws -> DockerDaemon,
        _ progress: @escaping ProgressSink
    ) throws -> Digest {
        let image = try images.resolve(name)
        switch request.destination {
        case .dockerArchive(let path, let newName):
            try OutputFile(path, mode: 0o644).write { try images.save(name, as: newName ?? request.source.ownName, to: $0) }
        case .dockerDaemon(let newName):
            let newName = try ImageReference.forTagging(newName)
            let said = try daemon().load { [images] () throws(StreamError) in
                try WrittenSource { try images.save(name, as: newName, to: $0) }
            }
            for line in said { progress(.note(String(line.drop { $0 == "\n" }.prefix { $0 != "\n" }))) }
        default: throw PlainFailure(.internal, "\(request.destination) keeps manifests")
        }
        return image.id
    }

    /// `load` of a folder: all images of an OCI layout.
    package func load(folder: FilePath, progress: @escaping ProgressSink) throws -> [LoadedImage] {
        try snapshots.sweepTemporary()
        return try images.load(from: images.layoutStream(folder: folder), progress: progress)
    }

    /// `save` as an OCI layout in a folder.
    package func save(_ names: [String], toLayout folder: FilePath) throws {
        try images.save(names, toLayout: folder)
    }

    /// `image inspect --raw`: the manifest or index itself.
    package func rawManifest(_ name: String) throws -> [UInt8] { try images.rawManifest(name) }
}

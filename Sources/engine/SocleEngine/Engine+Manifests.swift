package import ByteStreams
package import ImageManagement
package import OCISpec
import RegistryAccess
package import Reporting

extension Engine {
    /// `manifest create`
    package func createManifestList(
        _ list: ImageReference,
        of names: [String],
        amending: Bool
    ) throws -> ManifestList {
        try ImageReference.requireNotReserved(list)
        return try images.createManifestList(list, of: names, amending: amending, registries: registries)
    }

    /// `manifest annotate`
    package func annotate(_ list: ImageReference, _ name: String, _ annotation: ManifestAnnotation) throws {
        try images.annotate(list, name, annotation)
    }

    /// `manifest push`: the list's digest.
    package func pushManifestList(
        _ list: ImageReference,
        purging: Bool,
        cancellation: Cancellation,
        progress: @escaping ProgressSink
    ) throws -> Digest {
        try images.pushManifestList(
            list,
            purging: purging,
            cancellation: cancellation,
            registries: registries,
            progress: progress
        )
    }

    /// `manifest rm`
    package func removeManifestList(_ list: ImageReference) throws { try images.removeManifestList(list) }

    /// `manifest inspect`: the document that a name stands for.
    package func remoteManifest(_ name: String) throws -> (descriptor: Descriptor, bytes: [UInt8]) {
        try images.remoteManifest(name, registries: registries)
    }

    /// The manifest of an entry.
    package func manifest(_ entry: ManifestList.Entry) throws -> [UInt8] {
        try images.manifest(entry, registries: registries)
    }

    /// The entry of a list that was put together here.
    package func listed(_ list: String, _ name: String) throws -> ManifestList.Entry {
        let reference = try ImageReference.forTagging(list)
        let draft = try images.manifestList(reference)
        guard let entry = draft?.entries.first(where: { $0.name == name }) else {
            throw PlainFailure(.notFound, "No such manifest: \(name) in \(list)")
        }
        return entry
    }

    /// All manifests that a name stands for.
    package func manifestEntries(_ name: String) throws -> [ManifestList.Entry] {
        if let list = try? ImageReference(name), let draft = try images.manifestList(list) { return draft.entries }
        return try images.manifests(name, registries)
    }
}

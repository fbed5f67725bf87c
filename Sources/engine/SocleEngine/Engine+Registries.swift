package import ImageManagement
package import OCISpec
import RegistryAccess
package import Reporting
import SnapshotStorage

/// When an image is asked for at a registry.
package enum PullPolicy: String, Sendable, CaseIterable {
    /// Where the store has none.
    case missing
    case never
    /// Also where the store has one.
    case always
}

extension Engine {
    /// `pull` of one name.
    package func pull(_ request: PullRequest, progress: @escaping ProgressSink) throws -> PulledImage {
        try ImageReference.requireNotReserved(request.reference)
        try snapshots.sweepTemporary()
        return try images.pull(request, from: registries().repository(request.reference), progress: progress)
    }

    /// All tags that a repository has, in the registry's order.
    package func remoteTags(_ reference: ImageReference) throws -> [String] {
        try ImageReference.requireNotReserved(reference)
        return try registries().repository(reference).tags()
    }
}

import ByteStreams
import ImageManagement
import OCISpec
import RegistryAccess
import Reporting

/// Brings in an image that a build stands on, and tells of it as one step of the build.
struct BasePull {
    let images: ImageCatalog
    let registries: @Sendable () throws -> Registries
    let cancellation: Cancellation
    let progress: ProgressSink

    /// Fetches what the platform needs; nothing is unpacked, since not every build mounts its base.
    ///
    /// - Parameter number: counts the bases of the build.
    func pull(_ reference: ImageReference, platform: Platform, number: Int) throws {
        var request = PullRequest(reference, platform: platform)
        request.cancellation = cancellation
        let step = InternalStep.pull(number, reference.withDefaultTag.canonical)
        try step.run(progress) {
            let repository = try registries().repository(reference)
            _ = try images.pull(request, from: repository, progress: LayerParts.sink(for: step.task, progress))
        }
    }
}

import ByteStreams
import ImageManagement
import LinuxSystem
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
            _ = try images.pull(request, from: repository, progress: Self.sink(for: step.task, progress))
        }
    }

    /// What is said of layers, as parts of the step.
    private static func sink(for task: ProgressEvent.TaskID, _ progress: @escaping ProgressSink) -> ProgressSink {
        let names = Guarded<[ProgressEvent.TaskID: String]>([:])
        return { event in
            switch event {
            case .started(let layer, let title): names.update { $0[layer] = "sha256:\(title)" }
            case .part(let layer, let part):
                guard part.done != nil, let name = names.update({ $0[layer] }) else { return }
                progress(.part(task, .init(name, done: part.done, total: part.total)))
            case .finished(let layer, .done):
                guard let name = names.update({ $0[layer] }) else { return }
                progress(.part(task, .init(name, isFinished: true)))
            default: break
            }
        }
    }
}

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
        let repository = try registries().repository(request.reference)
        let question = PublisherQuestion(request.reference, transport: transport)
        defer { question.callOff() }
        let pulled = try images.pull(request, from: repository, progress: progress)
        tell("pull", request.reference)
        // The image is here; that nobody could say or write down who publishes it changes nothing.
        if let publisher = question.answer(withinMilliseconds: 2_000) {
            let id = pulled.image.listedID
            try? images.record(pulled.digest, of: request.reference, as: id, publisher: publisher)
        }
        return pulled
    }

    /// All tags that a repository has, in the registry's order.
    package func remoteTags(_ reference: ImageReference) throws -> [String] {
        try ImageReference.requireNotReserved(reference)
        return try registries().repository(reference).tags()
    }

    /// `push` of one name.
    package func push(_ request: PushRequest, progress: @escaping ProgressSink) throws -> PushedImage {
        try ImageReference.requireNotReserved(request.reference)
        let pushed = try images.push(request, to: registries().repository(request.reference), progress: progress)
        tell("push", request.reference)
        return pushed
    }

    /// The names that the store has in a repository, sorted.
    package func localTags(_ reference: ImageReference) throws -> [ImageReference] {
        try listImages().flatMap(\.names).filter { $0.repository == reference.repository }.sorted()
    }
}

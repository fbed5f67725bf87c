import BuildDefinition
import ContentStorage
import DockerfileFrontend
import ImageManagement
import LinuxSystem
import MetadataStorage
import OCISpec
import Reporting

extension Builder {
    /// The image that a step stands on, or takes files from; pulled where that is wanted, or it isn't there.
    func base(_ base: BaseReference, number: Int, _ survey: Survey, _ planning: Planning) throws -> Image {
        if let image = try planning.contexts.image(base, into: planning.content, metadata) { return image }
        try ImageReference.requireNotReserved(base.reference)
        let pull = BasePull(
            images: images,
            registries: registries,
            cancellation: planning.request.cancellation,
            progress: planning.progress
        )
        let name = base.reference.familiar
        if planning.request.pullsBases { try pull.pull(base.reference, platform: base.platform, number: number) }
        do { return try resolved(name, base.platform, planning.content) } catch let failure as any Failure
            where failure.kind == .notFound
        {
            do {
                try pull.pull(base.reference, platform: base.platform, number: number)
                return try resolved(name, base.platform, planning.content)
            } catch let failure as any Failure where failure.kind != .cancelled {
                throw try Self.explained(failure, name, near: near(name, survey))
            }
        }
    }

    /// An image that the store has, held from now on; one that somebody removes at this moment isn't there.
    private func resolved(_ name: String, _ platform: Platform, _ held: ContentStore) throws -> Image {
        let image = try images.resolve(name, platform: platform)
        let layers = image.manifest.value.layers.map(\.digest)
        let isWhole = try metadata.transaction {
            // Trees go by the diff ID, which need not be a blob.
            for diffID in image.config.value.rootfs.diffIDs { _ = try held.hold(diffID) }
            return try ([image.manifest.descriptor.digest, image.id] + layers).allSatisfy { try held.hold($0) }
        }
        guard isWhole else { throw PlainFailure(.notFound, "No such image: \(name)") }
        return image
    }

    /// What somebody may have meant who wrote a name that isn't there.
    private func near(_ name: String, _ survey: Survey) throws -> String? {
        let short = name.hasSuffix(":latest") ? String(name.dropLast(7)) : name
        return try survey.stage(near: short) ?? images.name(near: name)
    }

    private static func explained(_ failure: any Failure, _ name: String, near: String?) -> PlainFailure {
        PlainFailure(
            failure.kind,
            "\(name): not in the store" + (near.map { " (did you mean \($0)?)" } ?? "")
                + ", and \(failure.description)",
            hint: failure.hint
        )
    }
}

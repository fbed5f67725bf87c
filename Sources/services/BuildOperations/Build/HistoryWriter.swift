import DockerfileFrontend
import OCISpec
import Reporting

/// Puts times and layers into the config that the frontend planned.
///
/// An entry that makes a layer has that layer's time; one that doesn't has the time of what came before it. So a build that
/// takes everything from the cache gives the very same image, and nothing in it says when it was put together.
struct HistoryWriter {
    var build: LoweredBuild
    var fileSystem: BuiltFileSystem
    var epoch: Int64?

    func config() throws -> ImageConfig {
        var config = build.config
        var layers = fileSystem.layers[...]
        var time = Timestamp(epochSeconds: epoch ?? 0)
        config.history = build.history.map { template in
            let layer = template.isEmptyLayer ? nil : layers.popFirst()
            if let inherited = template.inherited {
                if let created = inherited.created.flatMap({ try? Timestamp($0) }), epoch == nil { time = created }
                return inherited
            }
            if let created = layer?.createdAt { time = Timestamp(epochNanoseconds: created) }
            return History(
                created: time.text,
                createdBy: template.createdBy,
                comment: template.comment,
                isEmptyLayer: template.isEmptyLayer
            )
        }
        guard layers.isEmpty else {
            throw PlainFailure(.internal, "\(layers.count) layers have no entry in the image's history")
        }
        config.rootfs = ImageConfig.RootFS(diffIDs: fileSystem.layers.map(\.diffID))
        config.created = time.text
        return config
    }
}

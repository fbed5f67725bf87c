package import BaseImageTools
import BuildOperations
import ContainerManagement
import ContainerRuntime
package import ImageManagement
import OCISpec
package import SystemPackage

/// What a user asks of a check: the flags of `image check`.
package struct CheckRequest: Sendable, Hashable {
    /// Whether every program, library and script is looked at, not only what the image's commands start.
    package var isComplete = false
    /// Whether every symbol that a program wants is looked for.
    package var checksSymbols = false

    package init() {}

    fileprivate var depth: ImageCheck.Depth { isComplete ? .everything : .commands }
}

extension Engine {
    /// `image check`
    package func checkImage(_ name: String, _ request: CheckRequest) throws -> (image: Image, report: ImageVerdict) {
        let image = try images.resolve(name)
        let config = image.config.value
        return try images.holding(image) {
            var check = ImageCheck(
                try ImageRoot(trees: images.lowers(for: image)),
                config: config.config ?? ContainerConfig(),
                platform: config.platform,
                depth: request.depth,
                checksSymbols: request.checksSymbols
            )
            return (image, try check.report())
        }
    }

    /// `image check --rootfs`: a directory of the host's, and the command that is to run in it; none may be given.
    package static func checkDirectory(
        _ path: FilePath,
        command: [String],
        _ request: CheckRequest
    ) throws -> ImageVerdict {
        let root = try ImageRoot(trees: [path])
        var config = ContainerConfig()
        config.cmd = command
        var check = ImageCheck(
            root,
            config: config,
            platform: try root.platform() ?? .host,
            depth: request.depth,
            checksSymbols: request.checksSymbols
        )
        var verdict = try check.report()
        if command.isEmpty { verdict.findings.removeAll { $0.code == .command } }
        return verdict
    }

    /// What a glance at a new image tells: headers of its command and that one's libraries, where they lie.
    func glance(at image: Image) -> [Finding] {
        let config = image.config.value
        let layers = Array(zip(config.rootfs.diffIDs, image.manifest.value.layers))
        // The image is made; that nobody could look into it is no reason to fail.
        guard let settings = config.config,
            let root = try? ImageRoot.asStored(layers, content: content, snapshots: snapshots, memberLimit: 1_000)
        else { return [] }
        var check = ImageCheck(root, config: settings, platform: config.platform, depth: .headers)
        return ((try? check.report())?.findings ?? []).filter { $0.severity >= .warning }
    }

    /// The error of a container whose program could not be executed, with the reason where it can be found.
    func explained(_ error: RuntimeError, _ request: RunRequest, _ image: Image, lowers: [FilePath]) -> RuntimeError {
        guard let config = try? ContainerConfig(request, over: image.config.value.config),
            let reason = LaunchReason(
                config: config,
                trees: lowers,
                mounts: request.mounts.map(\.target),
                commandName: "the command"
            )
        else { return error }
        return error.explained(by: reason)
    }
}

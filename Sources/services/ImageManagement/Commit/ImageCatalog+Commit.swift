import ContentStorage
import LayerTransfer
package import LinuxSystem
import MetadataStorage
package import OCISpec
import Reporting
package import SystemPackage

/// What `commit` is asked for: an image of what a container changed.
package struct CommitRequest: Sendable {
    /// The directory with what the container wrote.
    package var upper: FilePath
    /// What it stands on.
    package var lowers: LayeredTree
    package var config: ContainerConfig
    /// The container's id and command, for the history.
    package var container: String
    package var command: String
    package var changes: [String] = []
    package var author: String?
    package var message: String?
    package var tag: ImageReference?

    package init(
        upper: FilePath,
        lowers: LayeredTree,
        config: ContainerConfig,
        container: String,
        command: String
    ) {
        self.upper = upper
        self.lowers = lowers
        self.config = config
        self.container = container
        self.command = command
    }
}

extension ImageCatalog {
    /// Makes an image of `base` with one more layer: what a container of it has changed.
    package func commit(_ request: CommitRequest, over base: Image) throws -> Image {
        let changed = try ConfigChanges.applied(request.changes, to: Self.portable(request.config))
        if let tag = request.tag { try ImageReference.requireNotReserved(tag) }
        return try holding(base) {
            try leasing { content in
                let writer = try content.writer()
                let upper = try Directory.open(request.upper)
                let usage = try LayerDiff.write(upper: upper, to: writer) { (path) throws(SystemError) in
                    try request.lowers.resolve(path, followLast: false).status != nil
                }
                let (digest, size) = try writer.commit(durable: false)
                let blob = Descriptor(mediaType: .ociLayer, digest: digest, size: size)
                try metadata.layers.set(LayerRow(diffID: digest, blob: blob, contentSize: usage.bytes))
                return try register(
                    config: Self.config(of: request, changed, digest, over: base),
                    layers: base.manifest.value.layers + [blob],
                    annotations: base.manifest.value.annotations,
                    tags: request.tag.map { [$0] } ?? []
                )
            }
        }
    }

    private static func config(
        of request: CommitRequest,
        _ changed: ContainerConfig,
        _ layer: Digest,
        over base: Image
    ) -> ImageConfig {
        var config = base.config.value
        let created = Timestamp.now.text
        config.created = created
        config.author = request.author
        config.comment = request.message
        config.container = request.container
        config.containerConfig = nil
        config.config = changed
        config.rootfs.diffIDs.append(layer)
        config.history.append(
            History(
                created: created,
                createdBy: request.command,
                author: request.author,
                comment: request.message
            )
        )
        return config
    }

    /// Without what is only the container's own.
    private static func portable(_ config: ContainerConfig) -> ContainerConfig {
        var config = config
        (config.hostname, config.domainname, config.image) = ("", "", "")
        (config.tty, config.openStdin, config.stdinOnce) = (false, false, false)
        (config.attachStdin, config.attachStdout, config.attachStderr) = (false, false, false)
        return config
    }
}

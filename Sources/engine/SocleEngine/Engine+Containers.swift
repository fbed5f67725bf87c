package import ByteStreams
import ContainerManagement
package import ImageManagement
import LayerTransfer
import LinuxSystem
package import OCISpec
import SystemPackage

/// What `commit` is asked for.
package struct CommitOptions: Sendable {
    package var tag: ImageReference?
    package var changes: [String] = []
    package var author: String?
    package var message: String?
    /// Whether a container that runs stands still meanwhile.
    package var pauses = true

    package init() {}
}

extension Engine {
    /// `export`: a container's file system as one tar.
    package func exportContainer(_ name: String, to sink: any ByteSink) throws {
        try containers.withWritten(by: try containers.find(name)) { upper, lowers in
            var tar = MergedTar(to: sink, clamp: nil)
            try tar.add(try LayeredTree(lowers: [upper] + lowers))
            _ = try tar.finish()
        }
        containers.tell("export", of: name)
    }

    /// `commit`: an image of what a container has changed.
    package func commit(_ name: String, _ options: CommitOptions) throws -> Image {
        try containers.still(name, pauses: options.pauses) { container in
            let base = try images.resolve(container.image.description, platform: .host)
            let document = container.document
            let image = try containers.withWritten(by: container) { upper, lowers in
                var request = CommitRequest(
                    upper: upper,
                    lowers: try LayeredTree(lowers: lowers),
                    config: document.config,
                    container: container.id,
                    command: document.config.arguments.joined(separator: " ")
                )
                request.changes = options.changes
                request.author = options.author
                request.message = options.message
                request.tag = options.tag
                return try images.commit(request, over: base)
            }
            tell(image, of: name, options)
            return image
        }
    }

    private func tell(_ image: Image, of name: String, _ options: CommitOptions) {
        if let tag = options.tag { tell("tag", image.listedID, tag) }
        let more = ["imageID": image.listedID.description, "imageRef": options.tag?.familiar ?? "", "comment": options.message ?? ""]
        containers.tell("commit", of: name, more)
    }
}

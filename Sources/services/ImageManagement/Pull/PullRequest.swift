package import ByteStreams
package import OCISpec

/// What is to be fetched from a registry.
package struct PullRequest: Sendable {
    package var reference: ImageReference
    /// For whom; nil for this machine.
    package var platform: Platform?
    /// Whether the layers are unpacked on the way, for containers that are started soon.
    package var unpacks = false
    /// The names that the image gets here; nil for the one that was asked for.
    package var names: [ImageReference]?
    package var cancellation = Cancellation()

    /// What the store calls it then: a digest alone is no name.
    var storedNames: [ImageReference] {
        names ?? (reference.tag != nil && reference.digest == nil ? [reference] : [])
    }

    package init(_ reference: ImageReference, platform: Platform? = nil) {
        self.reference = reference.withDefaultTag
        self.platform = platform
    }
}

/// An image that a registry was asked for.
package struct PulledImage: Sendable {
    package var image: Image
    /// Of the manifest or index that the repository has under the name.
    package var digest: Digest
    /// Whether the name stood for this image before.
    package var wasCurrent: Bool
}

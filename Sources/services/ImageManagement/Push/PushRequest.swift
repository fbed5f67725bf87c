package import ByteStreams
package import OCISpec

/// What is to be sent to a registry.
package struct PushRequest: Sendable {
    /// The name that the image has here and gets there.
    package var reference: ImageReference
    /// How layers go out that aren't compressed; others go as they came, unless `forcesForm`.
    package var form = LayerForm.gzip
    package var forcesForm = false
    package var cancellation = Cancellation()

    package init(_ reference: ImageReference) { self.reference = reference.withDefaultTag }
}

/// An image that a registry took.
package struct PushedImage: Sendable {
    /// The manifest or index that stands under the name now.
    package var manifest: Descriptor
}

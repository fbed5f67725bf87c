package import ByteStreams
package import OCISpec

/// An image that is to be copied.
package struct CopyRequest: Sendable {
    package var source: ImagePlace
    package var destination: ImagePlace
    /// The one platform that is copied; nil for all, where the destination can have them.
    package var platform: Platform?
    /// How layers of the store go out that aren't compressed; others go as they came, unless `forcesForm`.
    package var form = LayerForm.gzip
    package var forcesForm = false
    package var cancellation = Cancellation()

    package init(from source: ImagePlace, to destination: ImagePlace) {
        self.source = source
        self.destination = destination
    }

    /// Whether manifests go byte for byte, without a store between.
    package var isDirect: Bool {
        if case .store = source { return destination.keepsManifests }
        return source.keepsManifests && destination.keepsManifests
    }
}

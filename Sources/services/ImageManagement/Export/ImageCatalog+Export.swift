package import ByteStreams
import LayerTransfer
import LinuxSystem

extension ImageCatalog {
    /// Writes an image's file system as one tar, as a container without changes would have it.
    ///
    /// The same image gives the same bytes. Times later than `epoch`, in seconds since 1970, become it.
    package func export(_ image: Image, epoch: Int64?, to sink: any ByteSink) throws {
        try holding(image) {
            var tar = MergedTar(to: sink, clamp: epoch)
            try tar.add(try LayeredTree(lowers: lowers(for: image)))
            _ = try tar.finish()
        }
    }
}

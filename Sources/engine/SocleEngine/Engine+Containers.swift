package import ByteStreams
import ContainerManagement
import LayerTransfer
import LinuxSystem

extension Engine {
    /// `export`: a container's file system as one tar.
    package func exportContainer(_ name: String, to sink: any ByteSink) throws {
        var tar = MergedTar(to: sink, clamp: nil)
        try tar.add(try containers.tree(of: name))
        _ = try tar.finish()
    }
}

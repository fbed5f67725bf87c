import ByteStreams
import LinuxSystem
import SystemPackage

extension OwnedDescriptor {
    /// One of the process's three standard descriptors, as a descriptor of our own.
    static func standard(_ number: CInt) throws -> OwnedDescriptor {
        OwnedDescriptor(adopting: try FileDescriptor(rawValue: number).duplicate().rawValue)
    }
}

extension ByteSink {
    /// Writes text as UTF-8.
    func write(text: String) throws(StreamError) { try write(Array(text.utf8).span) }
}

package import ELFFormat
package import LinuxSystem

/// A descriptor that several values read from.
package final class SharedDescriptor: Sendable {
    let descriptor: OwnedDescriptor

    package init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
}

/// An open file, or a part of one, to be read at any place.
package struct FileBytes: RandomAccessBytes {
    private let file: SharedDescriptor
    private let start: Int64
    package let count: Int64

    package init(_ file: SharedDescriptor, start: Int64 = 0, count: Int64) {
        self.file = file
        self.start = start
        self.count = count
    }

    package func bytes(at offset: Int64, count: Int) throws(ELFError) -> [UInt8] {
        guard offset >= 0, offset < self.count, count > 0 else { return [] }
        let wanted = Int(min(Int64(count), self.count - offset))
        do { return try DescriptorIO.read(file.descriptor.raw, at: start + offset, count: wanted) } catch {
            throw ELFError(.unreadable(error.description))
        }
    }
}

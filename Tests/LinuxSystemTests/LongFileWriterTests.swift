import Glibc
import LinuxSystem
import SocleTesting
import SystemPackage
import Testing

/// What was written is what is there, whichever way it took.
@Suite struct LongFileWriterTests {
    private static let cached = Int(LongFileWriter.cachedLength)

    private static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            var value: UInt32 = 5
            for index in 0..<count {
                value = value &* 1_664_525 &+ 1_013_904_223
                buffer[index] = UInt8(truncatingIfNeeded: value >> 24)
            }
            initialized = count
        }
    }

    /// The file system of temporary files, and one in memory, which may have no way past the cache.
    @Test(
        arguments: ["/tmp", "/dev/shm"],
        [0, 1, cached - 1, cached, cached + 1, cached + (1 << 20), cached + (3 << 20) + 4_097]
    )
    func writesAll(_ place: String, _ size: Int) throws {
        let root = try TemporaryRoot(in: FilePath(place))
        let bytes = Self.bytes(size)
        for piece in [65_536, 777_777, 5 << 20] {
            let directory = try Directory.open(root.path)
            let file = try directory.temporaryFile()
            let writer = LongFileWriter(file.descriptor.raw)
            for start in stride(from: 0, to: size, by: piece) {
                try writer.write(bytes.span.extracting(start..<min(start + piece, size)))
            }
            try writer.finish()
            #expect(try FileStatus(of: file.descriptor.raw).size == Int64(size))
            #expect(try DescriptorIO.read(file.descriptor.raw, at: 0, count: size) == bytes)
        }
    }

    @Test func aFullDiskIsAnError() throws {
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        defer { close(full) }
        let writer = LongFileWriter(full)
        #expect(throws: SystemError.self) { try writer.write([1, 2, 3].span) }
    }
}

import ByteStreams
import LinuxSystem
import SystemPackage

/// Files below `Tests/Golden`.
enum GoldenFile {
    private static let root = FilePath(#filePath).removingLastComponent().removingLastComponent().appending("Golden")

    static func read(_ path: String) throws -> [UInt8] {
        let file = try FileDescriptor.open(root.appending(path), .readOnly)
        defer { try? file.close() }
        return try DescriptorIO.readAll(file.rawValue, limit: 16 << 20)
    }

    static func text(_ path: String) throws -> String { String(decoding: try read(path), as: UTF8.self) }
}

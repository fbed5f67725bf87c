import LinuxSystem
import Reporting
import SystemPackage

extension SecretSource {
    /// The most that a secret may hold, as BuildKit has it.
    package static let largest = 500 << 10

    /// The secret itself.
    func read() throws -> [UInt8] {
        switch place {
        case .value(let text): return Array(text.utf8)
        case .file(let path):
            do throws(SystemError) { return try Self.bytes(of: path) } catch {
                guard error.errno == .fileTooLarge else { throw error }
                throw PlainFailure(.invalidArgument, "secret \(id) too big. max size 500KB")
            }
        }
    }

    private static func bytes(of path: FilePath) throws(SystemError) -> [UInt8] {
        let file = try HostPath.openForReading(path)
        return try DescriptorIO.readAll(file.raw, limit: largest)
    }
}

/// A file that is mounted by itself.
struct MountedFile {
    var bytes: [UInt8]
    var mode: UInt32
    var uid: UInt32 = 0
    var gid: UInt32 = 0

    /// A file of a directory of the step's.
    func tree(in path: FilePath) throws -> SharedTree {
        let folder = try Directory.open(path, create: true)
        return try SharedTree(make(in: folder))
    }

    /// A file in memory: it is never on a disk, and nobody but the step can see it.
    ///
    /// - Parameter path: a directory of the step's, on which the memory is mounted while the file is made; nobody sees that.
    func secretTree(in path: FilePath) throws -> SharedTree {
        _ = try Directory.open(path, create: true)
        let file = self
        return try PrivateMounts.compose {
            try MountTree.memory(mode: 0o700, size: file.bytes.count + (1 << 16)).attach(at: path)
            let tree = try file.make(in: try Directory.open(path))
            try tree.change(set: [.readOnly, .noSetuid, .noDevices, .noExecute])
            return try SharedTree(tree)
        }
    }

    private func make(in folder: borrowing Directory) throws(SystemError) -> MountTree {
        let made = try folder.temporaryFile()
        try DescriptorIO.write(made.descriptor.raw, bytes.span)
        try made.link(as: "file", replace: false)
        try folder.chown("file", uid: uid, gid: gid)
        try folder.chmod("file", mode)
        return try MountTree.copying(of: try folder.reference("file"))
    }
}

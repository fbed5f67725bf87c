internal import LinuxSystem
internal import Reporting
public import SystemPackage

/// A file that the user named for a command's output: readers see the old one or the whole new one.
public struct OutputFile {
    private let path: FilePath
    private let mode: UInt32

    /// A file at `path`, whose directory must be there.
    public init(_ path: FilePath, mode: UInt32) {
        self.path = path
        self.mode = mode
    }

    /// Has `body` write the file; nothing is left of it when that fails.
    public func write(_ body: (any ByteSink) throws -> Void) throws {
        guard let name = path.lastComponent else { throw PlainFailure(.invalidArgument, "open \(path.string): is a directory") }
        let folder: Directory
        do { folder = try Directory.holding(path) } catch {
            throw PlainFailure(.invalidArgument, "invalid output path: directory \"\(path.parent.string)\" does not exist")
        }
        let target = PathBytes(name.string)
        if let status = try folder.status(target), status.kind != .file {
            // A device, a pipe or a link is written to where it is.
            let file = try FileDescriptor.open(path, .writeOnly)
            return try body(FileSink(OwnedDescriptor(adopting: file.rawValue), subject: path.string))
        }
        let file = try folder.temporaryFile(mode: mode)
        try body(FileSink(try file.descriptor.duplicate(), subject: path.string))
        try file.link(as: target, replace: true)
    }
}

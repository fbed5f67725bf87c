private import Glibc
import LinuxSystem
private import SystemPackage

/// The file that a log is written to, and what becomes of it when it is full.
///
/// One thread at a time writes.
final class LogFiles: @unchecked Sendable {
    private let archive: LogArchive
    private let limit: Int64?
    private let compressor: LogCompressor?
    private var file: OwnedDescriptor
    private var size: Int64
    private var buffer: [UInt8] = []

    /// Goes on with the file that is there.
    init(_ policy: LogPolicy, name: String, in folder: borrowing Directory) throws(SystemError) {
        archive = try LogArchive(name, files: policy.maximumFiles, in: folder)
        limit = policy.maximumSize
        compressor = policy.compresses == true ? LogCompressor(archive) : nil
        file = try folder.open(PathBytes(name), flags: O_RDWR | O_CREAT | O_APPEND, mode: 0o640)
        size = Int64(try FileStatus(of: file.raw).size)
        endLine()
        // What the monitor before this one left.
        archive.tidy()
        compressor?.begin()
    }

    /// Half a line, which a machine leaves that goes down, must not take the next one with it.
    private func endLine() {
        let end = UInt8(ascii: "\n")
        var last = end
        guard size > 0, pread(file.raw, &last, 1, off_t(size) - 1) == 1, last != end else { return }
        buffer = [end]
        flush()
    }

    /// Takes a record, which `flush` writes at the latest.
    func add(_ record: ArraySlice<UInt8>) {
        if let limit, size + Int64(buffer.count) >= limit {
            flush()
            rotate()
        }
        buffer += record
    }

    /// A full disk costs lines of the log, never the container.
    func flush() {
        if buffer.isEmpty { return }
        try? DescriptorIO.write(file.raw, buffer.span)
        size += Int64(buffer.count)
        buffer.removeAll(keepingCapacity: buffer.count < 1 << 18)
    }

    private func rotate() {
        // What can't be begun anew goes on.
        if let next = archive.shift() { file = next }
        size = 0
        compressor?.begin()
    }

    func settle() { compressor?.settle() }
}

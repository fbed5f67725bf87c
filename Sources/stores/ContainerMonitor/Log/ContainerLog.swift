private import Glibc
import LinuxSystem
import OCISpec
private import SystemPackage

/// Writes a container's log, and begins new files where it has a limit.
final class ContainerLog {
    private let folder: Directory
    private let name: String
    private let policy: LogPolicy
    private let between: [UInt8]
    private var file: OwnedDescriptor
    private var size: Int64
    private var lines: [LogRecord.Stream: LogLines] = [:]
    private var buffer: [UInt8] = []

    /// Goes on with the file that is there. nil where the policy keeps nothing.
    init?(_ policy: LogPolicy, id: String, in folder: borrowing Directory) throws(SystemError) {
        guard let name = policy.file(id: id) else { return nil }
        self.folder = try folder.reopened()
        self.name = name
        self.policy = policy
        between = LogRecord.between(policy.attributes ?? [:])
        file = try folder.open(PathBytes(name), flags: O_RDWR | O_CREAT | O_APPEND, mode: 0o640)
        size = Int64(try FileStatus(of: file.raw).size)
        endLine()
    }

    /// Half a line, which a machine leaves that goes down, must not take the next one with it.
    private func endLine() {
        let end = UInt8(ascii: "\n")
        var last = end
        guard size > 0, pread(file.raw, &last, 1, off_t(size) - 1) == 1, last != end else { return }
        buffer = [end]
        flush()
    }

    func write(_ bytes: ArraySlice<UInt8>, _ stream: LogRecord.Stream) {
        let time = Array(Timestamp(epochNanoseconds: WallClock.now()).text.utf8)
        lines[stream, default: LogLines()].take(bytes) { add($0, ends: $1, stream, time) }
        flush()
    }

    /// Writes what had no line feed.
    func finish() {
        let time = Array(Timestamp(epochNanoseconds: WallClock.now()).text.utf8)
        for stream in [LogRecord.Stream.output, .error] {
            lines[stream]?.finish { add($0, ends: $1, stream, time) }
        }
        flush()
        lines = [:]
    }

    private func add(_ line: ArraySlice<UInt8>, ends: Bool, _ stream: LogRecord.Stream, _ time: [UInt8]) {
        if let limit = policy.maximumSize, size + Int64(buffer.count) >= limit {
            flush()
            rotate()
        }
        LogRecord.append(line, ends: ends, stream, between: between, time: time, to: &buffer)
    }

    /// A full disk costs lines of the log, never the container.
    private func flush() {
        if buffer.isEmpty { return }
        try? DescriptorIO.write(file.raw, buffer.span)
        size += Int64(buffer.count)
        buffer.removeAll(keepingCapacity: buffer.count < 1 << 18)
    }

    private func rotate() {
        let names = [name] + (1..<max(policy.maximumFiles, 1)).map { "\(name).\($0)" }
        for (older, newer) in zip(names.reversed(), names.reversed().dropFirst()) {
            // One that isn't there yet.
            try? folder.rename(PathBytes(newer), to: PathBytes(older))
        }
        if names.count == 1 { try? folder.remove(PathBytes(name)) }
        do throws(SystemError) {
            file = try folder.open(PathBytes(name), flags: O_WRONLY | O_CREAT | O_APPEND, mode: 0o640)
            size = 0
        } catch {
            // What can't be begun anew goes on.
            size = 0
        }
    }
}

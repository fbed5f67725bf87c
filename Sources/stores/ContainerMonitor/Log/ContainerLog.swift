import LinuxSystem
import OCISpec

/// Writes a container's log: cuts what the container says into lines, and puts a record of each into the files.
final class ContainerLog {
    private let files: LogFiles
    /// Where the records wait for a thread that writes them; nil where the container waits for the disk.
    private let queue: LogQueue?
    private let between: [UInt8]
    private var lines: [LogRecord.Stream: LogLines] = [:]
    private var record: [UInt8] = []

    /// Goes on with the file that is there. nil where the policy keeps nothing.
    init?(_ policy: LogPolicy, id: String, in folder: borrowing Directory) throws(SystemError) {
        guard let name = policy.file(id: id) else { return nil }
        files = try LogFiles(policy, name: name, in: folder)
        queue = policy.bufferSize.flatMap { [files] in LogQueue(limit: $0, files) }
        between = LogRecord.between(policy.attributes ?? [:])
    }

    func write(_ bytes: ArraySlice<UInt8>, _ stream: LogRecord.Stream) {
        let time = Array(Timestamp(epochNanoseconds: WallClock.now()).text.utf8)
        lines[stream, default: LogLines()].take(bytes) { add($0, ends: $1, stream, time) }
        if queue == nil { files.flush() }
    }

    /// Writes what had no line feed, and all that waits.
    func finish() {
        let time = Array(Timestamp(epochNanoseconds: WallClock.now()).text.utf8)
        for stream in [LogRecord.Stream.output, .error] {
            lines[stream]?.finish { add($0, ends: $1, stream, time) }
        }
        if let queue { queue.drain() } else { files.flush() }
        lines = [:]
    }

    /// Ends what goes on beside the container: nobody touches the files any more, until more is written.
    func settle() { files.settle() }

    private func add(_ line: ArraySlice<UInt8>, ends: Bool, _ stream: LogRecord.Stream, _ time: [UInt8]) {
        record.removeAll(keepingCapacity: true)
        LogRecord.append(line, ends: ends, stream, between: between, time: time, to: &record)
        if let queue { queue.put(record) } else { files.add(record[...]) }
    }
}

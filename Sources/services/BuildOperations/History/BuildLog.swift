import LinuxSystem
import OCISpec
import Reporting

/// Writes down what the steps of a build say while they say it.
///
/// Each line has its step's number in front, and a program's the seconds since its step began. Writing happens on the
/// thread of who speaks: who speaks faster than the disk writes waits, and nothing is left out. A log that can't be
/// written any more doesn't fail the build; the reason is kept and told at the end.
package final class BuildLog: Sendable {
    /// What is written, by one thread at a time.
    private final class Writer {
        var record: BuildRecord
        let directory: Directory
        let lock: FileLock
        var lines = LogLines()
        var problem: SystemError?

        init(_ record: BuildRecord, in directory: consuming Directory, lock: consuming FileLock) {
            self.record = record
            self.directory = directory
            self.lock = lock
        }

        func append(_ bytes: [UInt8]) {
            guard problem == nil, !bytes.isEmpty else { return }
            do { try DescriptorIO.write(lock.descriptor.raw, bytes.span) } catch { problem = error }
        }

        func save() throws {
            let bytes = try JSON.encode(record)
            let file = try directory.temporaryFile(mode: 0o600)
            try DescriptorIO.write(file.descriptor.raw, bytes.span)
            try file.link(as: BuildHistory.record, replace: true)
        }
    }

    /// The build's name.
    let id: String
    private let writer: Guarded<Writer>
    private let start = ContinuousClock.now

    init(_ record: BuildRecord, in directory: consuming Directory, lock: consuming FileLock) {
        id = record.id
        let own = Writer(record, in: directory, lock: lock)
        own.append(Array("#0 build \(record.id) of \(record.name) began at \(record.createdAt)\n".utf8))
        writer = Guarded(own)
    }

    /// Takes an event of the build.
    func take(_ event: ProgressEvent) {
        let time = ContinuousClock.now - start
        writer.update { writer in
            if case .finished(_, let outcome) = event {
                writer.record.stepCount += 1
                if outcome == .cached { writer.record.cachedCount += 1 }
            }
            writer.append(writer.lines.take(event, at: time))
        }
    }

    /// The build is over: writes down how it went. The reason if not all of it could be kept.
    func finish(_ outcome: Result<String, any Error>) -> String? {
        writer.update { writer in
            switch outcome {
            case .success(let image):
                writer.record.image = image
                writer.record.state = .completed
            case .failure(let error):
                let isCancelled = error is CancellationError || (error as? any Failure)?.kind == .cancelled
                writer.record.state = isCancelled ? .canceled : .failed
                writer.record.error = "\(error)".split(separator: "\n").first.map(String.init)
            }
            writer.record.finishedAt = Timestamp.now.text
            writer.append(writer.lines.end(writer.record))
            do { try writer.save() } catch { return "\(error)" }
            return writer.problem.map { "\($0)" }
        }
    }

    /// Writes the record in place of the last one.
    func save() throws {
        try writer.update { writer in Result { try writer.save() } }.get()
    }
}

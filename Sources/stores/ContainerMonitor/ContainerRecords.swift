package import LinuxSystem
import OCISpec
package import Reporting
private import SystemPackage

/// A container that was started: `state.json`, written by its monitor.
package struct StartRecord: Hashable, Sendable, Codable {
    package var process: ProcessStamp
    package var startedAt: Int64
    /// How often its monitor has started it again.
    package var restarts = 0

    package static let file: PathBytes = "state.json"

    package init(process: ProcessStamp, startedAt: Int64) {
        self.process = process
        self.startedAt = startedAt
    }

    package init?(in folder: borrowing Directory) throws(RecordError) {
        guard let bytes = try RecordError.read(Self.file, in: folder) else { return nil }
        let value = try RecordError.decoding(Self.file) { () throws(JSONError) in try JSONValue(parsing: bytes) }
        guard let pid = value["pid"]?.int.flatMap(Int32.init(exactly:)),
            let start = value["processStart"]?.int.flatMap(UInt64.init(exactly:)), let boot = value["bootID"]?.text,
            let startedAt = value["startedAt"]?.int
        else { throw RecordError(Self.file) }
        self.init(process: ProcessStamp(pid: pid, start: start, boot: boot), startedAt: startedAt)
        restarts = value["restarts"]?.int.flatMap(Int.init(exactly:)) ?? 0
    }

    package func write(to folder: borrowing Directory) throws(SystemError) {
        let value: JSONValue = [
            "pid": .integer(Int64(process.pid)), "processStart": .integer(Int64(clamping: process.start)),
            "bootID": .string(process.boot), "startedAt": .integer(startedAt), "restarts": .integer(Int64(restarts)),
        ]
        try folder.replaceDocument(Self.file, Array(value.serialized().utf8))
    }
}

/// A container that ended, or could not be started: `exit.json`, written once.
package struct ExitRecord: Hashable, Sendable, Codable {
    /// What `run` answers: the program's own, 128 and a signal's number, or 125 to 127.
    package var code: Int32
    package var outOfMemory = false
    /// Why it could not be started, or had to be ended; empty where it ended by itself.
    package var error = ""
    /// Nanoseconds since 1970; nil where it was not started.
    package var startedAt: Int64?
    package var finishedAt: Int64
    /// Whether its monitor is about to start it again.
    package var isRestarting = false

    package static let file: PathBytes = "exit.json"
    /// The code of one whose end nobody saw.
    package static let unseen: Int32 = 255

    package init(
        code: Int32,
        outOfMemory: Bool = false,
        error: String = "",
        startedAt: Int64?,
        finishedAt: Int64
    ) {
        self.code = code
        self.outOfMemory = outOfMemory
        self.error = error
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }

    package init?(in folder: borrowing Directory) throws(RecordError) {
        guard let bytes = try RecordError.read(Self.file, in: folder) else { return nil }
        let value = try RecordError.decoding(Self.file) { () throws(JSONError) in try JSONValue(parsing: bytes) }
        guard let code = value["exitCode"]?.int.flatMap(Int32.init(exactly:)), let finishedAt = value["finishedAt"]?.int
        else { throw RecordError(Self.file) }
        self.init(
            code: code,
            outOfMemory: value["oomKilled"] == .bool(true),
            error: value["error"]?.text ?? "",
            startedAt: value["startedAt"]?.int,
            finishedAt: finishedAt
        )
        isRestarting = value["restarting"] == .bool(true)
    }

    /// Whether it is the end of the run that `start` says the beginning of, or of a later attempt.
    package func follows(_ start: StartRecord) -> Bool { finishedAt >= start.startedAt }

    /// Forgets the end of an earlier run.
    package static func remove(from folder: borrowing Directory) throws(SystemError) {
        do throws(SystemError) { try folder.remove(file) } catch {
            if error.errno != .noSuchFileOrDirectory { throw error }
        }
    }

    package func write(to folder: borrowing Directory) throws(SystemError) {
        let value: JSONValue = [
            "restarting": .bool(isRestarting),
            "exitCode": .integer(Int64(code)), "oomKilled": .bool(outOfMemory), "error": .string(error),
            "startedAt": startedAt.map { .integer($0) } ?? .null, "finishedAt": .integer(finishedAt),
        ]
        try folder.replaceDocument(Self.file, Array(value.serialized().utf8))
    }
}

/// A record of a container's that can't be read.
package struct RecordError: Failure, Hashable {
    package var kind: FailureKind
    package var description: String

    init(_ file: PathBytes, _ reason: String = "a field is missing") {
        kind = .corrupt
        description = "\(file): \(reason)"
    }

    static func read(_ file: PathBytes, in folder: borrowing Directory) throws(RecordError) -> [UInt8]? {
        do { return try folder.document(file, limit: 65_536) } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw RecordError(file, error.description)
        }
    }

    static func decoding<Value>(
        _ file: PathBytes,
        _ body: () throws(JSONError) -> Value
    ) throws(RecordError) -> Value {
        do { return try body() } catch { throw RecordError(file, error.description) }
    }
}

extension JSONValue {
    var int: Int64? { if case .integer(let value) = self { value } else { nil } }
}

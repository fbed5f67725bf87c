package import ByteStreams
import LinuxSystem
import OCISpec
import Reporting
package import SystemPackage

/// The builds of a store with all that their steps said: a folder a build below `builds/`, the last fifty of them.
///
/// A folder has `build.json`, which is written by rename, and `log`, which is locked as long as its build goes on.
package struct BuildHistory: Sendable {
    private let root: FilePath

    static let record: PathBytes = "build.json"
    static let log: PathBytes = "log"
    /// No more builds than this are kept, and no more bytes of logs but for the newest build.
    static let maximumCount = 50
    static let maximumBytes: Int64 = 2 << 30
    private static let largestRecord = 1 << 20

    package init(root: FilePath) {
        self.root = root.appending("builds")
    }

    // MARK: - Writing

    /// Begins the record of a build; older ones that are too many go.
    func begin(_ request: BuildRequest) throws -> BuildLog {
        let folder = try Directory.open(root, create: true, mode: 0o700)
        let now = Timestamp.now
        let record = BuildRecord(request, id: Self.identifier(at: now), at: now)
        let name = PathBytes(record.id)
        try folder.makeDirectory(name, mode: 0o700)
        let own = try folder.directory(name)
        let lock = try own.lock(Self.log, .exclusive)
        let log = BuildLog(record, in: own, lock: lock)
        try log.save()
        try prune(folder, keeping: name)
        return log
    }

    /// Time in milliseconds, so that names sort as builds do, and four characters that nobody else has.
    private static func identifier(at time: Timestamp) -> String {
        let text = String(time.epochNanoseconds / 1_000_000, radix: 36)
        let padding = String(repeating: "0", count: max(0, 9 - text.count))
        let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        return padding + text + String((0..<4).map { _ in alphabet[Int.random(in: 0..<36)] })
    }

    private func prune(_ folder: borrowing Directory, keeping newest: PathBytes) throws {
        let names = try folder.entries().map(\.name).sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        var bytes: Int64 = 0
        var count = 0
        for name in names.reversed() {
            let log = try folder.status(PathBytes(name.bytes + Array("/".utf8) + Self.log.bytes))
            bytes += log?.size ?? 0
            count += 1
            guard name != newest, count > Self.maximumCount || bytes > Self.maximumBytes else { continue }
            // Somebody else may be at it at the same moment, and a build that goes on keeps its folder.
            guard (try? Self.isRunning(name, in: folder)) == false else { continue }
            try? folder.removeTree(name)
        }
    }

    private static func isRunning(_ name: PathBytes, in folder: borrowing Directory) throws -> Bool {
        let file = try folder.directory(name).openForReading(Self.log)
        return try FileLock.attempt(file, .shared) == nil
    }

    /// Removes the record of a build and its log; one that goes on stays.
    package func remove(_ record: BuildRecord) throws {
        guard let folder = try existing() else { return }
        let name = PathBytes(record.id)
        guard try folder.status(name) != nil else { return }
        if (try? Self.isRunning(name, in: folder)) == true {
            throw PlainFailure(.conflict, "build \(record.id) is still running")
        }
        try folder.removeTree(name)
    }

    // MARK: - Reading

    /// The builds, the newest first.
    package func list() throws -> [BuildRecord] {
        guard let folder = try existing() else { return [] }
        var records: [BuildRecord] = []
        for entry in try folder.entries() {
            // One that is being removed or was never begun is none.
            if let record = try? Self.record(entry.name, in: folder) { records.append(record) }
        }
        // Names tell milliseconds apart; of two builds in one, the record knows which was first.
        return records.sorted { ($0.began, $0.id) > ($1.began, $1.id) }
    }

    /// The folder of all builds if it has been made.
    private func existing() throws(SystemError) -> Directory? {
        do { return try Directory.open(root) } catch  where error.errno == .noSuchFileOrDirectory { return nil }
    }

    private static func record(_ name: PathBytes, in folder: borrowing Directory) throws -> BuildRecord? {
        guard let bytes = try folder.directory(name).readFile(record, limit: largestRecord) else { return nil }
        var record = try JSON.decode(BuildRecord.self, from: bytes)
        if record.state == .running, try !isRunning(name, in: folder) { record.state = .interrupted }
        return record
    }

    /// The build that a name means: its ID or the beginning of it; nil is the newest.
    package func find(_ name: String?) throws -> BuildRecord {
        let all = try list()
        guard let name else {
            guard let newest = all.first else { throw PlainFailure(.notFound, "no build is recorded") }
            return newest
        }
        let found = all.filter { $0.id.hasPrefix(name) }
        if let exact = all.first(where: { $0.id == name }) { return exact }
        guard found.count < 2, !name.isEmpty else {
            throw PlainFailure(.conflict, "more than one build begins with \"\(name)\"")
        }
        guard let record = found.first else {
            throw PlainFailure(
                .notFound,
                "No such build: \(name)",
                hint: "`socle builder history ls` lists the last \(Self.maximumCount) builds"
            )
        }
        return record
    }

    /// All that the steps of a build said, as far as it has come.
    package func log(of record: BuildRecord) throws -> any ByteSource {
        let folder = try Directory.open(root).directory(PathBytes(record.id))
        return FileSource(try folder.openForReading(Self.log), subject: "the log of build \(record.id)")
    }
}

package import LinuxSystem
package import OCISpec

/// What is asked of a container's log.
package struct LogQuery: Hashable, Sendable {
    /// Only the last lines; nil is all.
    package var tail: Int?
    package var since: Timestamp?
    package var until: Timestamp?
    /// Waits for more until the container has ended.
    package var follows = false

    package init() {}

    func takes(_ record: LogRecord) -> Bool {
        if since == nil && until == nil { return true }
        guard let time = try? Timestamp(record.time) else { return true }
        return since.map { time >= $0 } ?? true && until.map { time <= $0 } ?? true
    }
}

/// Reads a container's log, from its oldest file to the one that is being written.
package struct LogReader {
    private let policy: LogPolicy
    private let id: String

    package init(_ policy: LogPolicy, id: String) {
        self.policy = policy
        self.id = id
    }

    /// Hands out the records that are asked for. `isRunning` says whether more may come; `pause` is called when all
    /// that is there has been handed out; `body` answers whether it wants more.
    package func read(
        _ query: LogQuery,
        in folder: borrowing Directory,
        isRunning: () throws -> Bool,
        pause: () -> Void,
        _ body: (LogRecord) -> Bool
    ) throws {
        guard let name = policy.file(id: id) else { return }
        var files = try gather(name, in: folder)
        if let tail = query.tail { try Self.skip(&files, keeping: tail) }
        for file in files {
            guard try file.read({ !query.takes($0) || body($0) }) else { return }
        }
        guard query.follows else { return pause() }
        try follow(query, name, files.last, in: folder, isRunning, pause, body)
    }

    private func follow(
        _ query: LogQuery,
        _ name: String,
        _ last: (any LogFile)?,
        in folder: borrowing Directory,
        _ isRunning: () throws -> Bool,
        _ pause: () -> Void,
        _ body: (LogRecord) -> Bool
    ) throws {
        var current = last
        while true {
            pause()
            // Asked first: what was written before the end is there when it is read afterwards.
            let goesOn = try isRunning()
            guard try current?.read({ !query.takes($0) || body($0) }) ?? true else { return }
            if let until = query.until, WallClock.now() > until.epochNanoseconds { return }
            if try folder.status(PathBytes(name))?.identity != current?.identity {
                // Another file has been begun, or several: what came last into the old one first.
                guard try current?.read({ !query.takes($0) || body($0) }) ?? true else { return }
                let newer = try gather(name, in: folder, after: current?.identity)
                for file in newer.dropLast() {
                    guard try file.read({ !query.takes($0) || body($0) }) else { return }
                }
                if let newest = newer.last {
                    current = newest
                    continue
                }
            }
            if !goesOn { return pause() }
            WallClock.sleep(milliseconds: 20)
        }
    }

    /// The files, the oldest first, opened as they were at one moment; those that came after one, where it is there still.
    ///
    /// They are looked for from the newest on: files move that way too, so that none is missed.
    private func gather(
        _ name: String,
        in folder: borrowing Directory,
        after known: FileStatus.Identity? = nil
    ) throws(SystemError) -> [any LogFile] {
        var files: [any LogFile] = []
        for _ in 0..<100 {
            let newest = try PlainLogFile(LogArchive.plain(name, 0), in: folder)
            // A file that somebody follows isn't compressed, so that it is known again.
            newest?.hold()
            files = newest.map { [$0] } ?? []
            var places = try LogArchive.lastPlace(of: name, in: folder) + 1
            var place = 1
            while place <= places, place < max(policy.maximumFiles, 2) {
                var file: (any LogFile)? = try PlainLogFile(LogArchive.plain(name, place), in: folder)
                if file == nil { file = try PackedLogFile(LogArchive.packed(name, place), in: folder) }
                if let file, !files.contains(where: { $0.identity == file.identity }) {
                    files.append(file)
                    places = max(places, place + 1)
                }
                place += 1
            }
            if try folder.status(PathBytes(name))?.identity == newest?.identity { break }
        }
        files.reverse()
        if let index = files.firstIndex(where: { $0.identity == known }) { files.removeSubrange(...index) }
        return files
    }

    /// Moves the files' places so that only so many lines are left.
    private static func skip(_ files: inout [any LogFile], keeping count: Int) throws {
        var left = count
        for index in files.indices.reversed() {
            // The last file stays even where nothing of it is wanted: more may come.
            if left <= 0, index < files.count - 1 {
                files.removeSubrange(...index)
                break
            }
            left -= try files[index].keepLast(max(left, 0))
        }
    }
}

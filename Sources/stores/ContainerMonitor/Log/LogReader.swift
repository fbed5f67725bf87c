private import Glibc
package import LinuxSystem
package import OCISpec
private import SystemPackage

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
    private static let block = 1 << 18
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
        var names = (1..<max(policy.maximumFiles, 2)).reversed().map { "\(name).\($0)" }
        names.append(name)
        var files: [LogFile] = []
        for name in names {
            if let file = try LogFile(name, in: folder) { files.append(file) }
        }
        if let tail = query.tail { try Self.skip(&files, keeping: tail) }
        for file in files {
            guard try file.read(Self.block, { !query.takes($0) || body($0) }) else { return }
        }
        guard query.follows else { return pause() }
        try follow(query, name, files.last, in: folder, isRunning, pause, body)
    }

    private func follow(
        _ query: LogQuery,
        _ name: String,
        _ last: LogFile?,
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
            guard try current?.read(Self.block, { !query.takes($0) || body($0) }) ?? true else { return }
            if let until = query.until, WallClock.now() > until.epochNanoseconds { return }
            if try folder.status(PathBytes(name))?.identity != current?.identity {
                // Another file has been begun: what came last into the old one first.
                guard try current?.read(Self.block, { !query.takes($0) || body($0) }) ?? true else { return }
                current = try LogFile(name, in: folder)
                continue
            }
            if !goesOn { return pause() }
            WallClock.sleep(milliseconds: 20)
        }
    }

    /// Moves the files' places so that only so many lines are left.
    private static func skip(_ files: inout [LogFile], keeping count: Int) throws {
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

/// One file of a log, read from a place on.
private final class LogFile {
    private let descriptor: OwnedDescriptor
    let identity: FileStatus.Identity
    private var offset: Int64 = 0
    private var rest: [UInt8] = []

    init?(_ name: String, in folder: borrowing Directory) throws(SystemError) {
        do { descriptor = try folder.open(PathBytes(name), flags: O_RDONLY | O_NONBLOCK) } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw error
        }
        identity = try FileStatus(of: descriptor.raw).identity
    }

    /// Hands out the whole lines from the place to the end as it is now; whether more is wanted.
    func read(_ block: Int, _ body: (LogRecord) -> Bool) throws(SystemError) -> Bool {
        while true {
            let bytes = try DescriptorIO.read(descriptor.raw, at: offset, count: block)
            if bytes.isEmpty { return true }
            offset += Int64(bytes.count)
            var text = rest.isEmpty ? bytes[...] : (rest + bytes)[...]
            while let end = text.firstIndex(of: 0x0a) {
                if let record = LogRecord(parsing: text[text.startIndex..<end]), !body(record) { return false }
                text = text[(end + 1)...]
            }
            rest = Array(text)
        }
    }

    /// Sets the place to where the last `count` lines begin; how many there are.
    func keepLast(_ count: Int) throws(SystemError) -> Int {
        let size = Int64(try FileStatus(of: descriptor.raw).size)
        offset = size
        if count == 0 { return 0 }
        var found = 0
        var position = size
        while position > 0 {
            let length = min(position, 1 << 16)
            position -= length
            let bytes = try DescriptorIO.read(descriptor.raw, at: position, count: Int(length))
            for index in bytes.indices.reversed() where bytes[index] == 0x0a {
                let next = position + Int64(index) + 1
                // The file's last line feed ends a line and begins none.
                if next == size { continue }
                found += 1
                if found == count {
                    offset = next
                    return found
                }
            }
        }
        offset = 0
        return size > 0 ? found + 1 : 0
    }
}

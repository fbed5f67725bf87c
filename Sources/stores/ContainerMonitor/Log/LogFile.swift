private import ByteStreams
private import CompressionCodecs
private import Glibc
import LinuxSystem
private import SystemPackage

/// One file of a log, read from a place on.
protocol LogFile: AnyObject {
    var identity: FileStatus.Identity { get }
    /// Hands out the whole lines from the place to the end as it is now; whether more is wanted.
    func read(_ body: (LogRecord) -> Bool) throws(SystemError) -> Bool
    /// Sets the place to where the last `count` lines begin; how many there are.
    func keepLast(_ count: Int) throws(SystemError) -> Int
}

extension Directory {
    /// Opens a file of a log; nil where there is none.
    fileprivate func openLogFile(_ name: PathBytes) throws(SystemError) -> OwnedDescriptor? {
        do { return try open(name, flags: O_RDONLY | O_NONBLOCK) } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }
}

/// A file as it was written, which may grow.
final class PlainLogFile: LogFile {
    private static let block = 1 << 18

    let identity: FileStatus.Identity
    private let descriptor: OwnedDescriptor
    private var lock: FileLock?
    private var offset: Int64 = 0
    private var rest: [UInt8] = []

    init?(_ name: PathBytes, in folder: borrowing Directory) throws(SystemError) {
        guard let descriptor = try folder.openLogFile(name) else { return nil }
        identity = try FileStatus(of: descriptor.raw).identity
        self.descriptor = descriptor
    }

    /// Keeps it from being compressed, unless that goes on already.
    func hold() {
        guard let other = try? descriptor.duplicate() else { return }
        do { lock = try FileLock.attempt(other, .shared) } catch { lock = nil }
    }

    func read(_ body: (LogRecord) -> Bool) throws(SystemError) -> Bool {
        while true {
            let bytes = try DescriptorIO.read(descriptor.raw, at: offset, count: Self.block)
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

/// A file that was compressed, which is read once.
final class PackedLogFile: LogFile {
    let identity: FileStatus.Identity
    private let descriptor: OwnedDescriptor
    private var skipped = 0
    private var isRead = false

    init?(_ name: PathBytes, in folder: borrowing Directory) throws(SystemError) {
        guard let descriptor = try folder.openLogFile(name) else { return nil }
        identity = try FileStatus(of: descriptor.raw).identity
        self.descriptor = descriptor
    }

    func read(_ body: (LogRecord) -> Bool) throws(SystemError) -> Bool {
        if isRead { return true }
        isRead = true
        var index = 0
        return try eachLine { line in
            index += 1
            guard index > skipped, let record = LogRecord(parsing: line) else { return true }
            return body(record)
        }
    }

    func keepLast(_ count: Int) throws(SystemError) -> Int {
        var lines = 0
        _ = try eachLine { _ in
            lines += 1
            return true
        }
        skipped = max(0, lines - count)
        return lines - skipped
    }

    /// Goes through the lines from the first on. Of a file that is damaged, those that can be read.
    private func eachLine(_ body: (ArraySlice<UInt8>) -> Bool) throws(SystemError) -> Bool {
        try DescriptorIO.seek(descriptor.raw, to: 0)
        let file = FileSource(try descriptor.duplicate())
        guard let source = try? Decompressor.source(.gzip, over: file) else { return true }
        var buffer = [UInt8](repeating: 0, count: 1 << 17)
        var rest: [UInt8] = []
        while let count = try? source.read(into: &buffer, from: 0), count > 0 {
            var text = rest.isEmpty ? buffer[0..<count] : (rest + buffer[0..<count])[...]
            while let end = text.firstIndex(of: 0x0a) {
                if !body(text[text.startIndex..<end]) { return false }
                text = text[(end + 1)...]
            }
            rest = Array(text)
        }
        return true
    }
}

import Glibc
import SystemPackage

/// Reading and writing by number: for descriptors that somebody else owns (0, 1, 2, a borrowed `OwnedDescriptor.raw`).
public enum DescriptorIO {
    /// Reads at most `buffer.count - start` bytes into `buffer` from index `start`; 0 at the end of the file.
    public static func read(_ descriptor: CInt, into buffer: inout [UInt8], from start: Int = 0) throws(SystemError)
        -> Int
    {
        precondition(start <= buffer.count)
        while true {
            let count = buffer.withUnsafeMutableBytes { bytes in
                Glibc.read(descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start)
            }
            if count >= 0 { return count }
            let code = currentErrno()
            if code != .interrupted { throw SystemError("read", nil, code) }
        }
    }

    /// At most `count` bytes from a place in a file, wherever its reading position is; fewer only where the file ends.
    public static func read(_ descriptor: CInt, at offset: Int64, count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var end = 0
        while end < count {
            let more = try check("pread") {
                bytes.withUnsafeMutableBytes {
                    pread(descriptor, $0.baseAddress.map { $0 + end }, count - end, off_t(offset) + end)
                }
            }
            if more == 0 { break }
            end += more
        }
        bytes.removeLast(count - end)
        return bytes
    }

    /// Whether the process has something open under this number.
    package static func isOpen(_ descriptor: CInt) -> Bool { fcntl(descriptor, F_GETFD) >= 0 }

    /// Goes to a place in a file, counted from its beginning.
    package static func seek(_ descriptor: CInt, to offset: Int64) throws(SystemError) {
        _ = try check("lseek") { lseek(descriptor, off_t(offset), SEEK_SET) }
    }

    /// Writes all of `bytes`.
    public static func write(_ descriptor: CInt, _ bytes: Span<UInt8>) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let rest = bytes.extracting(written..<bytes.count)
            let count = rest.withUnsafeBufferPointer { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                let code = currentErrno()
                if code == .interrupted { continue }
                throw SystemError("write", nil, code)
            }
            written += count
        }
    }

    /// Everything from the current place to the end of the file, but not more than `limit` bytes (`EFBIG` beyond).
    public static func readAll(_ descriptor: CInt, limit: Int) throws(SystemError) -> [UInt8] {
        // Most files that are read as a whole have less than a page, and pages that are cleared are paid for. It doubles where it fills.
        var buffer = [UInt8](repeating: 0, count: min(limit + 1, 4_096))
        var count = 0
        while true {
            if count == buffer.count {
                buffer.append(contentsOf: repeatElement(0, count: min(buffer.count, limit + 1 - count)))
            }
            let more = try read(descriptor, into: &buffer, from: count)
            if more == 0 { break }
            count += more
            if count > limit { throw SystemError("read", nil, .fileTooLarge) }
        }
        buffer.removeLast(buffer.count - count)
        return buffer
    }
}

private import CLinuxShims
private import Glibc
private import SystemPackage

/// Writes a file from its beginning to its end; what is long goes past the page cache.
///
/// Somebody who will sync the file has to wait for the disk in any case. Going through the cache costs two things more: the
/// bytes are copied to pages that the kernel has to find first (on a virtual machine each one may be new to the host as well),
/// and what others had in the cache goes. Short files are read again soon, so they stay in it. Where the file system can't
/// do without the cache, everything goes through it.
package final class LongFileWriter {
    /// Somebody else's.
    private let descriptor: CInt
    private var written: Int64 = 0
    /// How much the disk was asked to write already.
    private var flushed: Int64 = 0
    private var mode = Mode.cached
    /// What waits to be a whole block; only when writing directly.
    private var block: UnsafeMutableRawBufferPointer?
    private var waiting = 0

    private enum Mode { case cached, direct, cachedForGood }

    /// Up to here everything goes through the cache.
    package static let cachedLength: Int64 = 16 << 20
    /// What is written directly at once: large enough for the disk to be busy.
    private static let blockSize = 1 << 20
    /// No disk wants more, of addresses, lengths and places in the file.
    private static let alignment = 4_096
    /// Between two requests to the disk. Large enough for few requests, small enough to leave little to the last sync.
    private static let flushStep: Int64 = 8 << 20

    /// The descriptor must stay open until `finish`, and nobody else may write to it. It is at the file's beginning.
    package init(_ descriptor: CInt) { self.descriptor = descriptor }

    /// Goes on behind the first bytes of a file that are there already.
    package init(_ descriptor: CInt, at length: Int64) {
        self.descriptor = descriptor
        written = length
        flushed = length
        lseek(descriptor, off_t(length), SEEK_SET)
        if written >= Self.cachedLength { mode = .cachedForGood }
    }

    deinit { block?.deallocate() }

    /// Writes all of `bytes`, or keeps some of them until they are a block.
    package func write(_ bytes: Span<UInt8>) throws(SystemError) {
        var start = 0
        while start < bytes.count {
            let count: Int
            if mode == .direct {
                count = try fill(from: bytes.extracting(start..<bytes.count))
            } else {
                count = min(bytes.count - start, lengthToCache)
                try cache(bytes.extracting(start..<start + count))
            }
            start += count
        }
    }

    /// Writes what was kept. Nothing can be written afterwards.
    package func finish() throws(SystemError) {
        if mode == .direct { try leaveDirect() }
    }

    // MARK: - Through the cache

    /// How much may go through the cache before it is asked again whether the rest can go past it.
    private var lengthToCache: Int { mode == .cached ? max(1, Int(Self.cachedLength - written)) : .max }

    private func cache(_ bytes: Span<UInt8>) throws(SystemError) {
        try DescriptorIO.write(descriptor, bytes)
        written += Int64(bytes.count)
        if written - flushed >= Self.flushStep {
            DescriptorIO.startWriteback(descriptor, offset: flushed, count: written - flushed)
            flushed = written
        }
        if mode == .cached, written == Self.cachedLength {
            mode = linux_set_direct(descriptor, 1) == 0 ? .direct : .cachedForGood
        }
    }

    // MARK: - Past the cache

    /// Takes some bytes for the block, and writes it when it is full.
    private func fill(from bytes: Span<UInt8>) throws(SystemError) -> Int {
        let block = self.block ?? .allocate(byteCount: Self.blockSize, alignment: Self.alignment)
        self.block = block
        let count = min(bytes.count, block.count - waiting)
        bytes.extracting(0..<count).withUnsafeBufferPointer { source in
            UnsafeMutableRawBufferPointer(rebasing: block[waiting..<waiting + count])
                .copyMemory(from: UnsafeRawBufferPointer(source))
        }
        waiting += count
        if waiting == block.count { try writeBlock(UnsafeRawBufferPointer(block)) }
        return count
    }

    private func writeBlock(_ block: UnsafeRawBufferPointer) throws(SystemError) {
        var start = 0
        while start < block.count {
            let count = Glibc.write(descriptor, block.baseAddress.map { $0 + start }, block.count - start)
            if count > 0, (start + count) % Self.alignment == 0 {
                start += count
                continue
            }
            let code = currentErrno()
            if count < 0, code == .interrupted { continue }
            // A disk with other ideas of alignment, or a piece that ends within a block: the cache takes any.
            guard count >= 0 || code == .invalidArgument else { throw SystemError("write", nil, code) }
            start += max(count, 0)
            written += Int64(start)
            try leaveDirect(UnsafeRawBufferPointer(rebasing: block[start...]))
            return
        }
        written += Int64(block.count)
        waiting = 0
    }

    /// Goes back to the cache for good, with what waits.
    private func leaveDirect() throws(SystemError) {
        let rest = block.map { UnsafeRawBufferPointer(rebasing: $0[..<waiting]) }
        try leaveDirect(rest ?? UnsafeRawBufferPointer(start: nil, count: 0))
    }

    private func leaveDirect(_ rest: UnsafeRawBufferPointer) throws(SystemError) {
        guard linux_set_direct(descriptor, 0) == 0 else { throw SystemError("fcntl", nil, currentErrno()) }
        mode = .cachedForGood
        waiting = 0
        flushed = written
        if rest.isEmpty { return }
        try cache(Span(_unsafeBytes: rest))
    }
}

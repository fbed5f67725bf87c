import ByteStreams
import LinuxSystem
import SystemPackage
import TarFormat

/// Writes bodies to files that somebody else holds open.
final class DescriptorSink: ByteSink {
    private var raw: CInt = -1
    private var systemError: SystemError?
    private var archiveError: TarError?
    /// Where bodies come from instead of the archive, borrowed; -1 for an archive's own.
    var original: CInt = -1

    func write(_ bytes: Span<UInt8>) throws(StreamError) {
        do { try DescriptorIO.write(raw, bytes) } catch {
            systemError = error
            throw StreamError(.system(error))
        }
    }

    /// Writes the body of the entry that was read last; holes stay holes. False when the archive failed: then
    /// `takeArchiveError` says why.
    func write(_ entry: TarEntry, of reader: TarReader, to descriptor: CInt) throws(SystemError) -> Bool {
        if original >= 0 {
            try FileCopy.copy(from: original, to: descriptor, limit: entry.size)
            return true
        }
        raw = descriptor
        do throws(TarError) {
            guard let segments = entry.sparse else {
                if entry.size > 0 { try reader.storedBody(into: self) }
                return true
            }
            for segment in segments {
                try seek(to: segment.offset)
                try reader.storedBody(segment.length, into: self)
            }
        } catch {
            if let systemError { throw systemError }
            archiveError = error
            return false
        }
        do { try FileDescriptor(rawValue: descriptor).resize(to: entry.size) } catch {
            throw SystemError("ftruncate", nil, error as? Errno ?? .ioError)
        }
        return true
    }

    /// Why the archive failed, once.
    func takeArchiveError() -> TarError? {
        defer { archiveError = nil }
        return archiveError
    }

    private func seek(to offset: Int64) throws(TarError) {
        do { try FileDescriptor(rawValue: raw).seek(offset: offset, from: .start) } catch {
            let error = SystemError("lseek", nil, error as? Errno ?? .ioError)
            systemError = error
            throw TarError(.stream(StreamError(.system(error))), offset: 0)
        }
    }
}

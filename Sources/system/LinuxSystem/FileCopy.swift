private import CLinuxShims
private import Glibc
private import SystemPackage

/// Copies file data between descriptors, by the kernel where it can and with holes kept as holes.
package enum FileCopy {
    /// Copies all data of a regular file into an empty one; the number of logical bytes, holes counted.
    ///
    /// `limit` guards against a source that grows meanwhile: no more than that is copied.
    @discardableResult
    package static func copy(from source: CInt, to target: CInt, limit: Int64 = .max) throws(SystemError) -> Int64 {
        let size = min(try FileStatus(of: source).size, limit)
        var position: Int64 = 0
        while position < size {
            let data = try next(source, linux_seek_data(source, position), none: size)
            if data >= size { break }
            let end = min(try next(source, linux_seek_hole(source, data), none: size), size)
            try copyRange(from: source, to: target, start: data, end: end)
            position = end
        }
        try check("ftruncate") { ftruncate(target, Int(size)) }
        return size
    }

    /// What a seek said; `none` where there is no data behind, or the file system knows no holes.
    private static func next(_ source: CInt, _ answer: Int64, none: Int64) throws(SystemError) -> Int64 {
        if answer >= 0 { return answer }
        let code = currentErrno()
        if code == .noSuchAddressOrDevice { return none }
        throw SystemError("lseek", nil, code)
    }

    private static func copyRange(
        from source: CInt,
        to target: CInt,
        start: Int64,
        end: Int64
    ) throws(SystemError) {
        try check("lseek") { lseek(source, Int(start), SEEK_SET) }
        try check("lseek") { lseek(target, Int(start), SEEK_SET) }
        var rest = Int(end - start)
        while rest > 0 {
            let count = linux_copy_file_range(source, target, min(rest, 1 << 30))
            if count > 0 {
                rest -= count
                continue
            }
            // 0 is the end of a file that became shorter, or a file system that can't: reading tells them apart.
            let code: Errno? = count < 0 ? currentErrno() : nil
            switch code {
            case .interrupted?: continue
            case nil, .improperLink?, .invalidArgument?, .noFunction?, .notSupported?, .notPermitted?:
                return try readAndWrite(from: source, to: target, count: rest)
            case .some(let code): throw SystemError("copy_file_range", nil, code)
            }
        }
    }

    private static func readAndWrite(from source: CInt, to target: CInt, count: Int) throws(SystemError) {
        var buffer = [UInt8](repeating: 0, count: min(count, 262_144))
        var rest = count
        while rest > 0 {
            let got = try DescriptorIO.read(source, into: &buffer)
            if got == 0 { return }
            let used = min(got, rest)
            try DescriptorIO.write(target, buffer.span.extracting(0..<used))
            rest -= used
        }
    }
}

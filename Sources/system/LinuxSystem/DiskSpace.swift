private import Glibc

/// Space on a disk.
package enum DiskSpace {
    /// What a process without privileges could still write to the file system of an open file, in bytes.
    package static func available(at descriptor: CInt) throws(SystemError) -> Int64 {
        var status = statvfs()
        try check("fstatvfs") { fstatvfs(descriptor, &status) }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow || bytes > UInt64(Int64.max) ? .max : Int64(bytes)
    }
}

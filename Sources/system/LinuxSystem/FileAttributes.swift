internal import CLinuxShims
internal import Glibc
private import SystemPackage

/// Permissions, owners and times of open files, `O_PATH` references too.
package enum FileAttributes {
    /// Sets permission bits.
    package static func chmod(_ descriptor: CInt, _ mode: UInt32) throws(SystemError) {
        if fchmod(descriptor, mode) == 0 { return }
        let code = currentErrno()
        if code != .badFileDescriptor { throw SystemError("fchmod", nil, code) }
        try check("fchmod") { Glibc.chmod("/proc/self/fd/\(descriptor)", mode) }
    }

    /// Sets the owner.
    ///
    /// It clears setuid bits: permissions come after.
    package static func chown(_ descriptor: CInt, uid: UInt32, gid: UInt32) throws(SystemError) {
        try check("fchownat") { fchownat(descriptor, "", uid, gid, LINUX_AT_EMPTY_PATH) }
    }

    /// Sets times; nil leaves a time as it is.
    package static func setTimes(_ descriptor: CInt, accessed: FileTime?, modified: FileTime?) throws(SystemError) {
        let times = times(accessed: accessed, modified: modified)
        try check("utimensat") {
            times.withUnsafeBufferPointer { utimensat(descriptor, "", $0.baseAddress, LINUX_AT_EMPTY_PATH) }
        }
    }

    static func times(accessed: FileTime?, modified: FileTime?) -> [timespec] {
        let omitted = timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2)  // UTIME_OMIT
        return [accessed?.timespec ?? omitted, modified?.timespec ?? omitted]
    }
}

internal import CLinuxShims
internal import Glibc

/// A moment as the file system keeps it.
package struct FileTime: Hashable, Sendable, Comparable {
    package var seconds: Int64
    /// 0 to 999,999,999.
    package var nanoseconds: Int32

    package init(seconds: Int64, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    package static func < (left: FileTime, right: FileTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// The moment as the kernel takes it.
    var timespec: timespec { Glibc.timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds)) }
}

/// What the kernel says about a file; never about what a symbolic link points to.
package struct FileStatus: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case file, directory, symbolicLink, characterDevice, blockDevice, fifo, socket
    }

    /// A device's number.
    package struct Device: Sendable, Hashable {
        package var major: UInt32
        package var minor: UInt32

        package init(major: UInt32, minor: UInt32) {
            self.major = major
            self.minor = minor
        }
    }

    /// A file's identity: no two existing files of one machine share it.
    package struct Identity: Sendable, Hashable {
        package var device: UInt64
        package var inode: UInt64

        package init(device: UInt64, inode: UInt64) {
            self.device = device
            self.inode = inode
        }
    }

    package var device: UInt64
    package var inode: UInt64
    /// Type and permission bits.
    package var mode: UInt32
    package var linkCount: UInt64
    package var uid: UInt32
    package var gid: UInt32
    /// What a device file stands for.
    package var rawDevice: Device
    package var size: Int64
    /// Space taken, in units of 512 bytes.
    package var blocks512: Int64
    package var modified: FileTime
    package var changed: FileTime
    package var accessed: FileTime

    package var identity: Identity { Identity(device: device, inode: inode) }
    package var permissions: UInt32 { mode & 0o7777 }

    package var kind: Kind { Self.kind(ofMode: mode) }

    /// The kind that the type bits of a mode stand for.
    package static func kind(ofMode mode: UInt32) -> Kind {
        switch mode & UInt32(S_IFMT) {
        case UInt32(S_IFDIR): .directory
        case UInt32(S_IFLNK): .symbolicLink
        case UInt32(S_IFCHR): .characterDevice
        case UInt32(S_IFBLK): .blockDevice
        case UInt32(S_IFIFO): .fifo
        case UInt32(S_IFSOCK): .socket
        default: .file
        }
    }

    /// The status of something without an inode: a member of an archive, the top of an empty tree.
    package init(
        _ kind: Kind,
        permissions: UInt32,
        uid: UInt32 = 0,
        gid: UInt32 = 0,
        size: Int64 = 0,
        modified: FileTime = FileTime(seconds: 0)
    ) {
        device = 0
        inode = 0
        mode = Self.typeBits(of: kind) | permissions & 0o7777
        linkCount = 1
        self.uid = uid
        self.gid = gid
        rawDevice = Device(major: 0, minor: 0)
        self.size = size
        blocks512 = 0
        self.modified = modified
        changed = modified
        accessed = modified
    }

    private static func typeBits(of kind: Kind) -> UInt32 {
        switch kind {
        case .file: UInt32(S_IFREG)
        case .directory: UInt32(S_IFDIR)
        case .symbolicLink: UInt32(S_IFLNK)
        case .characterDevice: UInt32(S_IFCHR)
        case .blockDevice: UInt32(S_IFBLK)
        case .fifo: UInt32(S_IFIFO)
        case .socket: UInt32(S_IFSOCK)
        }
    }

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        mode = status.st_mode
        linkCount = UInt64(status.st_nlink)
        uid = status.st_uid
        gid = status.st_gid
        rawDevice = Device(
            major: linux_device_major(UInt64(status.st_rdev)),
            minor: linux_device_minor(UInt64(status.st_rdev))
        )
        size = Int64(status.st_size)
        blocks512 = Int64(status.st_blocks)
        modified = FileTime(status.st_mtim)
        changed = FileTime(status.st_ctim)
        accessed = FileTime(status.st_atim)
    }

    /// What an open file is; also for `O_PATH` descriptors.
    package init(of descriptor: CInt) throws(SystemError) {
        var status = stat()
        try check("fstat") { fstat(descriptor, &status) }
        self.init(status)
    }
}

extension FileTime {
    init(_ time: timespec) { self.init(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec)) }
}

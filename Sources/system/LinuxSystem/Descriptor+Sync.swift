private import CLinuxShims
private import Glibc

extension DescriptorIO {
    /// Makes what was written outlive a loss of power: the bytes, and what is needed to read them again.
    package static func syncData(_ descriptor: CInt) throws(SystemError) {
        try check("fdatasync") { fdatasync(descriptor) }
    }

    /// Begins to write a part of a file to the disk and doesn't wait, so that a later sync has less to do.
    ///
    /// It is only a hint: an error would come again, from the sync.
    package static func startWriteback(_ descriptor: CInt, offset: Int64, count: Int64) {
        _ = linux_start_writeback(descriptor, offset, count)
    }
}

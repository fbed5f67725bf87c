/// What the kernel calls the time since it booted: processes and files in memory of another boot are gone.
package enum BootID {
    /// `8d092810-2235-…`; nil where the kernel doesn't tell.
    package static let text: String? = UserSpace.text("/proc/sys/kernel/random/boot_id")
        .flatMap { $0.utf8.split(separator: UInt8(ascii: "\n")).first }.flatMap { String($0) }
}

private import CLinuxShims

/// File systems whose files the kernel makes up when they are read.
enum PseudoFileSystem {
    /// Their numbers in `statfs(2)`: proc, sysfs, cgroup and cgroup2, debugfs, tracefs, securityfs, configfs, bpf, binfmt_misc, selinuxfs,
    /// efivarfs, pstore, fusectl, mqueue, nsfs.
    private static let types: Set<UInt32> = [
        0x9fa0, 0x6265_6572, 0x27_e0eb, 0x6367_7270, 0x6462_6720, 0x7472_6163, 0x7363_6673, 0x6265_6570, 0xcafe_4a11, 0x4249_4e4d, 0xf97c_ff8c,
        0xde5e_81e4, 0x6165_676c, 0x6573_5543, 0x1980_0202, 0x6e73_6673,
    ]

    /// Whether what is open under this number is in one of them.
    static func has(_ descriptor: CInt) -> Bool { types.contains(linux_filesystem_magic("/proc/self/fd/\(descriptor)")) }
}

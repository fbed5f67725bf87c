import Reporting

/// The options of `--tmpfs` and `--mount type=tmpfs`, laid over Docker's.
enum TmpfsOptions {
    private static let flags: Set<String> = [
        "defaults", "ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "sync", "async", "dirsync",
        "remount", "mand", "nomand", "atime", "noatime", "diratime", "nodiratime", "bind", "rbind", "unbindable",
        "runbindable", "private", "rprivate", "shared", "rshared", "slave", "rslave", "relatime", "norelatime",
        "strictatime", "nostrictatime",
    ]
    private static let keys: Set<String> = ["mode", "uid", "gid", "size", "nr_inodes", "nr_blocks", "mpol"]
    /// What a flag takes back.
    private static let opposites: [String: String] = [
        "rw": "ro", "ro": "rw", "suid": "nosuid", "nosuid": "suid", "dev": "nodev", "nodev": "dev",
        "exec": "noexec", "noexec": "exec",
    ]

    /// Docker's defaults, then the user's options: of flags that exclude each other and of keys the last one stays.
    static func merged(_ options: [String]) throws(PlainFailure) -> [String] {
        var result = ["noexec", "nosuid", "nodev", "rprivate"]
        for option in options where !option.isEmpty {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if parts.count == 1, flags.contains(option) {
                result.removeAll { $0 == option || $0 == opposites[option] }
            } else if parts.count == 2, keys.contains(parts[0]) {
                result.removeAll { $0.hasPrefix(parts[0] + "=") }
            } else {
                let words = parts.map { "\"\($0)\"" }.joined(separator: " ")
                throw PlainFailure(.invalidArgument, "invalid tmpfs option [\(words)]")
            }
            result.append(option)
        }
        return result
    }
}

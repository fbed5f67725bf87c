private import Glibc
public import LinuxSystem
public import SystemPackage

/// A fresh directory for one test, removed with everything in it when the value's scope ends.
///
/// It lies below `$TMPDIR` or `/tmp`. With `KEEP_TEMPORARY=1` it stays, to be looked at. What the test mounts there it must
/// unmount itself: removal enters no other mount.
public struct TemporaryRoot: ~Copyable, Sendable {
    /// Where it is.
    public let path: FilePath
    private let parent: FilePath
    private let name: String

    /// Makes the directory with mode 0700, in another place where one is named.
    public init(in place: FilePath? = nil) throws(SystemError) {
        parent = place ?? FilePath(Environment.value("TMPDIR") ?? "/tmp")
        name = PathBytes.unique(prefix: "socle-test-").description
        path = parent.appending(name)
        try Directory.open(parent).makeDirectory(PathBytes(name), mode: 0o700)
    }

    deinit {
        if Environment.value("KEEP_TEMPORARY") == "1" { return }
        // A test that failed half-way may have left what can't be removed; the next failure would say nothing new.
        try? Directory.open(parent).removeTree(PathBytes(name))
    }

    /// A path below.
    public func callAsFunction(_ relative: String) -> FilePath { path.appending(relative) }

    /// The directory, opened.
    package func directory() throws(SystemError) -> Directory { try Directory.open(path) }
}

/// The process's environment.
package enum Environment {
    package static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

private import CLinuxShims
private import Glibc
private import SystemPackage

/// A file that has no name yet.
///
/// It is gone when the value ends, or the process dies, before `link`.
///
/// Where the file system has no nameless files (`O_TMPFILE`), it has a unique name that begins with `.tmp-`; what a killed
/// process leaves behind can be told by that.
package struct TemporaryFile: ~Copyable, Sendable {
    /// Open for reading and writing.
    package let descriptor: OwnedDescriptor
    private let folder: OwnedDescriptor
    private var name: PathBytes?

    fileprivate init(
        descriptor: consuming OwnedDescriptor,
        folder: consuming OwnedDescriptor,
        name: PathBytes?
    ) {
        self.descriptor = descriptor
        self.folder = folder
        self.name = name
    }

    deinit {
        guard let name else { return }
        _ = try? name.withCString("unlinkat") { (text) throws(SystemError) in unlinkat(folder.raw, text, 0) }
    }

    /// Gives the file a name in its directory; without `replace`, a taken name is an error (`EEXIST`).
    ///
    /// Both ways readers see either nothing (or the old file) or the whole new one. Sync the descriptor before.
    package consuming func link(as target: PathBytes, replace: Bool) throws(SystemError) {
        try Directory.borrowing(folder.raw) { (directory) throws(SystemError) in
            try settle(in: directory, as: target, replace: replace)
        }
        name = nil
    }

    private mutating func settle(
        in directory: borrowing Directory,
        as target: PathBytes,
        replace: Bool
    ) throws(SystemError) {
        if let name { return try directory.rename(name, to: target, replace: replace) }
        if !replace { return try directory.link(descriptor: descriptor.raw, as: target) }
        // linkat can't replace, so the file gets a name of its own first; it is removed should the renaming fail.
        let own = PathBytes.unique()
        try directory.link(descriptor: descriptor.raw, as: own)
        name = own
        try directory.rename(own, to: target)
    }
}

extension PathBytes {
    /// A name that nobody else uses.
    package static func unique(prefix: String = ".tmp-") -> PathBytes {
        PathBytes(prefix + String(UInt64.random(in: .min ... .max), radix: 36) + "-" + String(getpid(), radix: 36))
    }
}

extension Directory {
    /// Makes a file without a name in this directory.
    package func temporaryFile(mode: UInt32 = 0o600) throws(SystemError) -> TemporaryFile {
        let folder = try descriptor.duplicate()
        do throws(SystemError) {
            let file = try open(".", flags: O_RDWR | linux_o_tmpfile, mode: mode)
            return TemporaryFile(descriptor: file, folder: folder, name: nil)
        } catch  where [.notSupported, .isDirectory, .noSuchFileOrDirectory].contains(error.errno) {
            let name = PathBytes.unique()
            let file = try open(name, flags: O_RDWR | O_CREAT | O_EXCL, mode: mode)
            return TemporaryFile(descriptor: file, folder: try descriptor.duplicate(), name: name)
        }
    }
}

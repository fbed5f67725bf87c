package import ByteStreams
package import LinuxSystem
import TarFormat

/// Unpacks one layer into a directory, as one that expects the worst of the archive.
///
/// Everything is done relative to the directory's descriptor. What stands under an entry's last part is never followed;
/// links among its parents are, as the kernel does for a process whose root the directory is, so nothing outside can be
/// named (Docker unpacks in a chroot: the results are the same). Names with `..` and whiteouts of nothing are refused.
package struct LayerApplier: ~Copyable {
    /// What becomes of the marks that hide names of the layers below.
    package enum Whiteouts: Sendable {
        /// Overlay's marks: a device 0:0 and `trusted.overlay.opaque`. The directory is one layer of an overlay mount.
        case overlay
        /// The same in a user namespace, where the attribute is `user.overlay.opaque` and devices can't be made: empty
        /// files stand for those of the archive.
        case userOverlay
        /// The directory has the layers below in it already: names are removed.
        case remove
        /// The archive is no layer, and has none.
        case none

        /// The marks of overlays that this process can mount.
        package static var forMounting: Whiteouts { OwnUserNamespace.isInitial ? .overlay : .userOverlay }
    }

    /// What a directory looks like in the layers below; nil where there is none. An archive may have a file without its
    /// directory, and overlay shows the topmost directory's mode and owner.
    package typealias LowerStatus = (_ path: PathBytes) throws(SystemError) -> FileStatus?

    private let root: OpenDirectory
    private let whiteouts: Whiteouts
    private let limits: LayerLimits
    private let lowerStatus: LowerStatus?

    package init(
        into root: consuming Directory,
        whiteouts: Whiteouts,
        limits: LayerLimits = .standard,
        lowerStatus: LowerStatus? = nil
    ) {
        self.root = OpenDirectory(root)
        self.whiteouts = whiteouts
        self.limits = limits
        self.lowerStatus = lowerStatus
    }

    /// Applies an uncompressed archive and reads its source to the end. After an error the directory is half done: throw
    /// it away. Nothing is synced.
    package func apply(_ source: any ByteSource) throws(LayerError) -> LayerUsage {
        let entries = EntrySequence(source, limits: limits)
        var unpacking = Unpacking(root: root, entries: entries, whiteouts: whiteouts, lowerStatus: lowerStatus)
        while let (entry, name) = try entries.next() { try unpacking.take(entry, name) }
        try unpacking.finish()
        return entries.usage
    }
}

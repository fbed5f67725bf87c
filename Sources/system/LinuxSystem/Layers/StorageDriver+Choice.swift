private import CLinuxShims
private import Glibc
internal import Reporting
package import SystemPackage

extension StorageDriver {
    /// The setting that names one.
    package static let variable = "SOCLE_STORAGE_DRIVER"

    /// The driver of a name that the user gave, where it can work here.
    package static func find(_ name: String) throws -> StorageDriver {
        guard let driver = StorageDriver(name: name) else {
            let known = allCases.map(\.rawValue).joined(separator: ", ")
            throw PlainFailure(.invalidArgument, "\(variable)=\(name): unknown storage driver", hint: "known are \(known)")
        }
        if driver == .fuseOverlay, let obstacle = FuseOverlay.obstacle() { throw obstacle }
        return driver
    }

    /// The first driver that works.
    ///
    /// - Parameter folder: an empty directory on the file system of the layers, to try it in.
    package static func choose(tryingIn folder: FilePath) throws -> StorageDriver {
        if try canOverlay(folder) { return .overlay }
        return FuseOverlay.obstacle() == nil ? .fuseOverlay : .copies
    }

    // MARK: - The kernel's overlays

    /// ext2 to ext4, xfs, btrfs, tmpfs, f2fs: an overlay can write there.
    private static let writableMagics: Set<UInt32> = [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0xF2F5_2010]

    /// Whether the machine's own root lays layers over each other on a file system that is known to take what is written.
    package static func surelyOverlays(on folder: FilePath) -> Bool {
        // Where an overlay works, it makes a directory that nobody may enter without that right.
        guard OwnUserNamespace.isInitial, OwnCapabilities.has(.overrideAccess) else { return false }
        guard writableMagics.contains(linux_filesystem_magic(folder.string)) else { return false }
        let context = linux_fsopen("overlay")
        if context >= 0 { close(context) }
        return context >= 0
    }

    /// Whether the kernel mounts one: some don't in user namespaces, and some file systems can't take what is written.
    private static func canOverlay(_ folder: FilePath) throws(SystemError) -> Bool {
        let place = try Directory.open(folder)
        for name: PathBytes in ["lower", "upper", "work"] { try place.makeDirectory(name, mode: 0o700) }
        do throws(SystemError) {
            _ = try MountTree.overlay(
                lowers: [folder.appending("lower")],
                upper: folder.appending("upper"),
                work: folder.appending("work")
            )
            return true
        } catch {
            let cannot: Set<Errno> = [.notPermitted, .permissionDenied, .invalidArgument, .operationNotSupportedByDevice, .notSupported, .noFunction]
            if cannot.contains(error.errno) { return false }
            throw error
        }
    }
}

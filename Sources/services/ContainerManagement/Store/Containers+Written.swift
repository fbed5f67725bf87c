import LinuxSystem
import SnapshotStorage
package import SystemPackage

extension Containers {
    /// Runs `body` with the directory of what a container wrote, as overlayfs keeps it, and what it stands on, the top first.
    package func withWritten<Result>(
        by container: Container,
        _ body: (_ upper: FilePath, _ lowers: [FilePath]) throws -> Result
    ) throws -> Result {
        let folder = folder(container.id)
        let upper = folder.appending(ContainerFolder.upper)
        let lowers = container.document.lowers.map { FilePath($0) }
        let driver = container.document.storageDriver
        if driver == .overlay { return try body(upper, lowers) }
        let shown = try SnapshotStore(root: root).prepareUpper()
        let work = folder.appending(ContainerFolder.work)
        try driver.show(lowers: lowers, upper: upper, work: work, in: try shown.directory())
        let result = try body(shown.directories.upper, lowers)
        withExtendedLifetime(shown) {}
        return result
    }
}

package import LinuxSystem

extension SnapshotStore {
    /// The storage driver that was asked for, else the first that works on this file system.
    package func chooseDriver(_ asked: String?) throws -> StorageDriver {
        if let asked, !asked.isEmpty { return try StorageDriver.find(asked) }
        // A trial takes directories and a mount, which nobody shall pay for where there is no doubt.
        if StorageDriver.surelyOverlays(on: root) { return .overlay }
        let folder = try TemporaryFolder(in: temporary, kind: .tree)
        let driver = try StorageDriver.choose(tryingIn: folder.path)
        withExtendedLifetime(folder) {}
        return driver
    }
}

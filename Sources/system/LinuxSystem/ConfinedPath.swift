package import SystemPackage

/// A place below a folder of the host's in which others may have put links: none of them leads out of the folder.
package struct ConfinedPath: Sendable, Hashable {
    package var top: FilePath
    /// Relative to the top.
    package var path: PathBytes

    /// nil where the path isn't below the top, taken as text.
    package init?(_ path: String, below top: String) {
        guard path.utf8.starts(with: (top + "/").utf8) else { return nil }
        self.top = FilePath(top)
        self.path = PathBytes(Array(path.utf8.dropFirst(top.utf8.count + 1)))
    }

    /// Whether a directory stands there.
    package func isDirectory() throws(SystemError) -> Bool {
        let reference = try Directory.open(top).referenceBelow(path)
        return try FileStatus(of: reference.raw).kind == .directory
    }

    /// A copy of what is there; with `recursive`, of everything mounted below it too.
    package func copy(recursive: Bool) throws(SystemError) -> MountTree {
        let reference = try Directory.open(top).referenceBelow(path)
        return try MountTree.copying(of: reference, recursive: recursive)
    }
}

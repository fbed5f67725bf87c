import LinuxSystem

/// A directory that several places hold open; closed when the last lets go.
final class OpenDirectory {
    let directory: Directory

    init(_ directory: consuming Directory) { self.directory = directory }
}

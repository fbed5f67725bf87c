package import LinuxSystem
package import SystemPackage

/// A step of a build: a program on layers, and what is mounted while it runs.
package struct StepRequest: Sendable {
    package var run: RunRequest
    /// The file system below, top first; empty for none.
    package var lowers: [FilePath]
    package var upper: FilePath
    package var work: FilePath
    /// A directory of the caller's, where the step's own files are put.
    package var folder: FilePath
    package var mounts: [StepMount] = []
    /// A network namespace of the caller's that the program joins; nil for what the request says.
    package var networkNamespace: String?

    package init(_ run: RunRequest, lowers: [FilePath], upper: FilePath, work: FilePath, folder: FilePath) {
        self.run = run
        self.lowers = lowers
        self.upper = upper
        self.work = work
        self.folder = folder
    }
}

/// Something that is mounted for one step. Its mount point is made where it is missing, and isn't among what the step
/// changed.
package struct StepMount: Sendable {
    package enum Source: Sendable {
        /// A tree that was put together for this mount.
        case tree(SharedTree)
        /// A directory of the host's.
        case directory(FilePath)
        /// New memory, with options of the file system.
        case memory(options: [String])
    }

    package var source: Source
    /// Absolute; links in it are followed inside the container's root.
    package var target: String
    package var isReadOnly: Bool

    package init(_ source: Source, target: String, isReadOnly: Bool = false) {
        self.source = source
        self.target = target
        self.isReadOnly = isReadOnly
    }

    var isDirectory: Bool {
        if case .tree(let tree) = source { tree.isDirectory } else { true }
    }
}

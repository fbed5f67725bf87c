package import LinuxSystem
package import OCISpec

/// What is different between two images: config, packages and files.
package struct ImageDiff: Sendable {
    /// What became of something on the way from the first image to the second.
    package enum Change: String, Sendable, Hashable {
        case added = "A"
        case changed = "C"
        case removed = "D"

        init(from before: Bool, to after: Bool) {
            self = before ? (after ? .changed : .removed) : .added
        }
    }

    /// A field of the config, by its name in JSON; of `Env` and `Labels` each variable and label is one.
    package struct ConfigChange: Sendable, Hashable {
        package var field: String
        package var before: JSONValue?
        package var after: JSONValue?
        package var change: Change { Change(from: before != nil, to: after != nil) }
    }

    /// A package of a package manager's.
    package struct PackageChange: Sendable, Hashable {
        package var id: InstalledPackage.ID
        package var before: String?
        package var after: String?
        package var change: Change { Change(from: before != nil, to: after != nil) }
    }

    /// A file, directory, link or device.
    package struct FileChange: Sendable {
        /// Relative to the root.
        package var path: PathBytes
        package var before: FileFacts?
        package var after: FileFacts?
        package var change: Change { Change(from: before != nil, to: after != nil) }
    }

    /// What there is to say of a file besides its bytes.
    package struct FileFacts: Sendable, Hashable {
        package var kind: FileStatus.Kind
        package var permissions: UInt32
        package var uid: UInt32
        package var gid: UInt32
        /// Of a file; 0 for anything else.
        package var size: Int64
        package var modified: FileTime
        package var device: FileStatus.Device
        /// Of a symbolic link.
        package var target: PathBytes?
    }

    package var config: [ConfigChange] = []
    package var packages: [PackageChange] = []
    /// By path.
    package var files: [FileChange] = []
    /// Package databases that couldn't be read, with the reason.
    package var notes: [String] = []

    package var isEmpty: Bool { config.isEmpty && packages.isEmpty && files.isEmpty }
}

/// What a comparison looks at besides what always counts.
package struct DiffOptions: Sendable, Hashable {
    /// Whether times of files and of the image count: they differ whenever something is built anew.
    package var comparesTimes = false

    package init() {}
}

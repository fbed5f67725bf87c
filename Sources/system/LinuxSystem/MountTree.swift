private import CLinuxShims
private import Glibc
package import SystemPackage

/// What a mount allows, as `MOUNT_ATTR_…`.
package struct MountAttributes: OptionSet, Sendable, Hashable {
    package var rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let readOnly = MountAttributes(rawValue: 0x1)
    package static let noSetuid = MountAttributes(rawValue: 0x2)
    package static let noDevices = MountAttributes(rawValue: 0x4)
    package static let noExecute = MountAttributes(rawValue: 0x8)
    package static let noAccessTime = MountAttributes(rawValue: 0x10)
    package static let strictAccessTime = MountAttributes(rawValue: 0x20)
    /// Every bit of the access time setting; relative access times are 0. Cleared before one is set.
    package static let accessTimeSetting = MountAttributes(rawValue: 0x70)
    package static let noDirectoryAccessTime = MountAttributes(rawValue: 0x80)
    package static let noSymbolicLinks = MountAttributes(rawValue: 0x20_0000)
}

/// How mounts and unmounts travel between copies of a mount, as `MS_…`.
package enum MountPropagation: UInt64, Sendable, Hashable {
    case unchanged = 0
    case unbindable = 0x2_0000
    case isolated = 0x4_0000
    case slave = 0x8_0000
    case shared = 0x10_0000
}

/// A tree of mounts that is attached nowhere. Unless somebody attaches it, it goes away with its descriptor.
package struct MountTree: ~Copyable, Sendable {
    package let descriptor: OwnedDescriptor
    /// The end of a pipe that hangs up when the program has ended that serves the files; nil where the kernel does.
    private var server: OwnedDescriptor?

    package init(adopting descriptor: consuming OwnedDescriptor, servedBy server: consuming OwnedDescriptor? = nil) {
        self.descriptor = descriptor
        self.server = server
    }

    /// Gives away what says whether the files are still served.
    package mutating func takeServer() -> OwnedDescriptor? { server.take() }

    /// A copy of what the host has at `path`, links followed; with `recursive`, of everything mounted below it too.
    package static func copying(_ path: FilePath, recursive: Bool) throws(SystemError) -> MountTree {
        let flags = LINUX_OPEN_TREE_CLONE | LINUX_OPEN_TREE_CLOEXEC | (recursive ? LINUX_AT_RECURSIVE : 0)
        let raw = try check("open_tree", path.string) {
            path.withPlatformString { linux_open_tree(AT_FDCWD, $0, flags) }
        }
        return MountTree(adopting: OwnedDescriptor(adopting: raw))
    }

    /// Sets and clears attributes, and the way mounts travel.
    package func change(
        set: MountAttributes = [],
        clear: MountAttributes = [],
        propagation: MountPropagation = .unchanged,
        recursive: Bool = false
    ) throws(SystemError) {
        try check("mount_setattr") {
            linux_mount_setattr(
                descriptor.raw,
                set.rawValue,
                clear.rawValue,
                propagation.rawValue,
                recursive ? 1 : 0
            )
        }
    }

    /// Gives the descriptor away.
    package consuming func takeDescriptor() -> OwnedDescriptor { descriptor }

    // MARK: - Overlays

    /// Directories laid over each other: `lowers` are open directories, the top one first. Without an upper directory there
    /// must be two of them, and nothing can be written.
    ///
    /// With `volatile`, unmounting doesn't sync the upper directory's file system.
    package static func overlay(
        lowers: [CInt],
        upper: CInt? = nil,
        work: CInt? = nil,
        volatile: Bool = false
    ) throws(SystemError) -> MountTree {
        do {
            return try overlayByDescriptor(lowers: lowers, upper: upper, work: work, volatile: volatile)
        } catch  where error.errno == .invalidArgument || error.errno == .notSupported {
            // Before Linux 6.13 layers can't be given by descriptor; before 6.5 overlayfs takes no descriptors at all.
            return try overlayByNumber(lowers: lowers, upper: upper, work: work, volatile: volatile)
        }
    }

    /// The same of directories by their paths: they are open only while the overlay is made, which holds what it needs.
    package static func overlay(
        lowers: [FilePath],
        upper: FilePath? = nil,
        work: FilePath? = nil,
        volatile: Bool = false
    ) throws(SystemError) -> MountTree {
        var opened: [CInt] = []
        defer { for descriptor in opened { close(descriptor) } }
        for path in lowers + [upper, work].compactMap({ $0 }) { opened.append(try reference(path)) }
        return try overlay(
            lowers: Array(opened[..<lowers.count]),
            upper: upper == nil ? nil : opened[lowers.count],
            work: work == nil ? nil : opened.last,
            volatile: volatile
        )
    }

    private static func reference(_ path: FilePath) throws(SystemError) -> CInt {
        try check("open", path.string) {
            path.withPlatformString { open($0, LINUX_O_PATH | O_DIRECTORY | O_CLOEXEC) }
        }
    }

    private static func overlayByDescriptor(
        lowers: [CInt],
        upper: CInt?,
        work: CInt?,
        volatile: Bool
    ) throws(SystemError) -> MountTree {
        let context = try overlayContext(volatile: volatile)
        for lower in lowers {
            try check("fsconfig", "lowerdir+") { linux_fsconfig_descriptor(context.raw, "lowerdir+", lower) }
        }
        for case (let name, let directory?) in [("upperdir", upper), ("workdir", work)] {
            try check("fsconfig", name) { linux_fsconfig_descriptor(context.raw, name, directory) }
        }
        try check("fsconfig", "overlay") { linux_fsconfig_create(context.raw) }
        return try mount(context)
    }

    static func overlayByNumber(
        lowers: [CInt],
        upper: CInt?,
        work: CInt?,
        volatile: Bool
    ) throws(SystemError) -> MountTree {
        let context = try overlayContext(volatile: volatile)
        try check("fsconfig", "overlay of \(lowers.count) layers") {
            linux_overlay_by_number(context.raw, lowers, CInt(lowers.count), upper ?? -1, work ?? -1)
        }
        return try mount(context)
    }

    private static func overlayContext(volatile: Bool) throws(SystemError) -> OwnedDescriptor {
        let context = OwnedDescriptor(adopting: try check("fsopen", "overlay") { linux_fsopen("overlay") })
        try check("fsconfig", "source") { linux_fsconfig_string(context.raw, "source", "overlay") }
        // In a user namespace overlayfs keeps its books in attributes that an ordinary user may set.
        if !OwnUserNamespace.isInitial {
            try check("fsconfig", "userxattr") { linux_fsconfig_flag(context.raw, "userxattr") }
        }
        if volatile { try check("fsconfig", "volatile") { linux_fsconfig_flag(context.raw, "volatile") } }
        return context
    }

    private static func mount(_ context: borrowing OwnedDescriptor) throws(SystemError) -> MountTree {
        MountTree(
            adopting: OwnedDescriptor(adopting: try check("fsmount", "overlay") { linux_fsmount(context.raw, 0) })
        )
    }
}

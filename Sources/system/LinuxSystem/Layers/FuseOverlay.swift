private import CLinuxShims
private import Glibc
internal import Reporting
internal import SystemPackage

/// overlayfs by the program fuse-overlayfs.
///
/// The mount is made here and attached nowhere; the program only gets the device that serves it. So it ends by itself when
/// the last who holds the mount has gone, however that happened.
enum FuseOverlay {
    private static let device = "/dev/fuse"
    private static let program = "fuse-overlayfs"
    private static let folders: [FilePath] = ["/usr/bin", "/usr/local/bin", "/bin"]

    private static var path: FilePath? { HostPath.program(program, in: folders) }

    /// What is missing for it; nil where it works.
    static func obstacle() -> PlainFailure? {
        guard path != nil else {
            return PlainFailure(
                .unsupported,
                "the storage driver fuse-overlayfs needs a program of that name, which is not installed",
                hint: "apt-get install fuse-overlayfs"
            )
        }
        do throws(SystemError) {
            _ = try open()
            return nil
        } catch {
            let hint = error.errno == .permissionDenied ? "chmod 666 \(device) as root" : "modprobe fuse"
            return PlainFailure(error.kind, "the storage driver fuse-overlayfs needs \(device): \(error)", hint: hint)
        }
    }

    private static func open() throws(SystemError) -> OwnedDescriptor {
        OwnedDescriptor(adopting: try check("open", device) { Glibc.open(device, O_RDWR | O_CLOEXEC) })
    }

    static func mount(
        lowers: [FilePath],
        upper: FilePath,
        work: FilePath,
        volatile: Bool
    ) throws(SystemError) -> MountTree {
        for path in lowers + [upper, work] where path.string.contains(where: { ":,\\".contains($0) }) {
            throw SystemError(program, path.string, .invalidArgument)
        }
        guard let path else { throw SystemError("posix_spawn", program, .noSuchFileOrDirectory) }
        let device = try open()
        var life = try Pipe()
        let tree = try mount(device)
        var options = "lowerdir=\(lowers.map(\.string).joined(separator: ":")),upperdir=\(upper),workdir=\(work)"
        // What is written is in the upper directory at once, where others read it.
        options += ",writeback=0"
        if volatile { options += ",volatile" }
        var child = ChildProgram([path.string, "-o", options, "/dev/fd/3"])
        child.hasOwnGroup = true
        child.served = [device.raw, life.writingEnd]
        let null = OwnedDescriptor(adopting: try check("open", "/dev/null") { Glibc.open("/dev/null", O_RDWR | O_CLOEXEC) })
        // It goes on in the background.
        let status = try child.run(input: null.raw, output: null.raw, error: null.raw)
        withExtendedLifetime(device) {}
        if status != 0 { throw SystemError(program, upper.string, .ioError) }
        life.closeWriting()
        return MountTree(adopting: tree.takeDescriptor(), servedBy: try life.reading.duplicate())
    }

    private static func mount(_ device: borrowing OwnedDescriptor) throws(SystemError) -> MountTree {
        let context = OwnedDescriptor(adopting: try check("fsopen", "fuse") { linux_fsopen("fuse") })
        let texts = [
            ("source", program), ("subtype", program), ("fd", String(device.raw)), ("rootmode", "40000"), ("user_id", "0"),
            ("group_id", "0"),
        ]
        for (key, value) in texts {
            try check("fsconfig", key) { linux_fsconfig_string(context.raw, key, value) }
        }
        for key in ["default_permissions", "allow_other"] {
            try check("fsconfig", key) { linux_fsconfig_flag(context.raw, key) }
        }
        try check("fsconfig", "fuse") { linux_fsconfig_create(context.raw) }
        return MountTree(
            adopting: OwnedDescriptor(adopting: try check("fsmount", "fuse") { linux_fsmount(context.raw, 0) })
        )
    }
}

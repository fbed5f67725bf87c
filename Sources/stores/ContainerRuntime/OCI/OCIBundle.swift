internal import CLinuxShims
internal import Glibc
internal import LinuxSystem
internal import OCISpec
internal import Reporting
internal import SystemPackage

/// A container's bundle on disk: `config.json` and the empty `rootfs` where its root is mounted.
enum OCIBundle {
    /// Where an init for `--init` may be, as Docker, Podman and Debian have it.
    private static let inits = [
        "/usr/bin/docker-init", "/usr/libexec/podman/catatonit", "/usr/bin/catatonit",
        "/usr/bin/tini", "/sbin/docker-init", "/usr/bin/tini-static",
    ]

    static func make(
        _ path: FilePath,
        for request: LaunchRequest,
        program: FilePath
    ) throws(RuntimeError) -> Directory {
        var spec = request.spec
        spec.root = .init(path: "rootfs", readonly: spec.root?.readonly)
        if request.usesInit { try addInit(to: &spec) }
        let document: [UInt8]
        do { document = try JSON.encode(spec) } catch {
            throw RuntimeError(.internal, "writing the container's config.json: \(error)")
        }
        do {
            let folder = try Directory.open(path, create: true, mode: 0o700)
            try folder.makeDirectory("rootfs", mode: 0o755)
            try write("config.json", document, folder)
            try write("runtime", Array(program.string.utf8), folder)
            return folder
        } catch {
            throw RuntimeError("making the container's bundle", error)
        }
    }

    static func write(_ name: PathBytes, _ bytes: [UInt8], _ folder: borrowing Directory) throws(SystemError) {
        let file = try folder.open(name, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        try DescriptorIO.write(file.raw, bytes.span)
    }

    /// Docker's way: the host's init is bound into the container and runs the program.
    private static func addInit(to spec: inout RuntimeSpec) throws(RuntimeError) {
        guard let program = inits.first(where: { access($0, X_OK) == 0 }) else {
            throw RuntimeError(
                .notFound,
                "no init for --init was found on this machine",
                hint: "install tini, or use socle's own runtime, which has one"
            )
        }
        let target = "/sbin/docker-init"
        spec.mounts?.append(.init(target, type: "bind", source: program, options: ["bind", "ro"]))
        let arguments = spec.process?.args ?? []
        spec.process?.args = [target, "--"] + arguments
    }

    /// Mounts what the container sees as `/`.
    static func mountRoot(_ root: RootFileSystem, at target: FilePath) throws(SystemError) {
        let tree = try tree(root)
        try check("move_mount", target.string) {
            target.withPlatformString { linux_move_mount(tree.descriptor.raw, $0) }
        }
    }

    private static func tree(_ root: RootFileSystem) throws(SystemError) -> MountTree {
        switch root {
        case .directory(let path): return try MountTree.copying(path, recursive: false)
        case .overlay(let lowers, let upper, let work, let volatile, let driver):
            return try driver.mount(lowers: lowers, upper: upper, work: work, volatile: volatile)
        }
    }
}

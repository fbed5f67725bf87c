import ContainerRuntime
import Glibc
import LinuxSystem
import OCISpec
import SocleTesting
import SystemPackage

/// A root with a static busybox, an upper and a work directory, and containers on top: what a launch leaves can be seen.
final class Sandbox {
    static let needs = Requirement.all(.overlay, .tool("busybox"))
    private static let commands = [
        "sh", "cat", "ls", "id", "mount", "env", "stat", "readlink", "sleep", "grep", "hostname", "touch", "mkdir",
        "kill",
        "nc", "chroot", "unshare", "tty", "stty", "ulimit", "pwd", "wc", "ps", "rm", "mknod", "head", "sort", "umount",
        "true", "trap", "test", "ln", "echo", "dd", "find",
    ]

    let root: TemporaryRoot
    private let number = Sandbox.next()

    init() throws {
        root = try TemporaryRoot()
        for folder in ["lower/bin", "lower/etc", "lower/root", "upper", "work"] {
            _ = try Directory.open(root(folder), create: true, mode: 0o755)
        }
        try Command.output(of: "cp", ["/bin/busybox", root("lower/busybox").string])
        for command in Self.commands {
            try Directory.open(root("lower/bin")).symlink(to: "/busybox", as: PathBytes(command))
        }
        try write("lower/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n")
        try write("lower/etc/group", "root:x:0:\nuser:x:1000:\nextra:x:2000:user\n")
        chmod(root("lower").string, 0o755)
        chmod(root("upper").string, 0o755)
    }

    private nonisolated(unsafe) static var count = 0
    private static func next() -> Int {
        count += 1
        return count
    }

    var id: String { "socle-test-\(getpid())-\(number)" }

    func write(_ path: String, _ text: String, mode: UInt32 = 0o644) throws {
        let path = root(path)
        let folder = try Directory.open(path.removingLastComponent(), create: true, mode: 0o755)
        let file = try folder.open(
            PathBytes(path.lastComponent?.string ?? ""),
            flags: O_WRONLY | O_CREAT | O_TRUNC,
            mode: mode
        )
        try DescriptorIO.write(file.raw, Array(text.utf8).span)
    }

    /// Docker's default specification for a command.
    func spec(_ arguments: [String], network: Bool = true) -> RuntimeSpec {
        var spec = RuntimeDefaults.spec(
            id: id,
            process: .init(args: arguments, env: [RuntimeDefaults.path, "HOSTNAME=box"]),
            root: .init(path: "/"),
            hostname: "box",
            hostNetwork: !network,
            privateCgroup: false
        )
        spec.process?.user.additionalGids = [0]
        spec.linux?.seccomp = SeccompProfile.docker.specification(capabilities: RuntimeDefaults.capabilities)
        return spec
    }

    func request(_ spec: RuntimeSpec, _ io: LaunchIO, usesInit: Bool = false, diesWithParent: Bool = false)
        -> LaunchRequest
    {
        LaunchRequest(
            id: id,
            spec: spec,
            root: .overlay(lowers: [root("lower")], upper: root("upper"), work: root("work"), volatile: true),
            io: io,
            diesWithParent: diesWithParent,
            cacheDirectory: root("seccomp"),
            usesInit: usesInit
        )
    }

    struct Result {
        var code: Int32
        var status: ExitStatus
        var output: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// Launches, waits, and collects what was written to both outputs.
    func run(_ spec: RuntimeSpec, usesInit: Bool = false) throws -> Result {
        // The kernel marks a volatile upper directory as used.
        try? Directory.open(root("work")).removeTree("work")
        let output = try Directory.open(root.path).open("output", flags: O_RDWR | O_CREAT | O_TRUNC, mode: 0o600)
        let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(input) }
        var container = try NativeExecutor().launch(
            request(spec, .descriptors(input: input, output: output.raw, error: output.raw), usesInit: usesInit)
        )
        let status = try container.wait()
        container.settle()
        lseek(output.raw, 0, SEEK_SET)
        let bytes = try DescriptorIO.readAll(output.raw, limit: 1 << 20)
        return Result(code: status.code, status: status, output: String(decoding: bytes, as: UTF8.self))
    }

    func run(_ arguments: String..., change: (inout RuntimeSpec) -> Void = { _ in }) throws -> Result {
        var spec = spec(arguments)
        change(&spec)
        return try run(spec)
    }

    /// Runs a shell's command line.
    func shell(_ line: String, change: (inout RuntimeSpec) -> Void = { _ in }) throws -> Result {
        try run("/bin/sh", "-c", line, change: change)
    }

    /// The error of a launch that must fail.
    func failure(_ arguments: String..., change: (inout RuntimeSpec) -> Void = { _ in }) throws -> RuntimeError? {
        var spec = spec(arguments)
        change(&spec)
        do throws(RuntimeError) {
            try? Directory.open(root("work")).removeTree("work")
            var container = try NativeExecutor().launch(request(spec, .descriptors(input: 0, output: 1, error: 2)))
            _ = try container.wait()
            return nil
        } catch {
            return error
        }
    }

    /// Control groups of this sandbox that are still there.
    func leftovers() throws -> [String] {
        try ControlGroupHierarchy.discover().map { $0.parent.appending("socle").appending(id).string }.filter {
            access($0, F_OK) == 0
        }
    }
}

import BundleRuntime
import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

/// `socle oci exec`.
struct ExecBundleCommand: OCICommand {
    static let usage: Usage = {
        var usage = Usage("CONTAINER COMMAND [ARG...]", 1...Usage.many, "Start another program in a container")
        usage.stopsAtOperand = true
        return usage
    }()
    static let prefix = "exec failed: "
    /// runc's: a program's own status could be 1.
    static let failureCode = ExitCode(value: 255)
    @FlagListing<Self> static var flags: [Flag<Self>] {
        Flag.value(
            "console-socket",
            \.consoleSocket,
            as: "path",
            "Socket to which the master of the program's terminal is sent"
        )
        Flag.value("cwd", \.workingDirectory, as: "path", "Working directory in the container")
        Flag.list("env", short: "e", \.environment, "Set environment variables")
        Flag.toggle("tty", short: "t", \.terminal, "Allocate a pseudo-TTY")
        Flag.value("user", short: "u", \.user, as: "uid[:gid]", "Who the program runs as")
        Flag.list("additional-gids", short: "g", \.groups, "Further groups")
        Flag.value("process", short: "p", \.file, as: "path", "File with the process as the specification has it")
        Flag.toggle("detach", short: "d", \.isDetached, "Don't wait for the end")
        Flag.value("pid-file", \.pidFile, as: "path", "File to write the number of the process to")
        Flag.value("process-label", \.label, "SELinux label of the program")
        Flag.value("apparmor", \.profile, "AppArmor profile of the program")
        Flag.toggle("no-new-privs", \.noNewPrivileges, "Let the program gain no privileges")
        Flag.list("cap", short: "c", \.capabilities, "Add a capability")
        Flag.value("preserve-fds", \.preserved, as: "int", "Give so many descriptors from 3 on to the program")
        Flag.toggle("ignore-paused", \.allowsPaused, "Allow it in a paused container")
        Flag.list(
            "cgroup",
            \.groupPaths,
            as: "[controller:]path",
            "Run it in a group below the container's, which is there"
        )
    }
    var operands: [String] = []
    var consoleSocket: String?
    var workingDirectory: String?
    var environment: [String] = []
    var terminal = false
    var user: String?
    var groups: [String] = []
    var file: String?
    var isDetached = false
    var pidFile: String?
    var label: String?
    var profile: String?
    var noNewPrivileges = false
    var capabilities: [String] = []
    var preserved = 0
    var allowsPaused = false
    var groupPaths: [String] = []

    func run(in session: Session) throws -> ExitCode {
        let preserved = try CallerDescriptors.first(preserved)
        let containers = session.oci.containers
        var order = BundleExec(try process(containers))
        if order.process.args?.isEmpty != false { throw ArgumentError("process args cannot be empty") }
        order.consoleSocket = consoleSocket.map { FilePath($0) }
        order.pidFile = pidFile.map { FilePath($0) }
        order.isDetached = isDetached
        order.preserved = preserved
        order.allowsPaused = allowsPaused
        order.groupPaths = groupPaths
        return ExitCode(value: try containers.exec(operands[0], order))
    }

    private func process(_ containers: BundleContainers) throws -> RuntimeSpec.Process {
        if let file { return try BundleDocuments.process(file) }
        var process = try containers.process(of: operands[0])
        process.args = Array(operands.dropFirst())
        process.terminal = terminal
        process.consoleSize = nil
        if let workingDirectory { process.cwd = workingDirectory }
        process.env = (process.env ?? []) + environment
        if noNewPrivileges { process.noNewPrivileges = true }
        if let label { process.selinuxLabel = label }
        if let profile { process.apparmorProfile = profile }
        if !capabilities.isEmpty {
            // Nothing is inherited: whoever isn't root gains it by no other way than a program's file.
            var sets = process.capabilities ?? RuntimeSpec.Capabilities()
            let (bounding, effective, permitted) = (sets.bounding ?? [], sets.effective ?? [], sets.permitted ?? [])
            sets.bounding = bounding + capabilities
            sets.effective = effective + capabilities
            sets.permitted = permitted + capabilities
            process.capabilities = sets
        }
        if let user { try setUser(user, of: &process) }
        if !groups.isEmpty { process.user.additionalGids = try groups.map { try id($0) } }
        return process
    }

    /// `uid[:gid]`: numbers alone.
    private func setUser(_ text: String, of process: inout RuntimeSpec.Process) throws {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2 else { throw ArgumentError("user \(GoText.quoted(text)) is not uid[:gid]") }
        process.user.uid = try id(parts[0])
        if parts.count == 2 { process.user.gid = try id(parts[1]) }
    }

    private func id(_ text: String) throws -> UInt32 {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let id = UInt32(text), id != .max else {
            throw ArgumentError("parsing \(GoText.quoted(text)) as an id failed")
        }
        return id
    }
}

/// Documents that engines hand over as files.
enum BundleDocuments {
    private static let limit = 16 << 20

    /// Writes a bundle's `config.json`, which must not be there yet.
    static func add(_ bytes: [UInt8], to bundle: FilePath) throws(SystemError) {
        let folder = try Directory.open(bundle)
        let file = try folder.create("config.json", mode: 0o666)
        try DescriptorIO.write(file.raw, bytes.span)
    }

    /// Adds a line to a log, made where it is missing.
    static func log(_ line: String, to path: FilePath) throws(SystemError) {
        let folder = try Directory.holding(path)
        let file = try folder.openLog(PathBytes(path.lastComponent?.string ?? ""))
        try DescriptorIO.write(file.raw, Array((line + "\n").utf8).span)
    }

    static func process(_ path: String) throws -> RuntimeSpec.Process {
        try Bundle.process(try bytes(path))
    }

    static func resources(_ path: String) throws -> RuntimeSpec.Resources {
        let bytes = path == "-" ? try DescriptorIO.readAll(0, limit: limit) : try bytes(path)
        return try Bundle.resources(bytes)
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        let file = try HostPath.openForReading(FilePath(path))
        return try DescriptorIO.readAll(file.raw, limit: limit)
    }
}

package import ContainerMonitor
import ContainerRuntime
import LinuxSystem
import OCISpec
import Reporting
import SystemPackage

/// What `exec` is asked for.
package struct ExecOrder: Sendable, Hashable {
    package var command: [String]
    /// `NAME=value`, over the container's own.
    /// A bare name takes the variable away.
    package var environment: [String] = []
    /// `name|uid[:group|gid]`; nil is the container's.
    package var user: String?
    package var workingDirectory: String?
    package var privileged = false
    package var interactive = false
    package var terminal = false
    /// Whether nobody waits for it.
    package var isDetached = false
    /// The keys by which the user lets go of a program that has a terminal.
    package var detachKeys = DetachKeys.standard

    package init(_ command: [String]) { self.command = command }
}

/// A container that runs, held by its first process: nothing that is done through it can reach another one that gets its
/// number.
struct RunningProcess: ~Copyable {
    let descriptor: OwnedDescriptor
    /// The container's root as that process sees it.
    let root: Directory

    init(_ start: StartRecord, of id: String) throws {
        let opened = try ProcessDescriptor.open(start.process.pid)
        let folder = try Directory.open(FilePath("/proc/\(start.process.pid)/root"))
        // Asked last: what was opened before is that of the process that still exists.
        if !start.process.exists {
            throw PlainFailure(.conflict, "Container \(id) is not running")
        }
        descriptor = opened
        root = folder
    }

    /// A small file; nil where it isn't there or isn't one.
    func file(_ path: PathBytes) throws(SystemError) -> [UInt8]? {
        do { return try root.readStoredInRoot(path, limit: UserLookup.sizeLimit) } catch {
            if [.noSuchFileOrDirectory, .notDirectory, .invalidArgument, .isDirectory].contains(error.errno) {
                return nil
            }
            throw SystemError("read", "/\(path)", error.errno)
        }
    }
}

extension Containers {
    /// The first process of a container that runs, with what is said of one that doesn't.
    func running(_ container: Container, as name: String, for verb: String) throws -> RunningProcess {
        switch container.state {
        case .running: break
        case .paused:
            throw PlainFailure(.conflict, "Container \(name) is paused, unpause the container before \(verb)")
        case .restarting:
            throw PlainFailure(.conflict, "Container \(container.id) is restarting, wait until the container is running")
        case .created, .exited: throw PlainFailure(.conflict, "Container \(container.id) is not running")
        }
        guard let start = try StartRecord(in: try Directory.open(folder(container.id))) else {
            throw PlainFailure(.conflict, "Container \(container.id) is not running")
        }
        return try RunningProcess(start, of: container.id)
    }

    /// `exec`: runs another program in a container; its status, 0 for one that nobody waits for, nil where the user let go
    /// of it.
    package func exec(_ text: String, _ order: ExecOrder) throws -> Int32? {
        let container = try find(text)
        let process = try running(container, as: text, for: "exec")
        if order.terminal, order.interactive, !TerminalMode.isTerminal(0) {
            throw PlainFailure(.invalidArgument, "the input device is not a TTY")
        }
        let null = try Directory.open("/dev").open("null", flags: 2)
        let io: LaunchIO
        if order.terminal {
            let size = TerminalMode.size()
            io = .terminal(rows: size?.rows ?? 0, columns: size?.columns ?? 0)
        } else {
            io = .descriptors(input: null.raw, output: null.raw, error: null.raw)
        }
        let passwd = try process.file("etc/passwd")
        let request = ExecRequest(
            id: container.id,
            process: process.descriptor.raw,
            spec: try specification(of: order, in: container, passwd: passwd, group: try process.file("etc/group")),
            io: io,
            passwd: passwd,
            cacheDirectory: root.appending("cache")
        )
        let runtime = try RuntimeName.program(container.document.request.runtime)
        let folder = folder(container.id)
        let executor = MonitorOrder.executor(runtime: runtime?.string, folder: folder)
        let number = RandomID.make()
        // As Docker writes it: a blank follows the program, whether there are arguments or not.
        let words = "\(order.command.first ?? "") \(order.command.dropFirst().joined(separator: " "))"
        for action in ["exec_create", "exec_start"] { tell("\(action): \(words)", container, ["execID": number]) }
        if order.terminal, !order.isDetached {
            let keys = order.interactive ? order.detachKeys : nil
            let end = try AttendedContainer.exec(
                request,
                by: executor,
                isInteractive: order.interactive,
                detachKeys: keys,
                started: { ExecRecord.add(number, pid: $0, in: folder) }
            )
            // One that was let go of runs on.
            if let end { tellEnd(of: number, end.code, in: container) }
            return end?.code
        }
        if order.isDetached {
            let detached = DetachedExec(
                number,
                request,
                runtime: runtime?.string,
                folder: folder,
                journal: journal,
                eventAttributes: Self.eventAttributes(container.document.config, name: container.name)
            )
            try detached.start(process: process.descriptor.raw)
            return 0
        }
        let code = try AttendedContainer.execPiped(
            request,
            by: executor,
            isInteractive: order.interactive,
            passesSignals: false,
            started: { ExecRecord.add(number, pid: $0, in: folder) }
        ).code
        tellEnd(of: number, code, in: container)
        return code
    }

    private func tellEnd(of exec: String, _ code: Int32, in container: Container) {
        ExecRecord.remove(exec, in: folder(container.id))
        tell("exec_die", container, ["execID": exec, "exitCode": "\(code)"])
    }

    /// The container's own specification with another process in it.
    private func specification(
        of order: ExecOrder,
        in container: Container,
        passwd: [UInt8]?,
        group: [UInt8]?
    ) throws -> RuntimeSpec {
        var request = container.document.request
        var config = container.document.config
        let names = Set(order.environment.map(EnvironmentList.name))
        config.env = config.env.filter { !names.contains(EnvironmentList.name($0)) } + order.environment.filter { $0.contains("=") }
        config.entrypoint = nil
        config.cmd = order.command
        if let directory = order.workingDirectory {
            guard directory.hasPrefix("/") else {
                throw RuntimeError(.invalidArgument, "Cwd must be an absolute path", exitCode: 126)
            }
            config.workingDir = directory
        }
        request.terminal = order.terminal
        let user = try UserLookup(passwd: passwd, group: group)
            .resolve(order.user ?? config.user, additional: request.additionalGroups)
        var spec = try merge(container, request, config, user).specification(host)
        if order.privileged {
            let profile = spec.process?.apparmorProfile
            request.privileged = true
            spec.process = try merge(container, request, config, user).specification(host).process
            // The container's AppArmor profile holds all the same, as with Docker.
            spec.process?.apparmorProfile = profile
        }
        return spec
    }

    private func merge(
        _ container: Container,
        _ request: RunRequest,
        _ config: ContainerConfig,
        _ user: RuntimeSpec.User
    ) -> SpecMerge {
        var merge = SpecMerge(
            id: container.id,
            request: request,
            config: config,
            user: user,
            folder: folder(container.id),
            root: folder(container.id).appending("merged")
        )
        merge.seccomp = { SeccompProfile.docker.specification(capabilities: $0) }
        return merge
    }

    // MARK: - Processes

    /// `top`: the lines of the host's `ps` that are about the container's processes, the header first.
    package func top(_ text: String, arguments: [String]) throws -> [String] {
        let container = try find(text)
        guard container.isRunning, let start = try StartRecord(in: try Directory.open(folder(container.id))) else {
            throw PlainFailure(.conflict, "Container \(container.id) is not running")
        }
        tell("top", container)
        let words = ["ps"] + (arguments.isEmpty ? ["-ef"] : arguments)
        let lines = try HostProgram.lines(words)
        guard let header = lines.first else { throw PlainFailure(.internal, "ps says nothing") }
        let columns = header.split(separator: " ")
        guard let index = columns.firstIndex(of: "PID") else {
            throw PlainFailure(.invalidArgument, "Couldn't find PID field in ps output")
        }
        let place = try container.groupPlace
        let own = Set(try ProcessList.of(container.id, at: place, first: start.process.pid))
        return [header]
            + lines.dropFirst().filter { line in
                let fields = line.split(separator: " ")
                return fields.count > index && Int32(fields[index]).map(own.contains) ?? false
            }
    }

    // MARK: - Files

    /// The file system of a container as it is, without what is mounted in it.
    func tree(of container: Container) throws -> LayeredTree {
        let folder = folder(container.id)
        if container.document.storageDriver == .copies,
            let root = try LayerCopy.existing(in: folder.appending(ContainerFolder.work))
        {
            return try LayeredTree(lowers: [root])
        }
        let upper = folder.appending(ContainerFolder.upper)
        return try LayeredTree(lowers: [upper] + container.document.lowers.map { FilePath($0) })
    }
}

/// Programs of the host that are asked something.
enum HostProgram {
    static func lines(_ words: [String]) throws -> [String] {
        let answer = try ChildProgram(words).answer(limit: 16 << 20)
        if answer.status != 0 {
            let said = String(decoding: answer.said.error.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            throw PlainFailure(.invalidArgument, "\(words[0]): \(said.isEmpty ? "it failed" : said)")
        }
        return String(decoding: answer.said.output, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

import LinuxSystem
import Reporting
import SystemPackage

/// An SSH agent of a step's own, which has the keys of some files: OpenSSH's `ssh-agent`.
///
/// It ends with this value, and with this process however that ends: it runs a command that waits for the end of a pipe from us,
/// and then ends the agent.
final class KeyAgent {
    /// Where it listens.
    let socket: FilePath
    private var leash: Pipe?
    private var process: ChildProgram.Running?

    /// How long it may take to begin to listen, in milliseconds.
    private static let patience = 5_000
    private static let outputLimit = 1 << 20

    /// Starts it in a folder of the step's, and gives it the keys.
    init(keys: [FilePath], in folder: FilePath) throws {
        _ = try Directory.open(folder, create: true, mode: 0o700)
        socket = folder.appending("keys")
        let leash = try Pipe()
        let null = try HostPath.openForWriting("/dev/null")
        let agent = ChildProgram(["ssh-agent", "-a", socket.string, "sh", "-c", "cat; kill \"$SSH_AGENT_PID\""])
        do throws(SystemError) {
            process = try agent.start(input: leash.reading.raw, output: null.raw, error: null.raw)
        } catch { throw Self.explained(error) }
        self.leash = consume leash
        try waitForSocket()
        for key in keys { try add(key) }
    }

    deinit {
        leash = nil
        // It ends at once; how doesn't matter.
        _ = try? process.take()?.wait()
    }

    private func waitForSocket() throws {
        for _ in 0..<(Self.patience / 10) {
            if (try? HostPath.status(socket))?.kind == .socket { return }
            Pause.milliseconds(10)
        }
        throw PlainFailure(.unavailable, "ssh-agent doesn't begin to listen")
    }

    /// Nobody is asked for a passphrase: a build has nobody to ask.
    private func add(_ key: FilePath) throws {
        let inherited = ["PATH", "HOME"].compactMap { name in ProcessEnvironment.value(name).map { "\(name)=\($0)" } }
        let program = ChildProgram(
            ["ssh-add", "-q", key.string],
            environment: inherited + [
                "SSH_AUTH_SOCK=\(socket)", "SSH_ASKPASS=/bin/false", "SSH_ASKPASS_REQUIRE=force", "DISPLAY=:", "LC_ALL=C",
            ]
        )
        let null = try HostPath.openForReading("/dev/null")
        var output = try Pipe()
        var error = try Pipe()
        let child: ChildProgram.Running
        do throws(SystemError) {
            child = try program.start(input: null.raw, output: output.writingEnd, error: error.writingEnd)
        } catch { throw Self.explained(error) }
        output.closeWriting()
        error.closeWriting()
        let said = try ProgramOutput.collect(
            output: output.reading.raw,
            error: error.reading.raw,
            limit: Self.outputLimit
        )
        guard try child.wait() != 0 else { return }
        let lines = String(decoding: said.error, as: UTF8.self).split(whereSeparator: \.isNewline)
        throw PlainFailure(
            .invalidArgument,
            "SSH key \(key) can't be used: \(lines.last.map(String.init) ?? "ssh-add failed")",
            hint: "a key with a passphrase is for an agent: ssh-add \(key); socle build --ssh default"
        )
    }

    private static func explained(_ error: SystemError) -> any Failure {
        guard error.call == "posix_spawn", error.errno == .noSuchFileOrDirectory else { return error }
        return PlainFailure(
            .unsupported,
            "OpenSSH's client is not installed: key files need its ssh-agent and ssh-add",
            hint: "install it, or name an agent's socket"
        )
    }
}

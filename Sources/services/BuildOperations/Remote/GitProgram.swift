import ByteStreams
import LinuxSystem
import Reporting
import SystemPackage

/// The program `git`, run for one remote: it asks nobody anything, reads no settings but ours, runs no hooks, and speaks
/// only the protocols of the net.
struct GitProgram: Sendable {
    let remote: GitRemote
    let cancellation: Cancellation

    /// What git may fetch with.
    enum Protocols: String { case net = "https:http:ssh:git", file, none = "none" }

    /// A step that failed: what git said.
    struct Refusal: Failure {
        var kind: FailureKind
        var description: String
        var hint: String?
        /// All that it said.
        var words: String
    }

    /// Words that git's own words say something about the server by.
    private static let outputLimit = 16 << 20

    /// Runs git to its end; what it wrote.
    ///
    /// - Parameters:
    ///   - purpose: what it is for, in messages: `fetch`.
    ///   - variables: more for the environment.
    @discardableResult
    func run(
        _ arguments: [String],
        for purpose: String,
        protocols: Protocols = .none,
        variables: [String] = []
    ) throws -> String {
        try cancellation.check()
        var program = ChildProgram(["git"] + arguments, environment: environment(protocols) + variables)
        program.hasOwnGroup = true
        let ended: (words: ProgramOutput, status: Int32)
        do { ended = try carryOut(program) } catch let error as SystemError
            where error.call == "posix_spawn" && error.errno == .noSuchFileOrDirectory
        {
            throw PlainFailure(.unsupported, "git is not installed", hint: "install git, or fetch the files beforehand")
        }
        try cancellation.check()
        guard ended.status == 0 else { throw refusal(purpose, ended.words, ended.status) }
        return String(decoding: ended.words.output, as: UTF8.self)
    }

    private func carryOut(_ program: ChildProgram) throws -> (words: ProgramOutput, status: Int32) {
        let null = try Directory.open("/dev").openForReading("null")
        var output = try Pipe()
        var error = try Pipe()
        let child = try program.start(input: null.raw, output: output.writingEnd, error: error.writingEnd)
        output.closeWriting()
        error.closeWriting()
        let words = try collect(output.reading.raw, error.reading.raw, of: child.number)
        let status = try child.wait()
        return (words, status)
    }

    /// What a program says until it and its helpers end, which they do at once when nobody wants it any more.
    private func collect(_ output: CInt, _ error: CInt, of number: Int32) throws -> ProgramOutput {
        try cancellation.whenCancelled({ ChildProgram.terminate(group: number) }) {
            try ProgramOutput.collect(output: output, error: error, limit: Self.outputLimit)
        }
    }

    private func refusal(_ purpose: String, _ said: ProgramOutput, _ status: Int32) -> Refusal {
        let words = String(decoding: said.error, as: UTF8.self)
        let lines = words.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("hint:") && !$0.isEmpty }
        let reason = lines.isEmpty ? "git ended with status \(status)" : lines.suffix(4).joined(separator: "; ")
        return Refusal(
            kind: .unavailable,
            description: "failed to \(purpose) \(remote.address): \(reason)",
            words: words
        )
    }

    // MARK: - Surroundings

    /// What git is given of our own environment: where programs and certificates are, proxies, and the user's SSH agent.
    private static let inherited = [
        "PATH", "HOME", "TMPDIR", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy", "https_proxy",
        "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
    ]

    private static let settings: [(name: String, value: String)] = [
        ("core.hooksPath", "/dev/null"), ("core.attributesFile", "/dev/null"), ("core.excludesFile", "/dev/null"),
        ("core.fsmonitor", "false"), ("core.autocrlf", "false"), ("credential.helper", ""), ("gc.auto", "0"),
        ("maintenance.auto", "false"), ("init.defaultBranch", "main"), ("advice.detachedHead", "false"),
        ("submodule.recurse", "false"), ("fetch.recurseSubmodules", "false"), ("protocol.version", "2"),
        ("transfer.bundleURI", "false"), ("http.followRedirects", "initial"), ("http.lowSpeedLimit", "1"),
        ("http.lowSpeedTime", "60"),
    ]

    private func environment(_ protocols: Protocols) -> [String] {
        var variables = Self.inherited.compactMap { name in
            ProcessEnvironment.value(name).map { "\(name)=\($0)" }
        }
        variables += [
            "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=true", "SSH_ASKPASS=true", "GIT_CONFIG_NOSYSTEM=1",
            "GIT_CONFIG_GLOBAL=/dev/null", "GIT_ATTR_NOSYSTEM=1", "GIT_ALLOW_PROTOCOL=\(protocols.rawValue)",
            "GIT_SSH_COMMAND=ssh -o BatchMode=yes -o ConnectTimeout=30", "GIT_PROTOCOL_FROM_USER=0",
        ]
        let settings = Self.settings + remote.settings
        variables.append("GIT_CONFIG_COUNT=\(settings.count)")
        for (index, setting) in settings.enumerated() {
            variables += ["GIT_CONFIG_KEY_\(index)=\(setting.name)", "GIT_CONFIG_VALUE_\(index)=\(setting.value)"]
        }
        return variables
    }
}

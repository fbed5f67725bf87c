private import Glibc
private import LinuxSystem
public import SystemPackage

/// Runs other people's programs for a test and collects what they say.
public struct Command: Sendable, Hashable {
    /// The exit status, or 128 and the signal's number.
    public var status: Int32
    /// What it wrote to its output.
    public var output: [UInt8]
    /// What it wrote to its error output.
    public var error: [UInt8]

    /// The output as text.
    public var text: String { String(decoding: output, as: UTF8.self) }
    /// The error output as text.
    public var errorText: String { String(decoding: error, as: UTF8.self) }

    /// A program that could not be run, or ended otherwise than it should.
    public struct Failed: Error, CustomStringConvertible {
        /// What happened, for people.
        public let description: String

        /// A failure with what happened.
        public init(_ description: String) { self.description = description }
    }

    /// Runs a program (looked up on `PATH`) to its end.
    ///
    /// Input and outputs are files without names, so no pipe can fill up. `environment` replaces the environment if given;
    /// `directory` is where the program starts.
    public static func run(
        _ program: String,
        _ arguments: [String] = [],
        input: [UInt8] = [],
        environment: [String: String]? = nil,
        directory: FilePath? = nil
    ) throws -> Command {
        let folder = try Directory.open(FilePath(Environment.value("TMPDIR") ?? "/tmp"))
        let given = try folder.temporaryFile()
        let output = try folder.temporaryFile()
        let error = try folder.temporaryFile()
        try DescriptorIO.write(given.descriptor.raw, input.span)
        lseek(given.descriptor.raw, 0, SEEK_SET)
        let variables = environment.map { $0.map { "\($0.key)=\($0.value)" } }
        let place = directory.map { ["env", "--chdir=\($0)"] } ?? []
        let process = try spawn(
            place + [program] + arguments,
            variables,
            [(given.descriptor.raw, 0), (output.descriptor.raw, 1), (error.descriptor.raw, 2)]
        )
        let status = try wait(process)
        return Command(status: status, output: try contents(output), error: try contents(error))
    }

    private static func contents(_ file: borrowing TemporaryFile) throws -> [UInt8] {
        lseek(file.descriptor.raw, 0, SEEK_SET)
        return try DescriptorIO.readAll(file.descriptor.raw, limit: 1 << 30)
    }

    /// Runs a program that has to succeed; its output.
    @discardableResult
    public static func output(
        of program: String,
        _ arguments: [String] = [],
        input: [UInt8] = [],
        environment: [String: String]? = nil,
        directory: FilePath? = nil
    ) throws -> [UInt8] {
        let result = try run(program, arguments, input: input, environment: environment, directory: directory)
        if result.status == 0 { return result.output }
        let words = ([program] + arguments).joined(separator: " ")
        throw Failed("\(words): status \(result.status): \(result.errorText)")
    }

    // MARK: - Processes

    private static func spawn(
        _ words: [String],
        _ variables: [String]?,
        _ descriptors: [(from: CInt, to: CInt)]
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (from, to) in descriptors { posix_spawn_file_actions_adddup2(&actions, from, to) }
        // Tests run on threads that block signals; a program starts with none blocked.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var process = pid_t()
        let code = withCStrings(words) { arguments in
            guard let variables else {
                return posix_spawnp(&process, words[0], &actions, &attributes, arguments, environ)
            }
            return withCStrings(variables) { posix_spawnp(&process, words[0], &actions, &attributes, arguments, $0) }
        }
        if code != 0 { throw SystemError("posix_spawn", words[0], Errno(rawValue: code)) }
        return process
    }

    private static func wait(_ process: pid_t) throws -> Int32 {
        var status: Int32 = 0
        try check("waitpid") { waitpid(process, &status, 0) }
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }

    private static func withCStrings<Result>(
        _ texts: [String],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let room = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: texts.count + 1)
        for (index, text) in texts.enumerated() { room[index] = strdup(text) }
        room[texts.count] = nil
        defer {
            for index in texts.indices { free(room[index]) }
            room.deallocate()
        }
        return body(room)
    }
}

private import Glibc
private import SystemPackage

/// A helper program of the host, run to its end: an OCI runtime, git.
package struct ChildProgram: Sendable {
    /// The program, a path or a name on `PATH`, and its arguments.
    package var words: [String]
    /// `name=value`; nil gives on the environment of this process.
    package var environment: [String]?
    /// Whether it begins a process group of its own, so that it can be ended with all that it has started.
    package var hasOwnGroup = false
    /// Descriptors that become number 3 and on, behind the standard streams.
    package var served: [CInt] = []
    /// The program's file, where that isn't the first of the words.
    package var program: String?

    package init(_ words: [String], environment: [String]? = nil) {
        self.words = words
        self.environment = environment
    }

    /// Starts it with these standard streams and waits; its exit status, or 128 and the signal's number.
    package func run(input: CInt, output: CInt, error: CInt) throws(SystemError) -> Int32 {
        let child = try start(input: input, output: output, error: error)
        return try child.wait()
    }

    /// Runs it with nothing to read: what it says on its two output streams, and its status; `EFBIG` where the output is larger than `limit`.
    package func answer(limit: Int) throws(SystemError) -> (said: ProgramOutput, status: Int32) {
        let null = try Directory.open("/dev").openForReading("null")
        var output = try Pipe()
        var error = try Pipe()
        let child = try start(input: null.raw, output: output.writingEnd, error: error.writingEnd)
        output.closeWriting()
        error.closeWriting()
        let said = try ProgramOutput.collect(output: output.reading.raw, error: error.reading.raw, limit: limit)
        return (said, try child.wait())
    }

    /// Starts it with these standard streams.
    ///
    /// `ENOENT` where there is no such program.
    package func start(input: CInt, output: CInt, error: CInt) throws(SystemError) -> Running {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        InheritedDescriptors.stayHere()
        // Out of the way first: one of them may have the number that another shall have.
        let descriptors = [input, output, error] + served
        for (index, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, 100 + CInt(index))
        }
        for number in 0..<CInt(descriptors.count) {
            posix_spawn_file_actions_adddup2(&actions, 100 + number, number)
            posix_spawn_file_actions_addclose(&actions, 100 + number)
        }
        // A program gives its signal mask and handlers on to those that it starts.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let group = hasOwnGroup ? POSIX_SPAWN_SETPGROUP : 0
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group))
        var process = pid_t()
        let code = Self.withTexts(words) { arguments in
            guard let environment else {
                return posix_spawnp(&process, program ?? words[0], &actions, &attributes, arguments, environ)
            }
            return Self.withTexts(environment) {
                posix_spawnp(&process, program ?? words[0], &actions, &attributes, arguments, $0)
            }
        }
        if code != 0 { throw SystemError("posix_spawn", program ?? words[0], Errno(rawValue: code)) }
        return Running(process: process)
    }

    /// Asks a program with a group of its own to end, and all that it has started; it must not have been waited for.
    package static func terminate(group number: Int32) { kill(-number, SIGTERM) }

    /// A program that was started; it is waited for, whatever happens.
    package struct Running: ~Copyable, Sendable {
        private let process: Int32
        private var isReaped = false

        fileprivate init(process: Int32) { self.process = process }

        deinit {
            if isReaped { return }
            var status: CInt = 0
            kill(process, SIGKILL)
            waitpid(process, &status, 0)
        }

        /// The process's number: it means this process until `wait` returns.
        package var number: Int32 { process }

        /// Waits for the end; the exit status, or 128 and the signal's number.
        package consuming func wait() throws(SystemError) -> Int32 {
            switch try end() {
            case .exited(let code): code
            case .signalled(let signal): 128 + signal
            }
        }

        /// Waits for the end, and tells a signal from a status of the same number.
        package consuming func end() throws(SystemError) -> ProcessDescriptor.End {
            var status: CInt = 0
            try check("waitpid") { waitpid(process, &status, 0) }
            isReaped = true
            return status & 0x7f == 0 ? .exited((status >> 8) & 0xff) : .signalled(status & 0x7f)
        }
    }

    private static func withTexts<Result>(
        _ texts: [String],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var list: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
        defer { for text in list { free(text) } }
        return list.withUnsafeMutableBufferPointer { buffer in
            // The list is never empty, so it has an address.
            body(buffer.baseAddress.unsafelyUnwrapped)
        }
    }
}

internal import Glibc
internal import LinuxSystem
internal import SystemPackage

/// Runs a helper program of the host to its end: an OCI runtime.
enum ChildProgram {
    /// Starts `words[0]` (a path) with these standard streams and waits; its exit status, or 128 and the signal's number.
    static func run(_ words: [String], input: CInt, output: CInt, error: CInt) throws(SystemError) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Out of the way first: one of them may have the number that another shall have.
        for (index, descriptor) in [input, output, error].enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, 100 + CInt(index))
        }
        for number: CInt in 0...2 {
            posix_spawn_file_actions_adddup2(&actions, 100 + number, number)
            posix_spawn_file_actions_addclose(&actions, 100 + number)
        }
        // A runtime gives its signal mask and handlers on to the container.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var process = pid_t()
        let code = withArguments(words) { posix_spawn(&process, words[0], &actions, &attributes, $0, environ) }
        if code != 0 { throw SystemError("posix_spawn", words[0], Errno(rawValue: code)) }
        var status: CInt = 0
        try check("waitpid") { waitpid(process, &status, 0) }
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }

    private static func withArguments<Result>(
        _ words: [String],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        return arguments.withUnsafeMutableBufferPointer { buffer in
            // The list is never empty, so it has an address.
            body(buffer.baseAddress.unsafelyUnwrapped)
        }
    }
}

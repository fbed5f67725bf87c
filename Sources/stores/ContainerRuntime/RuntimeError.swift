internal import LinuxSystem
package import Reporting

/// A container that could not be started, in Docker's words and with the exit status of Docker's `run`.
package struct RuntimeError: Failure, Hashable {
    package var kind: FailureKind
    /// 125: the engine could not; 126: the program can't be executed; 127: there is no such program.
    package var exitCode: Int32
    package var description: String
    package var hint: String?
    /// What the kernel, or the search for the program, said of a program that wasn't executed: an `errno`.
    package var programError: Int32?

    package init(_ kind: FailureKind, _ description: String, exitCode: Int32 = 125, hint: String? = nil) {
        self.kind = kind
        self.description = description
        self.exitCode = exitCode
        self.hint = hint
    }

    /// Whether the container was made and the kernel, or the search for the program, refused what it was to run.
    package var isRefusedProgram: Bool { exitCode != 125 }

    /// A failed system call, with what it was for.
    init(_ purpose: String, _ error: SystemError) {
        self.init(error.kind, "\(purpose): \(error)")
    }
}

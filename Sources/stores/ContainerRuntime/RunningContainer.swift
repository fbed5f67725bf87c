package import LinuxSystem
internal import SystemPackage

/// A container whose program has been executed. Its owner is the parent of the container's first process.
///
/// Whoever holds it waits once and then settles; letting go of it earlier kills the container, so that nothing is left.
package struct RunningContainer: ~Copyable {
    /// The number of the container's first process, outside.
    package let pid: Int32
    /// Names that process for as long as it is held, even when its number is used again.
    package let pidfd: OwnedDescriptor
    /// The master of the container's terminal, where it has one.
    package var terminal: OwnedDescriptor?
    /// Hangs up when the program has ended that serves the container's files; nil where the kernel does.
    package var server: OwnedDescriptor?
    private let afterwards: Afterwards
    private var status: ExitStatus?

    /// What remains to be asked and done when the process has ended; each may be called more than once.
    package struct Afterwards: Sendable {
        var ranOutOfMemory: @Sendable () -> Bool
        var settle: @Sendable () -> Void

        package init(
            ranOutOfMemory: @escaping @Sendable () -> Bool = { false },
            settle: @escaping @Sendable () -> Void
        ) {
            self.ranOutOfMemory = ranOutOfMemory
            self.settle = settle
        }
    }

    package init(
        pid: Int32,
        pidfd: consuming OwnedDescriptor,
        terminal: consuming OwnedDescriptor?,
        afterwards: Afterwards
    ) {
        self.pid = pid
        self.pidfd = pidfd
        self.terminal = terminal
        self.afterwards = afterwards
    }

    deinit {
        if status == nil {
            try? ProcessDescriptor.signal(pidfd.raw, 9)
            _ = try? ProcessDescriptor.wait(pidfd.raw)
        }
        afterwards.settle()
    }

    /// Blocks until the container's first process has ended, which ends all others of its process namespace.
    package mutating func wait() throws(RuntimeError) -> ExitStatus {
        if let status { return status }
        do {
            let reason = ExitStatus.Reason(try ProcessDescriptor.wait(pidfd.raw))
            let result = ExitStatus(reason, outOfMemory: afterwards.ranOutOfMemory())
            status = result
            return result
        } catch {
            throw RuntimeError("waiting for the container", error)
        }
    }

    /// Sends a signal to the container's first process; one that has ended already is no error.
    package func signal(_ number: CInt) throws(RuntimeError) {
        do {
            try ProcessDescriptor.signal(pidfd.raw, number)
        } catch  where error.errno == .noSuchProcess {
        } catch {
            throw RuntimeError("signalling the container", error)
        }
    }

    /// Lets the process go on when this value ends.
    package mutating func letGo() { status = status ?? ExitStatus(.exited(code: 0)) }

    /// The number of what says whether the container's files are served.
    package var serverEnd: CInt? {
        switch server {
        case .some(let end): end.raw
        case .none: nil
        }
    }

    /// Gives the master of the terminal away.
    package mutating func takeTerminal() -> OwnedDescriptor? { terminal.take() }

    /// Kills what is left and removes the control groups. May be called again.
    package func settle() { afterwards.settle() }
}

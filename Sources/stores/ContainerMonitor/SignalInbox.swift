private import Glibc
package import LinuxSystem
private import Synchronization

/// Turns the process's signals into bytes that a loop can read, for as long as it lives.
///
/// A handler that only writes its signal's number to a socket works whichever thread the kernel chooses; `signalfd` would
/// miss what a thread takes that doesn't block signals. One inbox at a time: signals belong to the whole process.
package final class SignalInbox {
    /// Readable when a signal came.
    package let descriptor: OwnedDescriptor
    private let writer: OwnedDescriptor
    private var previous: [(number: CInt, action: sigaction)] = []
    private var previousMask = sigset_t()

    /// What is passed on to a container: all but those that the kernel raises for the process's own mistakes, those that
    /// can't be caught, and those that say something about this process alone (as Docker has it).
    package static let forwarded: [CInt] = (1...64).filter { number in
        ![
            SIGKILL, SIGSTOP, SIGCHLD, SIGPIPE, SIGURG, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGABRT, 32,
            33,
        ]
        .contains(number)
    }

    /// Those of the signals that whoever started this program doesn't want to be ignored (as `nohup` does).
    package static func notIgnored(among numbers: [CInt]) -> [CInt] {
        numbers.filter { number in
            var action = sigaction()
            guard sigaction(number, nil, &action) == 0 else { return false }
            return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) != 1
        }
    }

    /// What ends a command that has a terminal, once it has given that back.
    package static let deadly: [CInt] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]

    /// Ends this process by a signal, as if it had never been caught.
    static func die(of number: CInt) -> Never {
        signal(number, SIG_DFL)
        var wanted = sigset_t()
        sigemptyset(&wanted)
        sigaddset(&wanted, number)
        pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
        kill(getpid(), number)
        _exit(128 + number)
    }

    package init(_ numbers: [CInt] = forwarded) throws(SystemError) {
        var ends: [CInt] = [0, 0]
        try check("socketpair") {
            socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends)
        }
        descriptor = OwnedDescriptor(adopting: ends[0])
        writer = OwnedDescriptor(adopting: ends[1])
        inboxDescriptor.store(ends[1], ordering: .sequentiallyConsistent)
        for number in numbers {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { writeToInbox($0) }
            action.sa_flags = SA_RESTART
            sigfillset(&action.sa_mask)
            var old = sigaction()
            if sigaction(number, &action, &old) == 0 { previous.append((number, old)) }
        }
        // Who started this program may have blocked signals, and that is inherited.
        var wanted = sigset_t()
        sigemptyset(&wanted)
        for number in numbers { sigaddset(&wanted, number) }
        pthread_sigmask(SIG_UNBLOCK, &wanted, &previousMask)
    }

    deinit {
        pthread_sigmask(SIG_SETMASK, &previousMask, nil)
        for entry in previous {
            var action = entry.action
            sigaction(entry.number, &action, nil)
        }
        inboxDescriptor.store(-1, ordering: .sequentiallyConsistent)
    }

    /// The signals that came since the last call, in order.
    package func take() -> [CInt] {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor.raw, $0.baseAddress, $0.count) }
        return count > 0 ? buffer.prefix(count).map { CInt($0) } : []
    }
}

/// The writing end of the inbox's sockets; an atomic is all that a signal handler may touch.
private let inboxDescriptor = Atomic<CInt>(-1)

private func writeToInbox(_ number: CInt) {
    let kept = errno
    var byte = UInt8(truncatingIfNeeded: number)
    let descriptor = inboxDescriptor.load(ordering: .sequentiallyConsistent)
    if descriptor >= 0 { _ = Glibc.write(descriptor, &byte, 1) }
    errno = kept
}

private import CLinuxShims
private import Glibc
private import SystemPackage

/// Both ends of a pipe; programs don't inherit them.
package struct Pipe: ~Copyable {
    package let reading: OwnedDescriptor
    /// Nil once it is closed here: the reader comes to the end when nobody else has it either.
    package private(set) var writing: OwnedDescriptor?

    package init() throws(SystemError) {
        var ends: (CInt, CInt) = (-1, -1)
        try check("pipe") {
            withUnsafeMutablePointer(to: &ends) { pair in
                pair.withMemoryRebound(to: CInt.self, capacity: 2) { linux_pipe($0) }
            }
        }
        reading = OwnedDescriptor(adopting: ends.0)
        writing = OwnedDescriptor(adopting: ends.1)
    }

    /// The number of the writing end; -1 once it is closed.
    package var writingEnd: CInt {
        switch writing {
        case .some(let end): end.raw
        case .none: -1
        }
    }

    /// Gives the writing end up.
    package mutating func closeWriting() { writing = nil }
}

extension OwnedDescriptor {
    /// Lets a pipe hold as much as an ordinary user may give it, so that its two programs wait for each other less often.
    /// Other files, and kernels that refuse, stay as they are.
    package func widenPipe() { _ = fcntl(raw, linux_f_setpipe_sz, 1 << 20) }
}

/// F_SETPIPE_SZ, which Swift's Glibc module leaves out.
private let linux_f_setpipe_sz: CInt = 1031

/// Waiting for several descriptors at once.
package enum Readiness {
    /// Blocks until at least one of `descriptors` can be read or has ended; which ones.
    package static func wait(for descriptors: [CInt]) throws(SystemError) -> [Bool] {
        var waiting = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        try check("poll") { poll(&waiting, nfds_t(waiting.count), -1) }
        return waiting.map { $0.revents != 0 }
    }
}

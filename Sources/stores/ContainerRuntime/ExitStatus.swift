package import LinuxSystem

/// How a container ended.
package struct ExitStatus: Sendable, Hashable {
    package enum Reason: Sendable, Hashable {
        case exited(code: Int32)
        case signalled(Int32)
    }

    package var reason: Reason
    /// Whether the kernel killed something in the container because its memory limit was reached.
    package var outOfMemory: Bool
    /// Whether it was ended because nothing served its files any more.
    package var hasLostFiles = false

    package init(_ reason: Reason, outOfMemory: Bool = false) {
        self.reason = reason
        self.outOfMemory = outOfMemory
    }

    /// What Docker reports: the program's own code, or 128 and the signal's number.
    package var code: Int32 {
        switch reason {
        case .exited(let code): code
        case .signalled(let signal): 128 + signal
        }
    }
}

extension ExitStatus.Reason {
    package init(_ end: ProcessDescriptor.End) {
        switch end {
        case .exited(let code): self = .exited(code: code)
        case .signalled(let signal): self = .signalled(signal)
        }
    }
}

internal import OCISpec
internal import Reporting

/// Flags with which the kernel takes a filter: `SECCOMP_FILTER_FLAG_…`.
package enum SeccompFlag {
    /// Gives a descriptor at which the filter asks; it is no flag of the specification's.
    static let newListener: UInt64 = 8

    private static let bits: [String: UInt64] = [
        // For other threads of the process: the program has none when it gets its filter.
        "SECCOMP_FILTER_FLAG_TSYNC": 0,
        "SECCOMP_FILTER_FLAG_LOG": 2, "SECCOMP_FILTER_FLAG_SPEC_ALLOW": 4, waitKillable: 32,
    ]
    private static let waitKillable = "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"

    /// Those that a specification may name.
    package static var names: [String] { bits.keys.sorted() }

    static func bits(of seccomp: RuntimeSpec.Seccomp) throws(RuntimeError) -> UInt64 {
        var flags = seccomp.asksSomebody ? newListener : 0
        for name in seccomp.flags ?? [] {
            guard let bit = bits[name] else {
                throw RuntimeError(.unsupported, "seccomp flag \"\(name)\" is not supported")
            }
            if name == waitKillable, !seccomp.asksSomebody {
                throw RuntimeError(.invalidArgument, "seccomp flag \"\(name)\" needs SCMP_ACT_NOTIFY")
            }
            flags |= bit
        }
        return flags
    }
}

package import OCISpec
internal import Reporting

/// Filters that ask somebody on the host, who answers in the kernel's stead.
extension RuntimeSpec.Seccomp {
    static let asking = "SCMP_ACT_NOTIFY"

    /// Whether some calls are somebody's to answer.
    package var asksSomebody: Bool { (syscalls ?? []).contains { $0.action == Self.asking } }

    /// Whether anything is said of whoever answers.
    var hasListener: Bool { asksSomebody || !(listenerPath ?? "").isEmpty || !(listenerMetadata ?? "").isEmpty }

    /// What can't be asked about, in runc's words: until somebody has been told, the program can't do without `write`.
    func checkListener() throws(RuntimeError) {
        if defaultAction == Self.asking { throw unusable("SCMP_ACT_NOTIFY cannot be used as default action") }
        if (syscalls ?? []).contains(where: { $0.action == Self.asking && $0.names.contains("write") }) {
            throw unusable("SCMP_ACT_NOTIFY cannot be used for the write syscall")
        }
        guard (listenerPath ?? "").isEmpty else { return }
        if asksSomebody {
            throw RuntimeError(.invalidArgument, "unable to start container process: listenerPath is not set")
        }
        if !(listenerMetadata ?? "").isEmpty {
            throw RuntimeError(.invalidArgument, "linux.seccomp.listenerMetadata is set, and listenerPath is not")
        }
    }

    private func unusable(_ reason: String) -> RuntimeError {
        RuntimeError(.invalidArgument, "unable to start container process: unable to init seccomp: \(reason)")
    }
}

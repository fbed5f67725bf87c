private import Reporting
private import SystemPackage

/// What keeps an ordinary user from a namespace, in words that help.
enum UserSpaceObstacle {
    static func refused(_ error: SystemError) -> RootlessError {
        explanation(
            of: error,
            setting: { UserSpace.text("/proc/sys/\($0)").flatMap { Int64($0.split(whereSeparator: \.isNewline).first ?? "") } }
        )
    }

    /// - Parameter setting: a number below `/proc/sys`; nil where the kernel doesn't have it.
    static func explanation(of error: SystemError, setting: (String) -> Int64?) -> RootlessError {
        if setting("user/max_user_namespaces") == 0 {
            return RootlessError(
                .forbidden,
                "user namespaces are turned off on this machine: user.max_user_namespaces is 0",
                hint: "sysctl -w user.max_user_namespaces=15000, or run socle as root"
            )
        }
        if setting("kernel/unprivileged_userns_clone") == 0 {
            return RootlessError(
                .forbidden,
                "user namespaces are closed to ordinary users: kernel.unprivileged_userns_clone is 0",
                hint: "sysctl -w kernel.unprivileged_userns_clone=1, or run socle as root"
            )
        }
        if setting("kernel/apparmor_restrict_unprivileged_userns") == 1 {
            return RootlessError(
                .forbidden,
                "AppArmor closes user namespaces to programs without a profile of their own (\(error))",
                hint: "give socle a profile with \"userns,\", or sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
            )
        }
        switch error.errno {
        case .noSpace, .tooManyUsers:
            return RootlessError(
                .exhausted,
                "this user has as many user namespaces as the machine allows",
                hint: "sysctl user.max_user_namespaces says how many"
            )
        case .invalidArgument where error.call == "clone":
            return RootlessError(.unsupported, "this kernel has no user namespaces (\(error))", hint: "run socle as root")
        default:
            return RootlessError(
                error.kind,
                "the kernel refuses a user namespace: \(error)",
                hint: "in a chroot and in most containers they are not allowed; run socle as root"
            )
        }
    }
}

import Reporting

/// `--security-opt` and `--privileged`, understood.
struct SecurityOptions: Equatable {
    var noNewPrivileges = false
    var hasSeccomp = true
    /// Whether `/proc` and `/sys` have their usual masks.
    var masksPaths = true

    init(_ request: RunRequest) throws(PlainFailure) {
        for option in request.securityOptions { try take(option) }
        if request.privileged {
            hasSeccomp = false
            masksPaths = false
        }
    }

    private mutating func take(_ option: String) throws(PlainFailure) {
        if option == "no-new-privileges" {
            noNewPrivileges = true
            return
        }
        // Docker takes the old "name:value" as well.
        guard let separator = option.firstIndex(where: { $0 == "=" }) ?? option.firstIndex(where: { $0 == ":" }) else {
            throw PlainFailure(.invalidArgument, "Invalid --security-opt: \"\(option)\"")
        }
        let value = option[option.index(after: separator)...]
        switch (option[..<separator], value) {
        case ("no-new-privileges", "true"), ("no-new-privileges", "1"): noNewPrivileges = true
        case ("no-new-privileges", "false"), ("no-new-privileges", "0"): noNewPrivileges = false
        case ("seccomp", "unconfined"): hasSeccomp = false
        case ("seccomp", "builtin"): hasSeccomp = true
        case ("systempaths", "unconfined"): masksPaths = false
        // There is nothing to switch off: containers are not labelled and have no AppArmor profile.
        case ("label", "disable"), ("apparmor", "unconfined"): break
        case ("seccomp", _), ("apparmor", _), ("label", _):
            throw PlainFailure(.unsupported, "--security-opt \"\(option)\" is not supported")
        default: throw PlainFailure(.invalidArgument, "invalid --security-opt 2: \"\(option)\"")
        }
    }
}

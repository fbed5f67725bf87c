import Reporting

/// `--security-opt` and `--privileged`, understood.
struct SecurityOptions: Equatable {
    /// Which system calls are let through.
    enum Seccomp: Equatable {
        /// All.
        case none
        /// Those of Docker's profile.
        case builtin
        /// Those of a profile of the user's: its text.
        case profile(String)
    }

    /// Which AppArmor profile the container gets.
    enum AppArmor: Equatable {
        case none
        /// The one of containers for which nobody names one, where the kernel can have it.
        case standard
        case named(String)
    }

    var noNewPrivileges = false
    var seccomp = Seccomp.builtin
    var appArmor = AppArmor.standard
    /// Whether `/proc` and `/sys` have their usual masks.
    var masksPaths = true

    init(_ request: RunRequest) throws(PlainFailure) {
        for option in request.securityOptions { try take(option) }
        if request.privileged {
            // A profile that was asked for holds all the same.
            if seccomp == .builtin { seccomp = .none }
            if appArmor == .standard { appArmor = .none }
            masksPaths = false
        }
    }

    /// The value of a `seccomp` option, which is a file's name for whoever asks, and its text for whoever is asked; nil for
    /// other options and for the words that have a meaning.
    static func seccompFile(_ option: String) throws(PlainFailure) -> String? {
        if option == lonely { return nil }
        let (name, value) = try split(option)
        return name == "seccomp" && !["unconfined", "builtin"].contains(value) ? value : nil
    }

    /// The one option that needs no value.
    private static let lonely = "no-new-privileges"

    // Docker takes the old "name:value" as well.
    private static func split(_ option: String) throws(PlainFailure) -> (name: String, value: String) {
        guard let separator = option.firstIndex(where: { $0 == "=" }) ?? option.firstIndex(where: { $0 == ":" }) else {
            throw PlainFailure(.invalidArgument, "Invalid --security-opt: \"\(option)\"")
        }
        return (String(option[..<separator]), String(option[option.index(after: separator)...]))
    }

    private mutating func take(_ option: String) throws(PlainFailure) {
        if option == Self.lonely {
            noNewPrivileges = true
            return
        }
        let (name, value) = try Self.split(option)
        switch (name, value) {
        case ("no-new-privileges", "true"), ("no-new-privileges", "1"): noNewPrivileges = true
        case ("no-new-privileges", "false"), ("no-new-privileges", "0"): noNewPrivileges = false
        case ("seccomp", "unconfined"): seccomp = .none
        case ("seccomp", "builtin"): seccomp = .builtin
        case ("seccomp", _): seccomp = .profile(value)
        case ("systempaths", "unconfined"): masksPaths = false
        // There is nothing to switch off: containers are not labelled.
        case ("label", "disable"): break
        case ("apparmor", "unconfined"): appArmor = .none
        case ("apparmor", _) where !value.isEmpty && !value.utf8.contains { $0 <= 0x20 || $0 == 0x7f }:
            appArmor = .named(value)
        case ("label", _):
            throw PlainFailure(
                .unsupported,
                "--security-opt \"\(option)\" is not supported: containers are not labelled"
            )
        default: throw PlainFailure(.invalidArgument, "invalid --security-opt 2: \"\(option)\"")
        }
    }
}

extension RunRequest {
    /// Puts the texts of seccomp profiles in the place of their files' names, which `read` opens; what is no option is refused.
    package mutating func readSecurityProfiles(_ read: (String) throws -> String) throws {
        for (index, option) in securityOptions.enumerated() {
            if let file = try SecurityOptions.seccompFile(option) { securityOptions[index] = "seccomp=" + (try read(file)) }
        }
    }
}

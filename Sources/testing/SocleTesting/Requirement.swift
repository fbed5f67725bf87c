private import Glibc
private import LinuxSystem
private import SystemPackage
public import Testing

/// What a test needs of the machine.
///
/// Where it isn't there, the test is skipped and says why.
public struct Requirement: Sendable {
    /// Whether the machine has it.
    public let isMet: Bool
    /// What is missing.
    public let reason: String

    package init(isMet: Bool, reason: String) {
        self.isMet = isMet
        self.reason = reason
    }

    /// Being root.
    public static let root = Requirement(isMet: geteuid() == 0, reason: "needs root")

    /// Mounting overlayfs.
    public static let overlay = Requirement(
        isMet: geteuid() == 0 && knowsOverlay(),
        reason: "needs root and a kernel with overlayfs"
    )

    /// Making user namespaces without being root.
    public static let userNamespaces = Requirement(
        isMet: (try? Command.run("unshare", ["-U", "true"]).status) == 0,
        reason: "needs user namespaces"
    )

    /// Version 6 in network namespaces that are made.
    public static let ipv6 = Requirement(
        isMet: (try? Command.run(
            "unshare",
            ["-n", "sh", "-c", "ip link set lo up && ip -6 addr show dev lo | grep -q ::1"]
        ).status) == 0,
        reason: "needs a kernel that speaks IPv6"
    )

    /// A program on `PATH`.
    public static func tool(_ name: String) -> Requirement {
        let folders = (Environment.value("PATH") ?? "/usr/bin:/bin").split(separator: ":")
        return Requirement(
            isMet: folders.contains { access("\($0)/\(name)", X_OK) == 0 },
            reason: "needs the program \"\(name)\""
        )
    }

    /// Something at a path of the machine; `what` says it for people.
    public static func path(_ path: String, _ what: String) -> Requirement {
        Requirement(isMet: access(path, F_OK) == 0, reason: "needs \(what)")
    }

    /// All of them; the reasons of those that aren't met.
    public static func all(_ several: Requirement...) -> Requirement {
        let missing = several.filter { !$0.isMet }
        return Requirement(isMet: missing.isEmpty, reason: missing.map(\.reason).joined(separator: ", "))
    }

    private static func knowsOverlay() -> Bool {
        guard let proc = try? Directory.open("/proc"), let file = try? proc.open("filesystems", flags: O_RDONLY),
            let bytes = try? DescriptorIO.readAll(file.raw, limit: 1 << 20)
        else { return false }
        return String(decoding: bytes, as: UTF8.self).contains("\toverlay\n")
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs the test only where the machine has what it needs: `@Test(.requires(.root))`.
    public static func requires(_ requirement: Requirement) -> Self {
        .enabled(if: requirement.isMet, Comment(rawValue: requirement.reason))
    }
}

private import Glibc
internal import LinuxSystem
internal import Reporting
internal import SystemPackage

/// The systemd of an ordinary user, which makes groups below its own.
package struct UserSystemd: Sendable, Hashable, Codable {
    /// Its own group, from the hierarchy's top: `/user.slice/user-1000.slice/user@1000.service`.
    package var group: String

    package init(group: String) { self.group = group }

    /// Asks it where it is.
    static func find() throws(RuntimeError) -> UserSystemd {
        let said: ProgramOutput
        do throws(SystemError) {
            let words = ["systemctl", "--user", "show", "--property=ControlGroup", "--value"]
            said = try ChildProgram(environment + words).answer(limit: 65_536).said
        } catch {
            throw RuntimeError("asking the user's systemd for its group", error)
        }
        guard let found = UserSystemd(answer: String(decoding: said.output, as: UTF8.self)) else {
            let complaint = String(decoding: said.error, as: UTF8.self)
            let reason = complaint.split(separator: "\n").first ?? "it says of no group"
            throw RuntimeError(
                .unsupported,
                "systemd cgroups are wanted, but the user's systemd can't be asked: \(reason)",
                hint: "log in as the user or see \"loginctl enable-linger\", or use the engine's cgroupfs driver"
            )
        }
        return found
    }

    /// From what it says, with the end of the line.
    init?(answer: String) {
        let line = answer.split(separator: "\n").first ?? ""
        guard line.hasPrefix("/"), !line.split(separator: "/").contains("..") else { return nil }
        group = line == "/" ? "" : String(line)
    }

    /// Words in front of systemd's programs, so that they find it.
    ///
    /// Where an engine gives no place of its sockets on, it is the standard one of who the user is outside of his namespace.
    static var environment: [String] {
        if ["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"].contains(where: { ProcessEnvironment.value($0) != nil }) { return [] }
        guard let user = OwnUserNamespace.users.outer(of: geteuid()) else { return [] }
        return ["env", "XDG_RUNTIME_DIR=/run/user/\(user)"]
    }
}

package import LinuxSystem
package import OCISpec
internal import Reporting
private import SystemPackage

/// Who a container runs as: Docker's `user[:group]` against the root's own `/etc/passwd` and `/etc/group`.
///
/// A number is never looked up as a name, and one that doesn't fit is refused: a user called `1000` with id 0 must not
/// make anybody root.
package struct UserLookup: Sendable {
    /// What is read of either file at most; the rest of a larger one is not looked at, it is refused.
    package static let sizeLimit = 10 << 20

    private struct User {
        var name: String
        var uid: UInt32
        var gid: UInt32
        var home: String
    }

    private struct Group {
        var name: String
        var gid: UInt32
        var members: [String]
    }

    private var users: [User] = []
    private var groups: [Group] = []

    /// From the files' bytes; nil where the root has no such file. Lines that make no sense are left out.
    package init(passwd: [UInt8]?, group: [UInt8]?) throws(RuntimeError) {
        for (bytes, name) in [(passwd, "passwd"), (group, "group")] where (bytes?.count ?? 0) > Self.sizeLimit {
            throw Self.tooLarge("/etc/\(name)")
        }
        for fields in Self.lines(passwd) where fields.count >= 6 {
            guard let uid = Self.number(fields[2]), let gid = Self.number(fields[3]) else { continue }
            users.append(User(name: fields[0], uid: uid, gid: gid, home: fields[5]))
        }
        for fields in Self.lines(group) where fields.count >= 4 {
            guard let gid = Self.number(fields[2]) else { continue }
            let members = fields[3].split(separator: ",").map(String.init)
            groups.append(Group(name: fields[0], gid: gid, members: members))
        }
    }

    /// From the files of a root, of which `read` gets not more than so many bytes. What is no file of accounts is refused by its
    /// name.
    package init(_ read: (_ path: PathBytes, _ limit: Int) throws -> [UInt8]?) throws {
        func file(_ path: PathBytes) throws -> [UInt8]? {
            do { return try read(path, Self.sizeLimit) } catch let error as SystemError {
                switch error.errno {
                case .isDirectory, .invalidArgument:
                    throw RuntimeError(.invalidArgument, "/\(path) in the container is no regular file")
                case .fileTooLarge: throw Self.tooLarge("/\(path) in the container")
                default: throw RuntimeError("reading /\(path) in the container", error)
                }
            }
        }
        try self.init(passwd: file("etc/passwd"), group: file("etc/group"))
    }

    private static func tooLarge(_ name: String) -> RuntimeError {
        RuntimeError(.invalidArgument, "\(name) is larger than \(sizeLimit >> 20) MiB")
    }

    private static func lines(_ bytes: [UInt8]?) -> [[String]] {
        (bytes ?? []).split(separator: UInt8(ascii: "\n")).compactMap { line in
            if line.first == UInt8(ascii: "#") { return nil }
            return line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
    }

    /// Digits only, up to the largest id that Docker takes.
    private static func number(_ text: String) -> UInt32? {
        guard !text.isEmpty, text.utf8.count <= 10, text.utf8.allSatisfy({ (48...57).contains($0) }),
            let value = UInt32(text), value <= UInt32(Int32.max)
        else { return nil }
        return value
    }

    private static func looksNumeric(_ text: String) -> Bool {
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        return !digits.isEmpty && digits.utf8.allSatisfy { (48...57).contains($0) }
    }

    /// A number as users write it: it may begin with a plus.
    private static func signedNumber(_ text: String) -> UInt32? { number(text.hasPrefix("+") ? String(text.dropFirst()) : text) }

    // MARK: - Finding

    /// Docker's answer to `text`: empty is root, and what follows a second colon says nothing. `additional` are further groups
    /// by name or number (`--group-add`).
    package func resolve(_ text: String, additional: [String] = []) throws(RuntimeError) -> RuntimeSpec.User {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let wantedUser = parts.first ?? ""
        let wantedGroup = parts.count > 1 ? parts[1] : ""
        let (uid, user) = try findUser(wantedUser)

        var gid = user?.gid ?? 0
        var memberships: [UInt32] = []
        if !wantedGroup.isEmpty {
            gid = try findGroup(wantedGroup)
        } else if let user {
            memberships = groups.filter { $0.members.contains(user.name) }.map(\.gid)
        }
        for name in additional { memberships.append(try findGroup(name)) }
        // The primary group is among them, or a file that denies it something could be read after all.
        var all = [gid]
        for group in memberships where !all.contains(group) { all.append(group) }
        return RuntimeSpec.User(uid: uid, gid: gid, additionalGids: all)
    }

    /// The home directory of a user id, as the root has it; `/` if it has none.
    package func home(of uid: UInt32) -> String {
        let home = users.first { $0.uid == uid }?.home ?? ""
        return home.isEmpty ? "/" : home
    }

    private func findUser(_ text: String) throws(RuntimeError) -> (uid: UInt32, user: User?) {
        if text.isEmpty { return (0, users.first { $0.uid == 0 }) }
        if Self.looksNumeric(text) {
            guard let uid = Self.signedNumber(text) else {
                throw RuntimeError(.invalidArgument, "uids and gids must be in range 0-2147483647")
            }
            return (uid, users.first { $0.uid == uid })
        }
        guard let user = users.first(where: { $0.name == text }) else {
            throw RuntimeError(.notFound, "unable to find user \(text): no matching entries in passwd file")
        }
        return (user.uid, user)
    }

    private func findGroup(_ text: String) throws(RuntimeError) -> UInt32 {
        if Self.looksNumeric(text) {
            guard let gid = Self.signedNumber(text) else {
                throw RuntimeError(.invalidArgument, "uids and gids must be in range 0-2147483647")
            }
            return gid
        }
        guard let group = groups.first(where: { $0.name == text }) else {
            throw RuntimeError(.notFound, "unable to find group \(text): no matching entries in group file")
        }
        return group.gid
    }
}

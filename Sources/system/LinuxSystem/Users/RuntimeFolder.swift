private import Glibc
private import Reporting
private import SystemPackage

/// The folder for what an ordinary user's processes tell each other until the machine stops.
enum RuntimeFolder {
    /// `$XDG_RUNTIME_DIR/socle`, else below `/run/user`, else in `/tmp`; made where it is missing. It is the user's own and
    /// closed to all others, or an error.
    static func open(uid: UInt32, environment: (String) -> String?) throws(RootlessError) -> Directory {
        var candidates = ["/run/user/\(uid)/socle", "/tmp/socle-\(uid)"]
        if let named = environment("XDG_RUNTIME_DIR"), named.hasPrefix("/") { candidates.insert(named + "/socle", at: 0) }
        var first: RootlessError?
        for path in candidates {
            do { return try open(path, uid: uid) } catch { first = first ?? error }
        }
        throw first ?? RootlessError(.internal, "no folder for the state of running containers")
    }

    private static func open(_ path: String, uid: UInt32) throws(RootlessError) -> Directory {
        do throws(SystemError) {
            if mkdir(path, 0o700) < 0, currentErrno() != .fileExists { throw SystemError("mkdir", path, currentErrno()) }
            // Anybody may put something into /tmp: no link is followed, and what is there must be our own.
            let raw = try check("open", path) { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
            let directory = Directory(adopting: OwnedDescriptor(adopting: raw))
            let status = try FileStatus(of: raw)
            guard status.uid == uid, status.permissions & 0o077 == 0 else {
                throw SystemError("open", path, .notPermitted)
            }
            return directory
        } catch {
            throw RootlessError(error, "opening the folder for the state of running containers")
        }
    }
}

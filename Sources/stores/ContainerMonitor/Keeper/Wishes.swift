package import LinuxSystem
private import SystemPackage

/// What commands leave in a container's folder for its monitor to find.
package enum Wishes {
    private static let stopped: PathBytes = "stopped"
    private static let paused: PathBytes = "paused"
    private static let restart: PathBytes = "restart"

    /// The user wants the container stopped: it isn't started again by itself.
    package static func stop(in folder: borrowing Directory) throws(SystemError) {
        try folder.replaceDocument(stopped, [])
    }

    package static func isStopped(in folder: borrowing Directory) -> Bool {
        (try? folder.status(stopped)) != nil
    }

    /// Forgets what was wanted of the last run.
    package static func clear(in folder: borrowing Directory) throws(SystemError) {
        for name in [stopped, paused] {
            do throws(SystemError) { try folder.remove(name) } catch {
                if error.errno != .noSuchFileOrDirectory { throw error }
            }
        }
    }

    // MARK: - Pausing

    package static func setPaused(_ isPaused: Bool, in folder: borrowing Directory) throws(SystemError) {
        if isPaused { return try folder.replaceDocument(paused, []) }
        do throws(SystemError) { try folder.remove(paused) } catch {
            if error.errno != .noSuchFileOrDirectory { throw error }
        }
    }

    package static func isPaused(in folder: borrowing Directory) -> Bool {
        (try? folder.status(paused)) != nil
    }

    // MARK: - The policy

    package static func set(_ policy: RestartPolicy, in folder: borrowing Directory) throws(SystemError) {
        try folder.replaceDocument(restart, Array(policy.text.utf8))
    }

    package static func policy(in folder: borrowing Directory) -> RestartPolicy {
        guard let bytes = try? folder.document(restart, limit: 256) else { return .never }
        return (try? RestartPolicy(String(decoding: bytes, as: UTF8.self))) ?? .never
    }
}

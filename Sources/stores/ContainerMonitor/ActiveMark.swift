private import Glibc
package import LinuxSystem
private import SystemPackage

/// Says that somebody looks after a container: a locked file `active/<id>`.
///
/// It is made before anything else of the container and removed when nothing is left to do. The kernel lets go of the
/// lock however its holder dies, so a file that nobody holds is a container whose monitor died half-way: `abandoned`
/// lists those, and whoever takes the mark then cleans up.
package struct ActiveMark: ~Copyable {
    /// What is in the mark of a step; that of a container is empty.
    private static let step = Array("step".utf8)

    package let id: String
    private let lock: FileLock

    private init(id: String, lock: consuming FileLock) {
        self.id = id
        self.lock = lock
    }

    /// The descriptor that holds the lock: a process that inherits it holds the mark as well.
    package var descriptor: CInt { lock.descriptor.raw }

    /// Marks a container, or takes over its mark; nil where somebody holds it.
    package static func take(_ id: String, in folder: borrowing Directory) throws(SystemError) -> ActiveMark? {
        while true {
            guard let lock = try folder.attemptLock(PathBytes(id), .exclusive) else { return nil }
            // Between opening and locking, somebody may have settled the container and removed the file.
            if try isCurrent(lock, id, folder) { return ActiveMark(id: id, lock: lock) }
        }
    }

    /// Marks a container that is about to be made; nil where there is a mark of its name.
    ///
    /// The file is locked before it has a name, so that nobody takes it for an abandoned one.
    ///
    /// - Parameter isStep: whether it is a step of a build, which never gets a row nor volumes.
    package static func make(
        _ id: String,
        in folder: borrowing Directory,
        isStep: Bool = false
    ) throws(SystemError) -> ActiveMark? {
        let file = try folder.temporaryFile(mode: 0o600)
        if isStep { try DescriptorIO.write(file.descriptor.raw, step.span) }
        guard let lock = try FileLock.attempt(try file.descriptor.duplicate(), .exclusive) else { return nil }
        return try give(id, to: file) ? ActiveMark(id: id, lock: lock) : nil
    }

    private static func give(_ id: String, to file: consuming TemporaryFile) throws(SystemError) -> Bool {
        do throws(SystemError) { try file.link(as: PathBytes(id), replace: false) } catch {
            if error.errno == .fileExists { return false }
            throw error
        }
        return true
    }

    /// Takes over a mark whose holder died; nil where there is none, or somebody holds it.
    package static func takeAbandoned(_ id: String, in folder: borrowing Directory) throws(SystemError) -> ActiveMark? {
        let file: OwnedDescriptor
        do { file = try folder.open(PathBytes(id), flags: O_RDWR) } catch  where error.errno == .noSuchFileOrDirectory {
            return nil
        }
        guard let lock = try FileLock.attempt(file, .exclusive) else { return nil }
        return try isCurrent(lock, id, folder) ? ActiveMark(id: id, lock: lock) : nil
    }

    /// Whether somebody looks after the container now.
    package static func isHeld(_ id: String, in folder: borrowing Directory) throws(SystemError) -> Bool {
        let file: OwnedDescriptor
        do { file = try folder.open(PathBytes(id), flags: O_RDWR) } catch  where error.errno == .noSuchFileOrDirectory {
            return false
        }
        return try FileLock.attempt(file, .shared) == nil
    }

    /// Whether the mark is that of a build's step.
    package static func isStep(_ id: String, in folder: borrowing Directory) -> Bool {
        (try? folder.document(PathBytes(id), limit: 64)) == step
    }

    /// The ids of all marks, held or not.
    package static func all(in folder: borrowing Directory) throws(SystemError) -> [String] {
        try folder.entries().map(\.name.description)
    }

    /// Removes the file: nothing is left to do for the container.
    package consuming func clear(in folder: borrowing Directory) throws(SystemError) {
        do { try folder.remove(PathBytes(id)) } catch  where error.errno == .noSuchFileOrDirectory {}
    }

    private static func isCurrent(
        _ lock: borrowing FileLock,
        _ id: String,
        _ folder: borrowing Directory
    ) throws(SystemError) -> Bool {
        guard let named = try folder.status(PathBytes(id)) else { return false }
        return try FileStatus(of: lock.descriptor.raw).identity == named.identity
    }
}

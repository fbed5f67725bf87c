private import Glibc
private import SystemPackage

/// An advisory lock on an open file (`flock`), held until the value ends or the process dies, however it dies.
package struct FileLock: ~Copyable, Sendable {
    package enum Mode: Sendable { case shared, exclusive }

    /// The locked file.
    package let descriptor: OwnedDescriptor

    /// Waits for the lock.
    package init(_ descriptor: consuming OwnedDescriptor, _ mode: Mode) throws(SystemError) {
        try check("flock") { flock(descriptor.raw, mode == .shared ? LOCK_SH : LOCK_EX) }
        self.descriptor = descriptor
    }

    private init(locked descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// Lets others share an exclusive lock from now on. In between, for a moment, it is nobody's.
    package func share() throws(SystemError) {
        try check("flock") { flock(descriptor.raw, LOCK_SH) }
    }

    /// Takes the lock if it is free; nil where somebody else holds it.
    package static func attempt(
        _ descriptor: consuming OwnedDescriptor,
        _ mode: Mode
    ) throws(SystemError) -> FileLock? {
        do {
            try check("flock") { flock(descriptor.raw, (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) }
        } catch {
            if error.errno == .wouldBlock { return nil }
            throw error
        }
        return FileLock(locked: descriptor)
    }
}

extension Directory {
    /// Waits for the lock on a file of this directory, made where it is missing.
    package func lock(_ name: PathBytes, _ mode: FileLock.Mode) throws(SystemError) -> FileLock {
        try FileLock(try open(name, flags: O_RDWR | O_CREAT, mode: 0o600), mode)
    }

    /// Takes the lock on a file of this directory, made where it is missing; nil where somebody else holds it.
    package func attemptLock(_ name: PathBytes, _ mode: FileLock.Mode) throws(SystemError) -> FileLock? {
        try FileLock.attempt(try open(name, flags: O_RDWR | O_CREAT, mode: 0o600), mode)
    }
}

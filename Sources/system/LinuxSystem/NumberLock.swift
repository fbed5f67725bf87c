private import Glibc
private import SystemPackage

/// An advisory lock on a number, for all processes that lock numbers of the same file; held until the value ends or the
/// process dies, however it dies.
///
/// Nothing is written, and there is nothing to tidy: the number is a place in the file, which may be empty. Locks belong to the
/// open file, so that those of one process keep each other out too.
package struct NumberLock: ~Copyable, Sendable {
    private let descriptor: OwnedDescriptor

    /// `F_OFD_SETLK`, which Glibc's module leaves out.
    private static let setLockOfOpenFile: CInt = 37

    private init(locked descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// Takes the lock if it is free; nil where somebody else holds it.
    ///
    /// - Parameters:
    ///   - descriptor: the file, opened for writing and for this lock alone.
    ///   - number: counts from zero; the top two bits are left out.
    package static func attempt(
        _ descriptor: consuming OwnedDescriptor,
        _ number: UInt64
    ) throws(SystemError) -> NumberLock? {
        var request = flock()
        request.l_type = Int16(F_WRLCK)
        request.l_whence = Int16(SEEK_SET)
        request.l_start = Int(number & (UInt64.max >> 2))
        request.l_len = 1
        let raw = descriptor.raw
        guard fcntl(raw, setLockOfOpenFile, &request) != -1 else {
            let code = currentErrno()
            if code == .wouldBlock || code == .permissionDenied { return nil }
            throw SystemError("fcntl", nil, code)
        }
        return NumberLock(locked: descriptor)
    }
}

extension Directory {
    /// Takes the lock on a number of a file of this directory, made where it is missing; nil where somebody else holds it.
    package func attemptLock(_ name: PathBytes, number: UInt64) throws(SystemError) -> NumberLock? {
        try NumberLock.attempt(try open(name, flags: O_RDWR | O_CREAT, mode: 0o600), number)
    }
}

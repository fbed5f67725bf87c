import Glibc
import SystemPackage

/// Owns one open descriptor; it is closed exactly once, when the value ends.
public struct OwnedDescriptor: ~Copyable, Sendable {
    /// The number, for calls that borrow it. Never close it, never keep it longer than this value.
    public let raw: CInt

    /// Takes over a descriptor that nobody else will close.
    public init(adopting raw: CInt) { self.raw = raw }

    deinit { _ = Glibc.close(raw) }

    /// Closes, and tells what the kernel says: where written data matters, the last error may come only here.
    public consuming func close() throws(SystemError) {
        let descriptor = raw
        discard self
        if Glibc.close(descriptor) < 0, currentErrno() != .interrupted {
            throw SystemError("close", nil, currentErrno())
        }
    }

    /// Gives the descriptor away without closing it.
    public consuming func release() -> CInt {
        let descriptor = raw
        discard self
        return descriptor
    }

    /// Another descriptor of the same open file, not inherited by programs.
    public func duplicate() throws(SystemError) -> OwnedDescriptor { try Self.duplicate(of: raw) }

    /// A descriptor of one's own for an open file that is somebody else's, such as standard input.
    public static func duplicate(of raw: CInt) throws(SystemError) -> OwnedDescriptor {
        OwnedDescriptor(adopting: try check("fcntl") { fcntl(raw, F_DUPFD_CLOEXEC, 3) })
    }
}

import Glibc
public import Reporting
public import SystemPackage

/// A system call that failed: which, on what, and why.
public struct SystemError: Failure, Hashable {
    public var call: String
    /// What the call was about, as the user may know it; nil where the call says enough.
    public var path: String?
    public var errno: Errno

    public init(_ call: String, _ path: String? = nil, _ errno: Errno) {
        self.call = call
        self.path = path
        self.errno = errno
    }

    public var kind: FailureKind {
        switch errno {
        case .noSuchFileOrDirectory, .notDirectory, .noSuchProcess: .notFound
        case .permissionDenied, .notPermitted, .readOnlyFileSystem: .forbidden
        case .noSpace, .diskQuotaExceeded, .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory: .exhausted
        case .fileExists, .resourceBusy, .directoryNotEmpty: .conflict
        case .noFunction, .notSupported: .unsupported
        case .canceled: .cancelled
        default: .internal
        }
    }

    /// What the system says of an error's number.
    public static func reason(_ number: CInt) -> String { String(cString: strerror(number)).lowercased() }

    public var description: String {
        let reason =
            Self.reason(errno.rawValue)
            + MissingCapabilities.note(errno, MissingCapabilities.candidates(call, path, errno))
        return path.map { "\(call) \"\($0)\": \(reason)" } ?? "\(call): \(reason)"
    }
}

/// Runs a call that answers -1 on error, again when interrupted; errno is read before anything else happens.
@discardableResult
package func check<Result: FixedWidthInteger & SignedInteger>(
    _ call: String,
    _ path: @autoclosure () -> String? = nil,
    _ body: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = body()
        if result >= 0 { return result }
        let code = currentErrno()
        if code == .interrupted { continue }
        throw SystemError(call, path(), code)
    }
}

/// The calling thread's errno.
package func currentErrno() -> Errno { Errno(rawValue: Glibc.errno) }

private import LinuxSystem
private import SystemPackage

extension StreamError {
    /// A library had no memory for its work.
    public static func noMemory(_ call: String) -> StreamError {
        StreamError(.system(SystemError(call, nil, .noMemory)))
    }
}

internal import OCISpec
internal import Reporting

/// What an OCI runtime wrote to its log, and what that means for `run`.
enum RuntimeLog {
    /// The last error of a log in JSON lines; nil where there is none.
    static func lastError(_ bytes: [UInt8]) -> String? {
        for line in bytes.split(separator: UInt8(ascii: "\n")).reversed() {
            guard let value = try? JSONValue(parsing: Array(line)), value["level"]?.text == "error" else { continue }
            return value["msg"]?.text
        }
        return nil
    }

    /// A failed start, of a container or of another program in it, in Docker's words. The runtime says why in prose alone,
    /// so that is looked at, as Docker does.
    static func failure(_ message: String, of call: RuntimeCall) -> RuntimeError {
        let text = message.lowercased()
        let code: Int32
        if !message.contains(call.program) {
            // About something else than the program: its folder, a mount.
            code = 125
        } else if ["executable file not found", "no such file or directory"].contains(where: text.contains) {
            code = 127
        } else if ["permission denied", "is a directory"].contains(where: text.contains) {
            code = 126
        } else {
            code = 125
        }
        return RuntimeError(
            code == 127 ? .notFound : code == 126 ? .forbidden : .internal,
            description(message, call.purpose),
            exitCode: code
        )
    }

    /// Whoever asked for another program says himself that it failed.
    private static func description(_ message: String, _ purpose: RuntimeCall.Purpose) -> String {
        switch purpose {
        case .create: "OCI runtime create failed: \(message)"
        case .exec: message.hasPrefix("exec failed: ") ? String(message.dropFirst("exec failed: ".count)) : message
        }
    }
}

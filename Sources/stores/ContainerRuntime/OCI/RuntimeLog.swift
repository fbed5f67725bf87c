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

    /// A failed start in Docker's words. The runtime says why in prose alone, so that is looked at, as Docker does.
    static func failure(_ message: String) -> RuntimeError {
        let code: Int32
        if ["executable file not found", "no such file or directory"].contains(where: message.lowercased().contains) {
            code = 127
        } else if ["permission denied", "is a directory"].contains(where: message.lowercased().contains) {
            code = 126
        } else {
            code = 125
        }
        return RuntimeError(
            code == 127 ? .notFound : code == 126 ? .forbidden : .internal,
            "OCI runtime create failed: \(message)",
            exitCode: code
        )
    }
}

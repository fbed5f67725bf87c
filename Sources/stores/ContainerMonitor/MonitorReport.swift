import ContainerRuntime
import OCISpec
import Reporting

/// What a monitor of its own tells its command at the end.
enum MonitorReport {
    private struct Message: Codable {
        var end: ExitRecord?
        var failure: String?
        var kind: String?
        var exitCode: Int32?
        var hint: String?
    }

    static func ended(_ end: ExitRecord) -> [UInt8] { encode(Message(end: end)) }

    static func failed(_ error: RuntimeError) -> [UInt8] {
        encode(
            Message(
                failure: error.description,
                kind: error.kind.rawValue,
                exitCode: error.exitCode,
                hint: error.hint
            )
        )
    }

    private static func encode(_ message: Message) -> [UInt8] { (try? JSON.encode(message)) ?? [] }

    /// What the message says; one that never came is a monitor that was killed.
    static func result(_ bytes: [UInt8]) throws(RuntimeError) -> ExitRecord {
        guard let message = try? JSON.decode(Message.self, from: bytes) else {
            throw RuntimeError(.internal, "the container's monitor died", exitCode: 125)
        }
        if let end = message.end { return end }
        throw RuntimeError(
            message.kind.flatMap(FailureKind.init(rawValue:)) ?? .internal,
            message.failure ?? "unknown failure",
            exitCode: message.exitCode ?? 125,
            hint: message.hint
        )
    }
}

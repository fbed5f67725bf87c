private import CNftables

/// A connection to the kernel's packet rules, through libnftables.
///
/// Tables that are made with `flags owner` go when the connection ends.
struct PacketRules: ~Copyable {
    private let connection: OpaquePointer

    init() throws(NetworkError) {
        var message = [CChar](repeating: 0, count: 256)
        guard let opened = packet_rules_open(&message, message.count) else {
            let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw NetworkError(.rules(String(decoding: text, as: UTF8.self)))
        }
        connection = opened
    }

    deinit { packet_rules_close(connection) }

    /// Carries commands out, all or none; what they print.
    @discardableResult
    func run(_ commands: String) throws(NetworkError) -> String {
        guard packet_rules_run(connection, commands) == 0 else {
            let words = packet_rules_failure(connection).map { String(cString: $0) } ?? ""
            // The first line is the reason, the others show the place in commands that nobody has written.
            throw NetworkError(.rules(words.split(separator: "\n").first.map { "nftables: \($0)" } ?? "nftables failed"))
        }
        return packet_rules_output(connection).map { String(cString: $0) } ?? ""
    }
}

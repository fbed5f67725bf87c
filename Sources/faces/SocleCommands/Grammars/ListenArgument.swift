/// `ADDRESS:PORT`, where a server listens.
struct ListenArgument: ArgumentValue, Hashable, Sendable {
    /// A name or an address, without brackets.
    var host: String
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init(argument text: String) throws(ArgumentError) {
        let wrong = ArgumentError("\(GoText.quoted(text)) is not an address and a port", hint: "such as 127.0.0.1:5000")
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw wrong
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw wrong
        }
        guard !host.isEmpty else {
            throw ArgumentError("\(GoText.quoted(text)) has no address", hint: "0.0.0.0 for all of this machine's")
        }
        self.init(host: String(host), port: Int(port))
    }

    /// Whether only this machine can reach it.
    var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

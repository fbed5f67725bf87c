public import Reporting

/// The ports that a word of EXPOSE means.
public struct PortSpecification: Hashable, Sendable {
    /// `80/tcp`, `81/tcp`, …
    public var ports: [String]
    /// Whether the word has an address or a port of the host, which mean nothing in an image.
    public var hasHostPart: Bool
    /// The protocol as it was written, if it was.
    public var writtenProtocol: String?

    /// Reads `80`, `80/udp`, `8000-8010/tcp`, or any of them after a part for the host.
    public init(_ text: String) throws(PlainFailure) {
        let invalid = { (reason: String) in
            PlainFailure(
                .invalidArgument,
                reason,
                hint: "a port is a number from 0 to 65535 or two with a dash between, and then /tcp, /udp or /sctp"
            )
        }
        var rest = text[...]
        var transport = "tcp"
        if let slash = rest.firstIndex(of: "/") {
            let written = String(rest[rest.index(after: slash)...])
            writtenProtocol = written
            transport = written.isEmpty ? "tcp" : written.lowercased()
            rest = rest[..<slash]
            guard !rest.isEmpty else { throw invalid("invalid port: \(text.goQuoted): no port specified") }
        }
        guard ["tcp", "udp", "sctp"].contains(transport) else { throw invalid("invalid proto: \(transport)") }
        let colon = rest.lastIndex(of: ":")
        hasHostPart = colon != nil
        if let colon { rest = rest[rest.index(after: colon)...] }
        guard !rest.isEmpty else { throw invalid("invalid port: \(text.goQuoted): no port specified") }
        guard let range = Self.range(rest) else { throw invalid("invalid containerPort: \(rest)") }
        ports = range.map { "\($0)/\(transport)" }
    }

    private static func range(_ text: Substring) -> ClosedRange<UInt16>? {
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = ends.first, let low = number(first) else { return nil }
        guard ends.count == 2 else { return low...low }
        guard let high = number(ends[1]), low <= high else { return nil }
        return low...high
    }

    private static func number(_ text: Substring) -> UInt16? {
        guard !text.isEmpty, text.utf8.allSatisfy(ASCII.isDigit) else { return nil }
        return UInt16(text)
    }
}

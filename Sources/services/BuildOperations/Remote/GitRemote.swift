import ByteStreams
import OCISpec
import Reporting

/// A git repository elsewhere, with the credentials of its address taken out of it.
struct GitRemote: Hashable, Sendable {
    /// Without credentials: what may be shown, kept and given to git as a word.
    let address: String
    /// `name:password` of an address of the web.
    private let credentials: String?

    init(_ text: String) {
        guard text.hasPrefix("http://") || text.hasPrefix("https://"),
            let range = ShownAddress.credentials(in: text)
        else {
            address = text
            credentials = nil
            return
        }
        credentials = String(text[range])
        address = String(text[..<range.lowerBound] + text[text.index(after: range.upperBound)...])
    }

    /// The name of what the store keeps of it.
    var folder: String { Digest.of(Array(address.utf8)).hex }

    /// Settings for git that let it in, as variables of its environment, which other users can't read; other servers that
    /// it is sent to get nothing.
    var settings: [(name: String, value: String)] {
        guard let credentials else { return [] }
        let decoded = credentials.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map {
            PercentEncoding.decoded($0) ?? String($0)
        }.joined(separator: ":")
        let pair = decoded.contains(":") ? decoded : decoded + ":"
        let origin = address.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3)
        let scope = origin.joined(separator: "/") + "/"
        return [("http.\(scope).extraHeader", "Authorization: Basic \(Base64.encoded(Array(pair.utf8)))")]
    }
}

/// Base 64, as HTTP has it.
private enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encoded(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for digit in 0..<4 {
                let value = Int(bits >> UInt32(18 - 6 * digit) & 63)
                text.append(digit <= group.count ? alphabet[value] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

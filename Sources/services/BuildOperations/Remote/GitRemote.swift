import ByteStreams
import OCISpec
import Reporting

/// A git repository elsewhere, with the credentials of its address taken out of it.
struct GitRemote: Hashable, Sendable {
    /// Without credentials: what may be shown, kept and given to git as a word.
    let address: String
    /// `name:password` of an address of the web.
    private let credentials: String?
    /// What the caller has for this server instead: the value of the header `Authorization`.
    var authorization: String?

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
        guard let value = authorization ?? basic else { return [] }
        let origin = address.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3)
        return [("http.\(origin.joined(separator: "/"))/.extraHeader", "Authorization: \(value)")]
    }

    private var basic: String? {
        guard let credentials else { return nil }
        let decoded = credentials.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map {
            PercentEncoding.decoded($0) ?? String($0)
        }.joined(separator: ":")
        let pair = decoded.contains(":") ? decoded : decoded + ":"
        return "Basic \(Base64.text(Array(pair.utf8)))"
    }
}

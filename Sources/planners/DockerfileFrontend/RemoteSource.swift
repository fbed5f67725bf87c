public import BuildDefinition
import ByteStreams
public import Reporting

/// An address of the web or of a git repository, as ADD and build contexts have it.
public enum RemoteSource: Hashable, Sendable {
    case http(HTTPOperation)
    case git(GitOperation)

    /// Where an address stands, which decides what else could be meant by it.
    public enum Place: Sendable {
        /// A source of ADD.
        case instruction
        /// A build context: `github.com/owner/repository` is git too.
        case context
    }

    /// Reads an address; nil where the text is none and so a path. Throws for an address with options that aren't known.
    public init?(_ text: String, in place: Place = .instruction) throws(PlainFailure) {
        if let git = try GitAddress.operation(text, in: place) {
            self = .git(git)
        } else if Self.isWeb(text) {
            self = .http(HTTPOperation(url: text, fileName: Self.fileName(of: text)))
        } else {
            return nil
        }
    }

    /// Whether a text is an address, however wrong the rest of it may be.
    static func isAddress(_ text: String) -> Bool { GitAddress.isAddress(text, in: .instruction) || isWeb(text) }

    static func isWeb(_ text: some StringProtocol) -> Bool {
        text.hasPrefix("http://") || text.hasPrefix("https://")
    }

    /// The last component of the address's path, as the name of a file; nil where there is none.
    private static func fileName(of url: String) -> String? {
        let afterScheme = url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).last ?? ""
        let path = afterScheme.prefix { $0 != "?" && $0 != "#" }
        // The first component is the server.
        guard let slash = path.firstIndex(of: "/"), let last = path[slash...].split(separator: "/").last else {
            return nil
        }
        // An encoded slash separates components too; what can't be decoded is a name as it stands.
        let name = PercentEncoding.decoded(last).map { String($0.split(separator: "/").last ?? "") } ?? String(last)
        return isFileName(name) ? name : nil
    }

    /// Whether a file can have this name.
    public static func isFileName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255
            && !name.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
    }
}

import BuildDefinition

/// A source of ADD that isn't in the context: an address of the web or of a git repository.
enum RemoteSource: Hashable {
    case http(url: String, fileName: String)
    case git(GitOperation)

    init?(_ text: String) {
        if let git = Self.git(text) {
            self = .git(git)
        } else if text.hasPrefix("http://") || text.hasPrefix("https://") {
            self = .http(url: text, fileName: Self.fileName(of: text))
        } else {
            return nil
        }
    }

    /// The last component of the address's path.
    private static func fileName(of url: String) -> String {
        let afterScheme = url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).last ?? ""
        let path = afterScheme.prefix { $0 != "?" && $0 != "#" }
        guard path.contains("/"), let name = path.split(separator: "/", omittingEmptySubsequences: false).last,
            !name.isEmpty, name != ".", name != ".."
        else { return "__unnamed__" }
        return String(name)
    }

    private static func git(_ text: String) -> GitOperation? {
        let remoteEnd = text.firstIndex { $0 == "#" || $0 == "?" } ?? text.endIndex
        let remote = String(text[..<remoteEnd])
        let isWeb = remote.hasPrefix("http://") || remote.hasPrefix("https://")
        let isGit =
            remote.hasPrefix("git://") || remote.hasPrefix("ssh://") || (isWeb && remote.hasSuffix(".git"))
            || isSecureCopyForm(remote)
        guard isGit else { return nil }
        var operation = GitOperation(remote: remote)
        if let hash = text.firstIndex(of: "#") {
            let parts = text[text.index(after: hash)...].split(
                separator: ":",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            operation.reference = parts.first.flatMap { $0.isEmpty ? nil : String($0) }
            operation.subdirectory = parts.count > 1 && !parts[1].isEmpty ? String(parts[1]) : nil
        }
        if let question = text.firstIndex(of: "?") {
            let query = text[text.index(after: question)...].prefix { $0 != "#" }
            for pair in query.split(separator: "&") { set(pair, of: &operation) }
        }
        return operation
    }

    private static func set(_ pair: Substring, of operation: inout GitOperation) {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count > 1 ? String(parts[1]) : ""
        switch parts[0] {
        case "ref", "branch", "tag": operation.reference = value
        case "subdir": operation.subdirectory = value
        case "checksum", "commit": operation.checksum = value
        case "keep-git-dir": operation.keepsGitDirectory = value != "false" && value != "0"
        default: break
        }
    }

    /// `git@host:path`
    private static func isSecureCopyForm(_ text: String) -> Bool {
        guard let at = text.firstIndex(of: "@"), let colon = text[at...].firstIndex(of: ":") else { return false }
        let user = text[..<at]
        let host = text[text.index(after: at)..<colon]
        let isPlain = { (part: Substring, extra: String) in
            !part.isEmpty && part.allSatisfy { ($0.isASCII && ($0.isLetter || $0.isNumber)) || extra.contains($0) }
        }
        return isPlain(user, "-_") && isPlain(host, "-.")
    }
}

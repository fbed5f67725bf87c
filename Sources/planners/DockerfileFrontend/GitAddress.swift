import BuildDefinition
import DockerfileSyntax
import Reporting

/// The address of a git repository: a URL or `git@host:path`, then options as a query, then `#reference:subdirectory`.
enum GitAddress {
    /// What the address says; nil where it isn't one of git.
    static func operation(_ text: String, in place: RemoteSource.Place) throws(PlainFailure) -> GitOperation? {
        guard isAddress(text, in: place) else { return nil }
        let remote = remote(of: text)
        var operation = GitOperation(remote: remote.hasPrefix("github.com/") ? "https://" + remote : remote)
        if let hash = text.firstIndex(of: "#") {
            let parts = text[text.index(after: hash)...].split(
                separator: ":",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            operation.reference = parts.first.flatMap { $0.isEmpty ? nil : String($0) }
            operation.subdirectory = parts.count > 1 && !parts[1].isEmpty ? String(parts[1]) : nil
        }
        let beforeFragment = text.prefix { $0 != "#" }
        if let question = beforeFragment.firstIndex(of: "?") {
            var query = GitQuery(operation)
            try query.read(beforeFragment[beforeFragment.index(after: question)...])
            operation = try query.result()
        }
        if operation.reference == nil { operation.reference = operation.checksum }
        try GitNames.check(operation)
        return operation
    }

    static func isAddress(_ text: String, in place: RemoteSource.Place) -> Bool {
        if text.hasPrefix("./") || text.hasPrefix("../") { return false }
        let remote = remote(of: text)
        if remote.hasPrefix("git://") || remote.hasPrefix("ssh://") || isSecureCopyForm(remote) { return true }
        if remote.hasPrefix("github.com/") { return place == .context }
        return RemoteSource.isWeb(remote) && remote.hasSuffix(".git")
    }

    private static func remote(of text: String) -> String { String(text.prefix { $0 != "#" && $0 != "?" }) }

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

/// The options in a git address's query; each may be there once.
private struct GitQuery {
    private var operation: GitOperation
    private var seen: Set<String> = []
    private var tag: String?
    private var branch: String?

    init(_ operation: GitOperation) { self.operation = operation }

    mutating func read(_ query: Substring) throws(PlainFailure) {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let value = parts.count > 1 ? parts[1] : ""
            guard seen.insert(parts[0]).inserted else {
                throw PlainFailure(.invalidArgument, "query \(parts[0].goQuoted) has multiple values")
            }
            try set(parts[0], value)
        }
    }

    private mutating func set(_ name: String, _ value: String) throws(PlainFailure) {
        let isSwitch = name == "submodules" || name == "keep-git-dir"
        guard !value.isEmpty || isSwitch else {
            throw PlainFailure(.invalidArgument, "query \(name.goQuoted) has no value")
        }
        switch name {
        case "ref": try set(\.reference, "ref", value)
        case "tag": tag = value
        case "branch": branch = value
        case "subdir": try set(\.subdirectory, "subdir", value)
        case "checksum", "commit":
            try set(\.checksum, "checksum", value)
        case "keep-git-dir": operation.keepsGitDirectory = try truth(name, value)
        case "submodules": operation.hasSubmodules = try truth(name, value)
        case "mtime":
            guard let times = GitOperation.Times(rawValue: value) else {
                throw PlainFailure(.invalidArgument, "invalid mtime value: \(value.goQuoted)")
            }
            operation.times = times
        // A commit is always asked for by its hash first.
        case "fetch-by-commit": _ = try truth(name, value)
        default: throw PlainFailure(.invalidArgument, "unexpected query \(name.goQuoted)")
        }
    }

    /// The operation with tag and branch worked in.
    mutating func result() throws(PlainFailure) -> GitOperation {
        if let tag { try set(\.reference, "ref", Self.full(tag, "refs/tags/")) }
        if let branch {
            if tag != nil { throw PlainFailure(.invalidArgument, "branch conflicts with tag") }
            try set(\.reference, "ref", Self.full(branch, "refs/heads/"))
        }
        return operation
    }

    private mutating func set(
        _ path: WritableKeyPath<GitOperation, String?>,
        _ name: String,
        _ value: String
    ) throws(PlainFailure) {
        if let known = operation[keyPath: path], known != value {
            throw PlainFailure(.invalidArgument, "\(name) conflicts: \(known.goQuoted) vs \(value.goQuoted)")
        }
        operation[keyPath: path] = value
    }

    private func truth(_ name: String, _ value: String) throws(PlainFailure) -> Bool {
        if let answer = value.isEmpty ? true : Bool(goText: value) { return answer }
        throw PlainFailure(.invalidArgument, "invalid \(name) value: \(value.goQuoted)")
    }

    private static func full(_ name: String, _ prefix: String) -> String {
        name.hasPrefix(prefix) ? name : prefix + name
    }
}

/// What may be said to git: nothing that it would take for an option, a pattern or two names.
enum GitNames {
    static func check(_ operation: GitOperation) throws(PlainFailure) {
        let remote = operation.remote
        guard remote.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }), hostIsPlain(remote) else {
            throw PlainFailure(
                .invalidArgument,
                "invalid git remote \(ShownAddress.hidingCredentials(remote).goQuoted)"
            )
        }
        if let reference = operation.reference, !isReference(reference) {
            throw PlainFailure(.invalidArgument, "invalid git reference \(reference.goQuoted)")
        }
        if let subdirectory = operation.subdirectory,
            subdirectory.utf8.contains(0) || subdirectory.split(separator: "/").contains("..")
        {
            throw PlainFailure(
                .invalidArgument,
                "git subdirectory \(subdirectory.goQuoted) leads out of the repository"
            )
        }
        if let checksum = operation.checksum, !isCommit(checksum) {
            throw PlainFailure(
                .invalidArgument,
                "invalid git checksum \(checksum.goQuoted)",
                hint: "it is the hash of a commit, or at least the first 7 digits of one"
            )
        }
    }

    /// ssh takes a host that begins with a dash for an option.
    private static func hostIsPlain(_ remote: String) -> Bool {
        guard let scheme = remote.firstRange(of: "://") else { return !remote.contains("@-") && !remote.hasPrefix("-") }
        let authority = remote[scheme.upperBound...].prefix { $0 != "/" }
        return !authority.isEmpty && !authority.hasPrefix("-") && !authority.contains("@-")
    }

    /// A name that git allows for references (git-check-ref-format), without its ways to say more than a name.
    private static func isReference(_ text: String) -> Bool {
        let isPlain = text.utf8.allSatisfy { byte in
            byte > 0x20 && byte != 0x7f && !"~^:?*[\\".utf8.contains(byte)
        }
        return isPlain && !text.hasPrefix("-") && !text.hasPrefix("/") && !text.hasSuffix("/") && !text.hasSuffix(".")
            && !text.contains("..") && !text.contains("//") && !text.contains("@{") && text.utf8.count <= 1024
    }

    private static func isCommit(_ text: String) -> Bool {
        (7...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}

import Reporting

/// What a remote has under a name: the commit, and the object that the name stands for.
struct GitReference: Hashable, Sendable {
    /// Complete: `refs/heads/main`, `HEAD`; nil where a commit was named by its hash.
    var name: String?
    var commit: String
    /// The annotated tag, where it is one; else the commit.
    var object: String

    /// Whether a text is the complete hash of a commit.
    static func isHash(_ text: String) -> Bool {
        (text.utf8.count == 40 || text.utf8.count == 64)
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// A commit that was named by its complete hash.
    init(hash: String) {
        commit = hash
        object = hash
    }

    /// Finds a name in what `ls-remote` lists; nil where nothing has it.
    ///
    /// As BuildKit, a name that is complete counts first, then branches, then tags; without a name, the default branch.
    init?(_ wanted: String?, in listing: String) {
        var objects: [Substring: String] = [:]
        for line in listing.split(separator: "\n") {
            let fields = line.split(separator: "\t", maxSplits: 1)
            guard fields.count == 2, Self.isHash(String(fields[0])) else { continue }
            objects[fields[1]] = String(fields[0])
        }
        let candidates =
            wanted.map { name in
                let short = name.hasPrefix("refs/") ? String(name.dropFirst(5)) : name
                return ["refs/\(short)", "refs/heads/\(short)", "refs/tags/\(short)"]
            } ?? ["HEAD"]
        guard let name = candidates.first(where: { objects[Substring($0)] != nil }),
            let object = objects[Substring(name)]
        else { return nil }
        self.name = name
        self.object = object
        commit = objects[Substring("\(name)^{}")] ?? object
    }

    /// Whether the commit, or the tag, is the one that a checksum names, in full or by its beginning.
    func matches(_ checksum: String) -> Bool { commit.hasPrefix(checksum) || object.hasPrefix(checksum) }
}

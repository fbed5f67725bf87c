import LinuxSystem

/// Says how the members of a copy's layer differ from those of another.
enum FileComparison {
    /// How many files are named.
    static let limit = 20

    /// The differences in the order of the paths; of more than `limit` only the number is told.
    static func changes(from before: MemberList, to now: MemberList, limit: Int = limit) -> [KeyChange] {
        let (first, count) = now.differences(from: before, limit: limit)
        let named = first.map { difference in
            KeyChange.file(path: "/\(difference.path)", change(from: difference.before, to: difference.now))
        }
        return count > first.count ? named + [.moreFiles(count - first.count)] : named
    }

    private static func change(from old: String?, to new: String?) -> KeyChange.FileChange {
        guard let new else { return .removed }
        guard let old else { return .added }
        return .changed(aspects(old, new))
    }

    /// Which of mode, owner, kind, target, attributes and content differ.
    private static func aspects(_ old: String, _ new: String) -> [String] {
        let (old, new) = (MemberValue(old), MemberValue(new))
        var aspects: [String] = []
        if old.mode != new.mode { aspects.append("mode \(old.mode) → \(new.mode)") }
        if old.owner != new.owner { aspects.append("owner \(old.owner) → \(new.owner)") }
        if old.kind != new.kind { aspects.append("\(old.kind) → \(new.kind)") }
        if old.attributes != new.attributes { aspects.append("attributes") }
        if old.content != new.content, old.kind == new.kind { aspects.append("content") }
        return aspects.isEmpty ? ["content"] : aspects
    }

    /// `MODE OWNER KIND [name=digest …] [digest] [unpacked]` taken apart.
    private struct MemberValue {
        var mode = ""
        var owner = ""
        var kind = ""
        var attributes: [Substring] = []
        var content = ""

        init(_ text: String) {
            let fields = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return }
            mode = String(fields[0])
            owner = String(fields[1])
            var words = fields[2].split(separator: " ", omittingEmptySubsequences: false)[...]
            if let first = words.first, first == "link" || first == "same" || first == "character" || first == "block" {
                kind = words.joined(separator: " ")
                return
            }
            kind = words.popFirst().map(String.init) ?? ""
            attributes = words.filter { $0.contains("=sha256:") }
            content = words.filter { !$0.contains("=sha256:") }.joined(separator: " ")
        }
    }
}
